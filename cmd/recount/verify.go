package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
)

// verifyCommand compares readings with what people say.
func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "read suites of scans with a known truth and list what was not read right",
		ArgsUsage: "SUITE...",
		Description: "A SUITE is a folder with election.json, its images (in images/ or beside it) and truth.csv\n" +
			"(image,template,contest,choice,mark,notes) or an expected marks.csv. Exit status 1 on a wrong or unread target.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "election", Usage: "definition `FILE` instead of the suite's election.json"},
			&cli.IntFlag{Name: "workers", Usage: "sheets read at the same time (default: one a processor)"},
			limitsFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: verifySuites,
	}
}

func verifySuites(c *cli.Context) error {
	if c.NArg() == 0 {
		return usagef("recount verify needs the folder of a suite")
	}
	if c.String("election") != "" && c.NArg() > 1 {
		return usagef("--election goes with one suite, and %d are named", c.NArg())
	}
	limits, err := readLimits(c.String("limits"))
	if err != nil {
		return err
	}
	p := newProgress(c.App.ErrWriter)
	var all []*batch.Verification
	good := true
	for _, suite := range c.Args().Slice() {
		v, err := batch.Verify(c.Context, suite, batch.VerifyOptions{Election: c.String("election"), Workers: c.Int("workers"),
			Limits: limits, Program: program, Progress: p.show})
		p.end()
		if err != nil {
			return err
		}
		good = good && v.Good()
		all = append(all, v)
		if !c.Bool("json") {
			if err := printVerification(c.App.Writer, v); err != nil {
				return err
			}
		}
	}
	if c.Bool("json") {
		if err := printJSON(c.App.Writer, all); err != nil {
			return err
		}
	}
	if !good {
		return errFailed
	}
	return nil
}

func printVerification(w io.Writer, v *batch.Verification) error {
	for _, l := range v.Listed {
		switch l.What {
		case "other-style":
			fmt.Fprintf(w, "%s %s: truth %s, read %s\n", l.What, audit.Shown(l.Image), l.Truth, l.Read)
		case "flagged":
			fmt.Fprintf(w, "%s %s: %s / %s: truth %s\n", l.What, audit.Shown(l.Image), l.Contest, l.Choice, l.Truth)
		default:
			fmt.Fprintf(w, "%s %s: %s / %s: truth %s, read %s\n", l.What, audit.Shown(l.Image), l.Contest, l.Choice, l.Truth, l.Read)
		}
	}
	_, err := fmt.Fprintf(w, "%s: images %d, targets %d: right %d, wrong %d, flagged %d (%.2f %%), unread %d, marginal %d (vote %d, questionable %d, none %d), other style %d\n",
		v.Suite, v.Images, v.Targets, v.Right, v.Wrong, v.Flagged, 100*float64(v.Flagged)/float64(max(v.Targets, 1)), v.Unread, v.Marginal,
		v.MarginalVote, v.MarginalQuestion, v.MarginalNone, v.OtherStyle)
	return err
}
