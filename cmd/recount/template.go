package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/election"
	"recount/template"
	"recount/template/author"
)

// templateCommand makes and checks definitions.
func templateCommand() *cli.Command {
	return &cli.Command{
		Name:  "template",
		Usage: "make an election's definition from blank ballots, or check one",
		Subcommands: []*cli.Command{
			{
				Name:      "new",
				Usage:     "make election.json and its reference pictures from blank ballots and a contest list",
				ArgsUsage: "STYLE/PAGE=BLANK...",
				Description: "The contest list is a CSV file, one row a target in reading order: style,page,contest,vote_for,choice,party,\n" +
					"candidate and, where wanted, x,y (the target's centre in inches from the blank's top left corner). Rows without x and y\n" +
					"are paired with the targets in reading order, and the names printed beside the targets, from a PDF's text or read by\n" +
					"Tesseract, must not contradict it: else a list with x and y is proposed for you to confirm.",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "title", Usage: "the election's `TITLE`"},
					&cli.StringFlag{Name: "contests", Usage: "the contest list, a CSV `FILE`"},
					&cli.StringFlag{Name: "out", Usage: "`FOLDER` to write"},
					&cli.Float64Flag{Name: "dpi", Usage: "resolution of blanks that do not say theirs, and to draw PDFs at"},
					&cli.StringSliceFlag{Name: "code", Usage: "take the printed code that this JSON `FILE` describes (docs/OUTPUT.md); may be repeated"},
					&cli.BoolFlag{Name: "ocr", Usage: "check the names with Tesseract where a blank has no text; fail where it is not installed (default: where it is)"},
					&cli.BoolFlag{Name: "no-ocr", Usage: "do not use Tesseract"},
					ocrLanguages(),
					&cli.BoolFlag{Name: "json", Usage: "print how each page was paired as JSON"},
				},
				Action: newTemplate,
			},
			{
				Name:      "draft",
				Usage:     "propose a contest list from what is printed on blank ballots, for a person to complete",
				ArgsUsage: "STYLE/PAGE=BLANK...",
				Description: "One row a target found, with its place and the text beside and above it, from a PDF's text layer or, with --ocr,\n" +
					"read from the picture by Tesseract. The column confidence says how sure the reader was, 0 to 100. Complete and check\n" +
					"every row before `recount template new` gets the list.",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "out", Usage: "CSV `FILE` to write; it must not be there yet"},
					&cli.Float64Flag{Name: "dpi", Usage: "resolution of blanks that do not say theirs, and to draw PDFs at"},
					&cli.BoolFlag{Name: "ocr", Usage: "read the names from the picture with the program Tesseract"},
					ocrLanguages(),
				},
				Action: draftTemplate,
			},
			learnCommand(),
			{
				Name:  "check",
				Usage: "check a definition and its printed codes, and draw a proof of every page: each target outlined and named",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "election", Usage: "definition `FILE`"},
					&cli.StringFlag{Name: "out", Usage: "`FOLDER` for the proofs (default: proof beside the definition)"},
					&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
				},
				Action: checkTemplate,
			},
			importCommand(),
			exportCommand(),
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usagef("no command template %q: there are new, draft, learn, check, import and export", c.Args().First())
			}
			return usagef("recount template needs a command: new, draft, learn, check, import or export")
		},
	}
}

func newTemplate(c *cli.Context) error {
	if err := needs(c, "title", "contests", "out"); err != nil {
		return err
	}
	blanks, err := blankArgs(c)
	if err != nil {
		return err
	}
	o := author.NewOptions{Title: c.String("title"), Contests: c.String("contests"), Out: c.String("out"), DPI: c.Float64("dpi"), Blanks: blanks}
	for _, file := range c.StringSlice("code") {
		r, err := template.ReadCodeRequest(file)
		if err != nil {
			return err
		}
		o.Codes = append(o.Codes, r)
	}
	if c.Bool("ocr") && c.Bool("no-ocr") {
		return usagef("--ocr and --no-ocr: say one of them")
	}
	missing := false
	if !c.Bool("no-ocr") {
		o.OCR, err = author.FindOCR(c.String("ocr-languages"))
		missing = errors.Is(err, author.ErrNoOCR)
		if err != nil && (!missing || c.Bool("ocr")) {
			return fmt.Errorf("--ocr: %w", err)
		}
	}
	made, err := author.Make(o)
	if err != nil {
		return err
	}
	e := made.Election
	for _, n := range made.Notes {
		fmt.Fprintf(c.App.ErrWriter, "note: %s\n", n)
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, made.Pairings)
	}
	if err := describeElection(c, e, filepath.Join(o.Out, "election.json")); err != nil {
		return err
	}
	unread := false
	for _, p := range made.Pairings {
		if p.Rows == 0 {
			continue
		}
		unread = unread || p.Words == ""
		if _, err := fmt.Fprintln(c.App.ErrWriter, p); err != nil {
			return err
		}
	}
	if missing && unread {
		fmt.Fprintf(c.App.ErrWriter, "Names on pictures were not read: %v.\n", author.ErrNoOCR)
	}
	_, err = fmt.Fprintf(c.App.ErrWriter, "Before reading scans, look at the proofs that this draws: recount template check --election %s --out proofs\n",
		filepath.Join(o.Out, "election.json"))
	return err
}

// ocrLanguages is the flag that new and draft share.
func ocrLanguages() cli.Flag {
	return &cli.StringFlag{Name: "ocr-languages", Value: "eng", Usage: "`LANGUAGES` that Tesseract reads, joined by +, as tesseract --list-langs names them"}
}

// blankArgs reads the blank ballots and the resolution that new and draft take.
func blankArgs(c *cli.Context) ([]author.BlankArg, error) {
	if c.NArg() == 0 {
		return nil, usagef("recount template %s needs blank ballots: STYLE/PAGE=BLANK, for example district-1/1=front.tif", c.Command.Name)
	}
	if dpi := c.Float64("dpi"); c.IsSet("dpi") && !(dpi >= 50 && dpi <= 1300) {
		return nil, usagef("--dpi %v: say 50 to 1300", dpi)
	}
	var blanks []author.BlankArg
	for _, a := range c.Args().Slice() {
		b, err := author.ParseBlankArg(a)
		if err != nil {
			return nil, usagef("%v", err)
		}
		blanks = append(blanks, b)
	}
	return blanks, nil
}

func draftTemplate(c *cli.Context) error {
	if err := needs(c, "out"); err != nil {
		return err
	}
	blanks, err := blankArgs(c)
	if err != nil {
		return err
	}
	o := author.DraftOptions{Out: c.String("out"), DPI: c.Float64("dpi"), Blanks: blanks}
	if c.Bool("ocr") {
		if o.OCR, err = author.FindOCR(c.String("ocr-languages")); err != nil {
			return fmt.Errorf("--ocr: %w", err)
		}
	}
	n, err := author.DraftPages(o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s: %d targets. It is a proposal: complete and check every row, then use it with recount template new.\n", c.String("out"), n)
	return err
}

// describeElection says what a definition holds. The votes allowed stand on no proof, and a wrong number makes votes of overvotes.
func describeElection(c *cli.Context, e *election.Election, file string) error {
	w := c.App.Writer
	fmt.Fprintf(w, "%s: %s, %d contests\n", file, e.Title, len(e.Contests))
	for i := range e.Contests {
		k := &e.Contests[i]
		fmt.Fprintf(w, "  contest %s: vote for %d", audit.Label(e, k), k.VoteFor)
		for _, s := range e.Styles {
			if n, ok := s.VoteFor[k.ID]; ok {
				fmt.Fprintf(w, " (on style %s for %d)", s.ID, n)
			}
		}
		fmt.Fprintf(w, ", %d choices", len(k.Choices))
		if k.VoteFor > len(k.Choices) {
			fmt.Fprint(w, ": MORE VOTES THAN CHOICES, is that printed?")
		}
		fmt.Fprintln(w)
	}
	for _, s := range e.Styles {
		for _, p := range s.Pages {
			fmt.Fprintf(w, "  style %s page %d (%s): %d targets, %dx%d pixels at %g dpi\n", s.ID, p.Number, p.Side(), len(p.Targets),
				p.Picture.Width, p.Picture.Height, p.Picture.DPI)
		}
	}
	return nil
}
