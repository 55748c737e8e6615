package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
)

// verifyRunCommand goes over a finished run after the fact.
func verifyRunCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify-run",
		Usage:     "go over a finished run: every input accounted for once, every hash and result as the run left it",
		ArgsUsage: "RUN",
		Description: "The results are written anew from the run's ledger and compared byte for byte. Nothing in RUN is\n" +
			"changed. Exit status 1 where anything is not as it was.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "images", Usage: "`SCANS` that were read, to hash again; may be given several times"},
			&cli.StringSliceFlag{Name: "log", Usage: "the log of decisions, a `FILE`, to prove (default: decisions.jsonl in RUN, where it is)"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: verifyRun,
	}
}

func verifyRun(c *cli.Context) error {
	if c.NArg() != 1 {
		return usagef("recount verify-run needs the folder of one run")
	}
	check, err := batch.VerifyRun(c.Context, c.Args().First(), c.StringSlice("images"), c.StringSlice("log")...)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		err = printJSON(c.App.Writer, check)
	} else {
		err = printRunCheck(c.App.Writer, check, c.IsSet("images"))
	}
	if err != nil {
		return err
	}
	if !check.Good() {
		return errFailed
	}
	return nil
}

// printRunCheck says what was gone over and what was wrong.
func printRunCheck(w io.Writer, c *batch.RunCheck, given bool) error {
	for _, f := range c.Faults {
		fmt.Fprintf(w, "%s: %s\n", f.Check, audit.Shown(f.What))
	}
	if more := c.Faulty - len(c.Faults); more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	scans := "the scans were not given (--images)"
	if given {
		scans = fmt.Sprintf("%d scans hashed again", c.Scans)
	}
	if c.Head != "" {
		scans += fmt.Sprintf("; %d decisions, the last with the hash %s", c.Decisions, c.Head)
	}
	switch {
	case c.DecidedBy != "" && c.Found:
		scans += "; the run was decided by this log"
	case c.DecidedBy != "":
		scans += "; the run was decided by a log that was not given (--log), with the SHA-256 " + c.DecidedBy
	}
	verdict := "all is as the run left it"
	if !c.Good() {
		verdict = fmt.Sprintf("%d things are not as the run left them", c.Faulty)
	}
	_, err := fmt.Fprintf(w, "%d files, %d inputs, %d results; %s: %s\n", c.Files, c.Inputs, len(c.Results), scans, verdict)
	return err
}
