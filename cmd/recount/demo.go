package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"recount/fixtures"
)

// demoCommand draws the demonstration election. It is hidden: nobody counts drawn ballots.
func demoCommand() *cli.Command {
	return &cli.Command{
		Name:    "demo-election",
		Aliases: []string{"fixture"},
		Usage:   "draw a small municipal election with scans, truth and machine totals, for the demonstration",
		Hidden:  true,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "new `FOLDER` to write"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "what decides every name, mark and damage"},
			&cli.IntFlag{Name: "sheets", Value: 40, Usage: "how many sheets"},
		},
		Action: func(c *cli.Context) error {
			if err := needs(c, "out"); err != nil {
				return err
			}
			if err := noArguments(c); err != nil {
				return err
			}
			if n := c.Int("sheets"); n < 1 || n > 100000 {
				return usagef("--sheets %d: say 1 to 100000", n)
			}
			if err := fixtures.WriteSuite(c.String("out"), fixtures.Options{Seed: c.Uint64("seed"), Sheets: c.Int("sheets")}); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.App.Writer, "%s holds %d sheets; its README.txt says what to do with them\n", c.String("out"), c.Int("sheets"))
			return err
		},
	}
}

// fixturesCommand draws a suite of the proving ground. It is hidden, as the demonstration is.
func fixturesCommand() *cli.Command {
	return &cli.Command{
		Name:   "fixtures",
		Usage:  "draw a suite of marked and damaged ballots with its truth, to prove readers with",
		Hidden: true,
		Description: "Everything drawn follows from the seed: the same flags give the same bytes. docs/PROVING.md says what is drawn.\n" +
			"Layouts: " + list(fixtures.Families) + "\nMarks: " + list(fixtures.Kinds) + "\nDamage: " + list(fixtures.Faults),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "new `FOLDER` to write"},
			&cli.StringFlag{Name: "layout", Usage: "the `LAYOUT` of the ballots"},
			&cli.StringFlag{Name: "election", Usage: "mark and damage the blanks of this definition `FILE` instead of drawn ones"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "what decides every name, mark and damage"},
			&cli.IntFlag{Name: "sheets", Value: 20, Usage: "how many voters"},
			&cli.IntFlag{Name: "styles", Value: 2, Usage: "how many styles, near twins among them"},
			&cli.IntFlag{Name: "pages", Value: 1, Usage: "pages of each style"},
			&cli.IntFlag{Name: "columns", Usage: "columns of contests, 2 to 7 (default: the seed's choice)"},
			&cli.Float64Flag{Name: "height", Usage: "`INCHES` of the paper, 11 to 19 (default: the layout's)"},
			&cli.IntFlag{Name: "dpi", Value: 200, Usage: "resolution of the blanks, 100 to 600"},
			&cli.StringFlag{Name: "marks", Usage: "`KINDS` of marks, separated by commas (default: what people do)"},
			&cli.StringFlag{Name: "damage", Value: "everyday", Usage: "everyday, none, or `KIND=STRENGTH` pairs separated by commas, strengths 0 to 1"},
		},
		Action: drawFixtures,
	}
}

// list writes names for help and errors.
func list[T ~string](names []T) string {
	var out []string
	for _, n := range names {
		out = append(out, string(n))
	}
	return strings.Join(out, ", ")
}

func drawFixtures(c *cli.Context) error {
	if err := needs(c, "out"); err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	o := fixtures.GroundOptions{Sheets: c.Int("sheets"), Ballots: fixtures.BallotOptions{
		Family: fixtures.Family(c.String("layout")), Seed: c.Uint64("seed"), DPI: c.Int("dpi"), Height: c.Float64("height"),
		Columns: c.Int("columns"), Styles: c.Int("styles"), Pages: c.Int("pages"),
	}}
	if path := c.String("election"); path != "" {
		if c.IsSet("layout") {
			return usagef("--layout draws ballots and --election takes those of a definition: say one of them")
		}
		real, err := fixtures.OpenBallots(path)
		if err != nil {
			return err
		}
		o.Real = real
	} else if !slices.Contains(fixtures.Families, o.Ballots.Family) {
		return usagef("--layout %s: say one of %s", o.Ballots.Family, list(fixtures.Families))
	}
	if o.Sheets < 1 || o.Sheets > 100000 {
		return usagef("--sheets %d: say 1 to 100000", o.Sheets)
	}
	for _, k := range split(c.String("marks")) {
		if !slices.Contains(fixtures.Kinds, fixtures.Kind(k)) {
			return usagef("--marks %s: say some of %s", k, list(fixtures.Kinds))
		}
		o.Kinds = append(o.Kinds, fixtures.Kind(k))
	}
	var err error
	if o.Harms, err = harms(c.String("damage")); err != nil {
		return err
	}
	if err := fixtures.WriteGround(c.String("out"), o); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s holds %d sheets; its README.txt says what to do with them\n", c.String("out"), o.Sheets)
	return err
}

// split parts a list at its commas; an empty list has no part.
func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// harms reads the flag --damage: nil for an ordinary scanner's.
func harms(s string) ([]fixtures.Harm, error) {
	if s == "everyday" {
		return nil, nil
	}
	out := []fixtures.Harm{}
	if s == "none" {
		return out, nil
	}
	for _, part := range split(s) {
		kind, strength, _ := strings.Cut(part, "=")
		v, err := strconv.ParseFloat(strength, 64)
		if err != nil || !(v >= 0 && v <= 1) || !slices.Contains(fixtures.Faults, fixtures.Fault(kind)) {
			return nil, usagef("--damage %s: say everyday, none, or KIND=STRENGTH with a strength of 0 to 1 and one of %s", part, list(fixtures.Faults))
		}
		out = append(out, fixtures.Harm{Kind: fixtures.Fault(kind), Strength: v})
	}
	return out, nil
}
