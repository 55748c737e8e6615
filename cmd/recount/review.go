package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/urfave/cli/v2"

	"recount/batch"
	"recount/review"
)

// reviewCommand serves the review desk.
func reviewCommand() *cli.Command {
	return &cli.Command{
		Name:  "review",
		Usage: "look at what is in question in a browser on this computer, decide it, and keep a log",
		Description: "Prints an address that is good once; stop with Ctrl-C. The run is not changed: decisions go to a log of their own, whose entries\n" +
			"are chained by hash, and `recount decide --log` counts by it. docs/REVIEW.md says how to work with it.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "`FOLDER` of a finished run"},
			&cli.StringSliceFlag{Name: "images", Usage: "the run's scans, `FOLDER` or file as given to read; may be given often. Without them there are no pictures"},
			&cli.StringFlag{Name: "log", Usage: "the log of decisions, a `FILE`, made where it is missing (default: decisions.jsonl in the run's folder). Its index lies beside it"},
			&cli.IntFlag{Name: "people", Value: 1, Usage: "how many people must say the same before a decision counts: 1 or 2"},
			&cli.BoolFlag{Name: "blind", Usage: "show no answer, the program's or the machine's, before a person decided"},
			&cli.StringFlag{Name: "election", Usage: "the definition `FILE` with its blanks, to look at styles"},
			&cli.IntFlag{Name: "port", Usage: "the port on 127.0.0.1 (default: a free one)"},
		}, sheetFlags()...),
		Action: serveReview,
	}
}

func serveReview(c *cli.Context) error {
	if err := needs(c, "run"); err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	if n := c.Int("people"); n != 1 && n != 2 {
		return usagef("--people %d: say 1 or 2", n)
	}
	if n := c.Int("port"); n < 0 || n > 65535 {
		return usagef("--port %d: say 1 to 65535", n)
	}
	sheets, err := sheetOptions(c)
	if err != nil {
		return err
	}
	run, err := batch.OpenRun(c.String("run"))
	if err != nil {
		return err
	}
	defer func() { _ = run.Close() }() // it was only read
	log := c.String("log")
	if log == "" {
		log = filepath.Join(c.String("run"), batch.DecisionsFile)
	}
	p := newProgress(c.App.ErrWriter)
	o := review.Options{Run: run, Images: c.StringSlice("images"), Log: log, People: c.Int("people"), Blind: c.Bool("blind"), Definition: c.String("election"),
		Program: program, Port: c.Int("port"), Progress: p.show}
	if paths := c.StringSlice("cvr"); len(paths) > 0 {
		if o.Machine, err = compareRecords(run, paths, sheets); err != nil {
			return err
		}
	}
	s, err := review.New(o)
	p.end()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.App.Writer, "%s\n", s.Address()); err != nil {
		return err
	}
	fmt.Fprintf(c.App.ErrWriter, "Open this address in a browser on this computer: it is good once. Ctrl-C ends the review.\nDecisions go to %s\n", log)
	ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := s.Serve(ctx); err != nil && ctx.Err() == nil && !errors.Is(c.Err(), context.Canceled) {
		return err
	}
	hash, n := s.Head()
	_, err = fmt.Fprintf(c.App.Writer, "%d decisions; the log's last hash is %s\n", n, hash)
	return err
}
