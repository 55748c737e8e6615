package main

import (
	"github.com/urfave/cli/v2"

	"recount/batch"
)

// decideCommand decides a finished run again with other limits.
func decideCommand() *cli.Command {
	return &cli.Command{
		Name:  "decide",
		Usage: "decide a finished run again with other limits, or as people decided, from its measurements and without the scans",
		Description: "The run stays as it is; the new results, with a ledger of their own, go to --out. Without --limits and --log the\n" +
			"results are the run's, byte for byte. Of a log's entries on one target the last stands; docs/OUTPUT.md has its form.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "`FOLDER` of the finished run"},
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` for the new results"},
			&cli.StringFlag{Name: "limits", Usage: "`FILE` of limits, as `recount limits` prints them (default: those of the run)"},
			&cli.StringFlag{Name: "log", Usage: "`FILE` of people's decisions, JSON lines or CSV, in place of those that the run has (default: these stay)"},
			&cli.BoolFlag{Name: "force", Usage: "replace another run in --out"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: decideRun,
	}
}

func decideRun(c *cli.Context) error {
	if err := needs(c, "run", "out"); err != nil {
		return err
	}
	if c.NArg() > 0 {
		return usagef("recount decide takes no scans: it reads the measurements of --run")
	}
	o := batch.DecideOptions{Run: c.String("run"), Out: c.String("out"), Log: c.String("log"), Force: c.Bool("force"), Program: program}
	if name := c.String("limits"); name != "" {
		limits, err := readLimits(name)
		if err != nil {
			return err
		}
		o.Limits = &limits
	}
	p := newProgress(c.App.ErrWriter)
	o.Progress = p.show
	sum, err := batch.Decide(c.Context, o)
	p.end()
	if err != nil {
		return err
	}
	return sayRun(c, sum)
}
