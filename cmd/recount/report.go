package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
)

// reportCommand writes one page about a run.
func reportCommand() *cli.Command {
	return &cli.Command{
		Name:  "report",
		Usage: "write one page that shows a run, and where a machine's count differs, with pictures of the marks in question",
		Description: "The page needs nothing else: no network, no script. Beside it an audit return is written as CSV, where a machine's\n" +
			"figures are given. Exit status 3 when something disagrees or a machine's record is missing.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "`FOLDER` of a finished run"},
			&cli.StringFlag{Name: "out", Usage: "the page, a new `FILE` (report.html); the return is named as it with .csv"},
			&cli.StringSliceFlag{Name: "images", Usage: "the run's scans, `FOLDER` or file as given to read: for pictures; may be given often"},
			&cli.IntFlag{Name: "crops", Value: batch.DefaultCrops, Usage: "how many pictures at most"},
			&cli.StringSliceFlag{Name: "totals", Aliases: []string{"machine"}, Usage: "the machine's figures, a `FILE` as of compare; may be given often"},
			&cli.StringSliceFlag{Name: "reported", Usage: "the figures as they were reported (typed), a `FILE` as of compare"},
			&cli.StringFlag{Name: "contest", Usage: "the contest of a table that does not name it: `TITLE` (totals by batch)"},
			&cli.StringFlag{Name: "over-under", Value: string(audit.AsVotes), Usage: "what the machine's over- and undervotes count: votes or ballots"},
		}, sheetFlags()...),
		Action: writeReport,
	}
}

func writeReport(c *cli.Context) error {
	if err := needs(c, "run", "out"); err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	how := audit.OverUnderAs(c.String("over-under"))
	if how != audit.AsVotes && how != audit.AsBallots {
		return usagef("--over-under %q: say votes or ballots", how)
	}
	if c.Int("crops") < 1 || c.Int("crops") > 5000 {
		return usagef("--crops: say a number from 1 to 5000")
	}
	sheets, err := sheetOptions(c)
	if err != nil {
		return err
	}
	if strings.EqualFold(filepath.Ext(c.String("out")), ".csv") {
		return usagef("--out %s: that is the return's name; name the page, as report.html", c.String("out"))
	}
	if err := absent(pageFiles(c)...); err != nil {
		return err
	}
	tape, typed := c.StringSlice("totals"), c.StringSlice("reported")
	if len(tape) == 0 {
		tape, typed = typed, nil
	}
	run, err := batch.OpenRun(c.String("run"))
	if err != nil {
		return err
	}
	defer func() { _ = run.Close() }() // it was only read
	o := batch.ReportOptions{Images: c.StringSlice("images"), Crops: c.Int("crops")}
	look := false
	if len(tape) > 0 {
		options := audit.MachineOptions{Contest: c.String("contest")}
		machine, err := audit.OpenMachine(tape, options)
		if err != nil {
			return err
		}
		if o.Comparison, err = compareSources(run.Finished, machine, typed, options, audit.Options{OverUnder: how, Limit: sheets.Limit, Names: sheets.Names}); err != nil {
			return err
		}
		look = o.Comparison.Disagreements() > 0
	}
	if paths := c.StringSlice("cvr"); len(paths) > 0 {
		if o.Records, err = compareRecords(run, paths, sheets); err != nil {
			return err
		}
		look = look || o.Records.Look()
	}
	page, err := run.Report(o)
	if err != nil {
		return err
	}
	if err := writePage(c, page, o); err != nil {
		return err
	}
	if look {
		return errLook
	}
	return nil
}

// pageFiles are the page and, where a machine's figures are given, the return beside it.
func pageFiles(c *cli.Context) []string {
	out := c.String("out")
	if len(c.StringSlice("totals"))+len(c.StringSlice("reported"))+len(c.StringSlice("cvr")) == 0 {
		return []string{out}
	}
	return []string{out, strings.TrimSuffix(out, filepath.Ext(out)) + ".csv"}
}

// writePage writes the page, and the return beside it.
func writePage(c *cli.Context, page *audit.Page, o batch.ReportOptions) error {
	files := pageFiles(c)
	if err := writeNew(files[0], page.WriteHTML); err != nil {
		return err
	}
	var write func(io.Writer) error
	switch {
	case o.Records != nil:
		write = o.Records.WriteReturn
	case o.Comparison != nil:
		write = o.Comparison.WriteReturn
	}
	if write != nil {
		if err := writeNew(files[1], write); err != nil {
			return err
		}
	}
	_, err := io.WriteString(c.App.Writer, files[0]+"\n")
	return err
}
