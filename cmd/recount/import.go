package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"recount/election"
	"recount/template/author"
)

// importCommand makes a definition of another program's.
func importCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "make election.json of another program's definition, with blanks or pictures drawn from it",
		ArgsUsage: "FILE [STYLE/PAGE=BLANK...]",
		Description: "Reads VotingWorks election.json, AccuVote interface XML (AVSInterface; blanks needed) and NIST SP 1500-20 Ballot\n" +
			"Definitions. A file that does not say where targets lie gives only contests.csv, to complete for `recount template new`.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "what wrote the file: votingworks, avs or nist-1500-20 (default: told by its content)"},
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` to write"},
			&cli.StringFlag{Name: "title", Usage: "the election's `TITLE` (default: the file's)"},
			&cli.StringFlag{Name: "paper", Usage: "the real paper where the file names the wrong one: letter, legal or inches as 8.5x17"},
			&cli.StringFlag{Name: "marks", Usage: "whose timing marks the ballots have where the file does not say: accuvote or votingworks"},
			&cli.StringFlag{Name: "positions", Usage: "box (the default) or grid: what X and Y of a NIST file are, inches or columns and rows of timing marks"},
			&cli.Float64Flag{Name: "dpi", Usage: "resolution of blanks that do not say theirs, and to draw at"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: importTemplate,
	}
}

// exportCommand writes a definition for other programs.
func exportCommand() *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write a definition in another format",
		Description: "A NIST SP 1500-20 Ballot Definition holds contests, choices, parties, styles, precincts, targets and timing marks. It\n" +
			"cannot hold reference pictures, printed codes, arrows (written as rectangles) and notes.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "to", Usage: "the format: nist-1500-20"},
			&cli.StringFlag{Name: "election", Usage: "definition `FILE`"},
			&cli.StringFlag{Name: "out", Usage: "`FILE` to write; it must not be there yet"},
			&cli.StringFlag{Name: "date", Usage: "election day, `YYYY-MM-DD`, where the definition has none"},
		},
		Action: exportTemplate,
	}
}

// imported is what `template import` made, as JSON.
type imported struct {
	From     election.Kind  `json:"from"`
	Election string         `json:"election,omitempty"` // the file; empty where only the contest list was written
	List     string         `json:"contest_list"`
	Title    string         `json:"title,omitempty"`
	Contests int            `json:"contests"`
	Pages    []importedPage `json:"pages"`
	Notes    []string       `json:"notes"`
}

// importedPage is one style's page; Drawn says that its picture was drawn from the definition.
type importedPage struct {
	Style   string  `json:"style"`
	Page    int     `json:"page"`
	Side    string  `json:"side"`
	Targets int     `json:"targets"`
	Width   int     `json:"width"`
	Height  int     `json:"height"`
	DPI     float64 `json:"dpi"`
	Drawn   bool    `json:"drawn"`
}

func importedOf(r *author.ImportResult, out string) imported {
	j := imported{From: r.Kind, List: r.List, Pages: []importedPage{}, Notes: append([]string{}, r.Notes...)}
	if r.Election == nil {
		return j
	}
	j.Election, j.Title, j.Contests = filepath.Join(out, author.DefinitionFile), r.Election.Title, len(r.Election.Contests)
	for _, s := range r.Election.Styles {
		for _, g := range s.Pages {
			j.Pages = append(j.Pages, importedPage{s.ID, g.Number, g.Side(), len(g.Targets), g.Picture.Width, g.Picture.Height, g.Picture.DPI, g.Picture.Drawn})
		}
	}
	return j
}

func importTemplate(c *cli.Context) error {
	if err := needs(c, "out"); err != nil {
		return err
	}
	if c.NArg() == 0 {
		return usagef("recount template import needs the FILE to import")
	}
	o := author.ImportOptions{Kind: election.Kind(c.String("from")), File: c.Args().First(), Title: c.String("title"), Out: c.String("out"), DPI: c.Float64("dpi"),
		Tracks: election.Tracks(c.String("marks"))}
	switch o.Kind {
	case "", election.VotingWorks, election.AccuVote, election.NIST150020:
	default:
		return usagef("--from %q: there are %s, %s and %s", o.Kind, election.VotingWorks, election.AccuVote, election.NIST150020)
	}
	switch o.Tracks {
	case "", election.AccuVoteTracks, election.VotingWorksTracks:
	default:
		return usagef("--marks %q: there are %s and %s", o.Tracks, election.AccuVoteTracks, election.VotingWorksTracks)
	}
	switch c.String("positions") {
	case "grid":
		if o.Grid = true; o.Tracks == "" {
			return usagef("--positions grid needs --marks: whose timing marks are counted")
		}
	case "", "box":
	default:
		return usagef("--positions %q: say box or grid", c.String("positions"))
	}
	if s := c.String("paper"); s != "" {
		var err error
		if o.Paper, err = election.ParsePaper(s); err != nil {
			return usagef("--paper: %v", err)
		}
	}
	if c.IsSet("dpi") && !(o.DPI >= 50 && o.DPI <= 1300) {
		return usagef("--dpi %v: say 50 to 1300", o.DPI)
	}
	for _, a := range c.Args().Tail() {
		b, err := author.ParseBlankArg(a)
		if err != nil {
			return usagef("%v", err)
		}
		o.Blanks = append(o.Blanks, b)
	}
	r, err := author.Import(o)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, importedOf(r, o.Out))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(c.App.ErrWriter, "note: %s\n", n)
	}
	if r.Election == nil {
		_, err := fmt.Fprintf(c.App.Writer, "%s: a contest list only. Complete and check every row, then use it with recount template new.\n", r.List)
		return err
	}
	file := filepath.Join(o.Out, author.DefinitionFile)
	if err := describeElection(c, r.Election, file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.App.ErrWriter, "Check the names in %s and look at the proofs that this draws before reading scans: recount template check --election %s --out proofs\n", r.List, file)
	return err
}

func exportTemplate(c *cli.Context) error {
	if err := needs(c, "to", "election", "out"); err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	if to := c.String("to"); to != string(election.NIST150020) {
		return usagef("--to %q: there is %s", to, election.NIST150020)
	}
	e, err := election.Load(c.String("election"))
	if err != nil {
		return err
	}
	data, err := e.WriteBallotDefinition(c.String("date"), program)
	if err != nil {
		return fmt.Errorf("%s: %w", c.String("election"), err)
	}
	out := c.String("out")
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("write ballot definition: %w", err)
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("write ballot definition %s: %w", out, err)
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s: NIST SP 1500-20, %d contests, %d styles\n", out, len(e.Contests), len(e.Styles))
	return err
}
