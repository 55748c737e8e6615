package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
	"recount/marks"
)

// readCommand reads scans into a run's folder.
func readCommand() *cli.Command {
	return &cli.Command{
		Name:      "read",
		Usage:     "read scans: every page's marks, every sheet's votes, the totals",
		ArgsUsage: "SCANS...",
		Description: "SCANS are folders (with everything below them), files and zip archives, or places in a bucket\n" +
			"(s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, with the credentials of the cloud's own tools). Everything is written into the\n" +
			"run's folder; the same command goes on where a stopped run ended.",
		Flags: append(watchFlags(), []cli.Flag{
			&cli.StringFlag{Name: "election", Usage: "definition `FILE`, as template new makes it"},
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` of the run"},
			&cli.IntFlag{Name: "workers", Usage: "sheets read at the same time (default: one a processor); with --db, 0 leaves the reading to others"},
			&cli.StringFlag{Name: "pair", Value: "auto", Usage: "how single-page files become sheets: auto (by name), alternate or none"},
			limitsFlag(),
			&cli.StringFlag{Name: "shard", Usage: "read shard `I/N` alone, I from 0 to N-1; recount join makes one run of all N"},
			databaseFlag(),
			&cli.BoolFlag{Name: "force", Usage: "start over where the folder or the database holds another run"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		}...),
		Action: readScans,
	}
}

func readScans(c *cli.Context) error {
	if err := needs(c, "election", "out"); err != nil {
		return err
	}
	if c.NArg() == 0 {
		return usagef("recount read needs scans to read: folders, files, zip archives, s3:// or gs://")
	}
	if c.Int("workers") < 0 || c.Int("workers") > 1024 {
		return usagef("--workers %d: say 1 to 1024", c.Int("workers"))
	}
	pair, err := batch.ParsePairing(c.String("pair"))
	if err != nil {
		return usagef("--pair: %v", err)
	}
	limits, err := readLimits(c.String("limits"))
	if err != nil {
		return err
	}
	p, err := watch(c)
	if err != nil {
		return err
	}
	defer p.end()
	o := batch.Options{
		Election: c.String("election"), Out: c.String("out"), Inputs: c.Args().Slice(), Workers: c.Int("workers"), Pair: pair,
		Limits: limits, Force: c.Bool("force"), Program: program, Progress: p.show, Log: p.logger,
	}
	var sum *batch.Summary
	switch {
	case c.IsSet("shard") && c.String("db") != "":
		return usagef("--shard and --db are two ways to use many machines: say one")
	case c.IsSet("shard"):
		return readShard(c, o, p)
	case c.String("db") != "":
		if !c.IsSet("workers") {
			o.Workers = -1
		}
		sum, err = batch.ReadDatabase(c.Context, c.String("db"), o)
	default:
		sum, err = batch.Run(c.Context, o)
	}
	p.end()
	if err != nil {
		return err
	}
	return sayRun(c, sum)
}

// readShard reads one shard. It ends with 0 where people must look: they look when the shards are joined, and what starts shards on
// many machines must see that this one is done.
func readShard(c *cli.Context, o batch.Options, p *watched) error {
	s, err := batch.ParseShard(c.String("shard"))
	if err != nil {
		return usagef("--shard: %v", err)
	}
	sum, err := batch.ReadShard(c.Context, o, s)
	p.end()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, sum)
	}
	printOutcomes(c.App.Writer, sum)
	_, err = fmt.Fprintf(c.App.Writer, "Shard %v is in %s: join all %d with recount join\n", s, o.Out, s.Count)
	return err
}

// sayRun prints what a run came to; errLook where people must look.
func sayRun(c *cli.Context, sum *batch.Summary) error {
	var err error
	if c.Bool("json") {
		err = printJSON(c.App.Writer, sum)
	} else {
		err = printSummary(c.App.Writer, sum, c.String("out"))
	}
	if err != nil {
		return err
	}
	if !sum.Clean() {
		return errLook
	}
	return nil
}

// printed is how many refusals and questions the table names.
const printed = 20

// printSummary writes the result as a short table.
func printSummary(w io.Writer, s *batch.Summary, out string) error {
	printOutcomes(w, s)
	fmt.Fprintf(w, "%d sheets counted", s.Sheets)
	if s.OneSided > 0 {
		fmt.Fprintf(w, ", %d of them from one side only", s.OneSided)
	}
	fmt.Fprintf(w, "; targets: %d vote, %d questionable, %d none\n", s.Targets.Vote, s.Targets.Questionable, s.Targets.None)
	if d := s.Decisions; d != nil {
		fmt.Fprintf(w, "Decided by hand: %v\n", d)
	}
	printValley(w, s)
	printPages(w, "Refused", s.Outcomes[string(batch.Refused)], s.Refusals)
	printPages(w, "To look at", s.Outcomes[string(batch.Questions)], s.Questions)
	printTwice(w, s, out)
	printPages(w, "Not read, for they are no scans", len(s.Aside), s.Aside)
	_, err := fmt.Fprintf(w, "Results are in %s\n", out)
	return err
}

// printOutcomes says what became of the inputs.
func printOutcomes(w io.Writer, s *batch.Summary) {
	width := len(strconv.Itoa(s.Inputs))
	words := map[batch.Outcome]string{batch.Questions: "counted, with questions"}
	for _, o := range []batch.Outcome{batch.Counted, batch.Questions, batch.Refused, batch.Duplicate} {
		word := words[o]
		if word == "" {
			word = string(o)
		}
		fmt.Fprintf(w, "%*d %s\n", width, s.Outcomes[string(o)], word)
	}
	fmt.Fprintf(w, "%*d inputs (the pages of %d files): the outcomes add up to them\n", width, s.Inputs, s.InFiles)
}

// printTwice says which sheets seem to have been scanned twice.
func printTwice(w io.Writer, s *batch.Summary, out string) {
	if s.ScannedTwice == 0 {
		return
	}
	fmt.Fprintf(w, "Sheets that seem to have been scanned twice, both counted: %d pairs, see %s\n", s.ScannedTwice, filepath.Join(out, "rescans.csv"))
	for i, r := range s.DoubledRuns {
		if i == printed {
			fmt.Fprintf(w, "  and %d more runs\n", len(s.DoubledRuns)-printed)
			break
		}
		fmt.Fprintf(w, "  %d sheets in a row: %s to %s are %s to %s\n", r.Sheets, audit.Shown(r.First), audit.Shown(r.Last), audit.Shown(r.OtherFirst), audit.Shown(r.OtherLast))
	}
}

// printValley says how far from the limits of fill the nearest targets lie, and which batches are unlike the others.
func printValley(w io.Writer, s *batch.Summary) {
	measured := func(n *int) string {
		if n == nil {
			return "nothing"
		}
		return marks.Score(*n).String()
	}
	var said []string
	for _, l := range s.Near {
		switch l.Limit {
		case "none_fill", "arrow_none":
			if l.Below != nil || l.Limit == "none_fill" {
				said = append(said, fmt.Sprintf("%s %v, below it %s", l.Limit, marks.Score(l.Value), measured(l.Below)))
			}
		case "vote_fill", "arrow_vote":
			if l.Above != nil || l.Limit == "vote_fill" {
				said = append(said, fmt.Sprintf("%s %v, above it %s", l.Limit, marks.Score(l.Value), measured(l.Above)))
			}
		}
	}
	if len(said) > 0 {
		fmt.Fprintf(w, "Fill nearest its limits: %s (near.csv, fill.svg)\n", strings.Join(said, "; "))
	}
	if len(s.Odd) == 0 {
		return
	}
	fmt.Fprintln(w, "Batches unlike the others:")
	for i, b := range s.Odd {
		if i == printed {
			fmt.Fprintf(w, "  and %d more: batches.csv\n", len(s.Odd)-printed)
			break
		}
		name := b.Batch
		if name == "" {
			name = "(in no folder)"
		}
		fmt.Fprintf(w, "  %s: %s\n", audit.Shown(name), audit.Shown(b.Why))
	}
}

func printPages(w io.Writer, title string, n int, pages []batch.PageOutcome) {
	if n == 0 {
		return
	}
	fmt.Fprintf(w, "%s:\n", title)
	for i, p := range pages {
		if i == printed {
			break
		}
		fmt.Fprintf(w, "  %s: %s\n", audit.Shown(p.Image), audit.Shown(p.Reason))
	}
	if n > printed {
		fmt.Fprintf(w, "  and %d more\n", n-printed)
	}
}
