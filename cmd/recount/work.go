package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"recount/batch"
)

// databaseFlag is the address of a run that many machines read.
func databaseFlag() cli.Flag {
	return &cli.StringFlag{Name: "db", EnvVars: []string{"RECOUNT_DB"}, Usage: "PostgreSQL `URL` of a run that many machines read, as postgres://USER@HOST/NAME"}
}

// workCommand reads for a run in a database.
func workCommand() *cli.Command {
	return &cli.Command{
		Name:      "work",
		Usage:     "read for the run that recount read --db began, beside any number of other machines",
		ArgsUsage: "[SCANS...]",
		Description: "SCANS say where the scans lie on this machine, where that is another place than the run was begun with.\n" +
			"It ends when all is read. It may be killed and started again at any time.",
		Flags: append(watchFlags(), []cli.Flag{
			databaseFlag(),
			&cli.IntFlag{Name: "workers", Usage: "sheets read at the same time (default: one a processor)"},
			&cli.BoolFlag{Name: "stay", Usage: "do not end when all is read"},
			&cli.BoolFlag{Name: "missing", Usage: "refuse the files of the manifest that are not here, instead of not starting"},
		}...),
		Action: work,
	}
}

func work(c *cli.Context) error {
	if err := needs(c, "db"); err != nil {
		return err
	}
	if c.Int("workers") < 0 || c.Int("workers") > 1024 {
		return usagef("--workers %d: say 1 to 1024", c.Int("workers"))
	}
	p, err := watch(c)
	if err != nil {
		return err
	}
	defer p.end()
	err = batch.Work(c.Context, batch.WorkOptions{Database: c.String("db"), Inputs: c.Args().Slice(), Workers: c.Int("workers"), Stay: c.Bool("stay"),
		Missing: c.Bool("missing"), Program: program, Progress: p.show, Log: p.logger})
	p.end()
	return err
}

// statusCommand looks at a run in a database.
func statusCommand() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "say how far the run in a database has come, and who is at work on it",
		Flags: []cli.Flag{
			databaseFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: func(c *cli.Context) error {
			if err := needs(c, "db"); err != nil {
				return err
			}
			if err := noArguments(c); err != nil {
				return err
			}
			s, err := batch.Status(c.Context, c.String("db"))
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, s)
			}
			return printStatus(c.App.Writer, s)
		},
	}
}

// printStatus writes a run's status as a few lines.
func printStatus(w io.Writer, s *batch.DatabaseStatus) error {
	fmt.Fprintf(w, "%s: %d of %d sheets read (%d files)\n", s.Election, s.Done, s.Units, s.Files)
	for _, o := range []batch.Outcome{batch.Counted, batch.Questions, batch.Refused, batch.Duplicate} {
		fmt.Fprintf(w, "%8d %s\n", s.Outcomes[string(o)], o)
	}
	if s.Done < s.Units && s.Rate > 0 {
		fmt.Fprintf(w, "%.1f sheets a second, about %v left\n", s.Rate, time.Duration(s.Remaining*float64(time.Second)).Round(time.Second))
	}
	fmt.Fprintf(w, "%d at work\n", len(s.Workers))
	for _, x := range s.Workers {
		fmt.Fprintf(w, "  %s: %d sheets\n", x.ID, x.Done)
	}
	states := []string{}
	for state := range s.Jobs {
		states = append(states, state)
	}
	slices.Sort(states)
	for _, state := range states {
		fmt.Fprintf(w, "  jobs %s: %d\n", state, s.Jobs[state])
	}
	return nil
}
