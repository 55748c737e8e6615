package main

import (
	"github.com/urfave/cli/v2"

	"recount/batch"
)

// decideCommand decides a finished run again with other limits.
func decideCommand() *cli.Command {
	return &cli.Command{
		Name:  "decide",
		Usage: "decide a finished run again with other limits, from its measurements and without the scans",
		Description: "The run stays as it is; the new results, with a ledger of their own, go to --out. With the limits of the run the\n" +
			"results are the run's, byte for byte.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "`FOLDER` of the finished run"},
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` for the new results"},
			limitsFlag(),
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
	limits, err := readLimits(c.String("limits"))
	if err != nil {
		return err
	}
	p := newProgress(c.App.ErrWriter)
	sum, err := batch.Decide(c.Context, batch.DecideOptions{Run: c.String("run"), Out: c.String("out"), Limits: limits, Force: c.Bool("force"),
		Program: program, Progress: p.show})
	p.end()
	if err != nil {
		return err
	}
	return sayRun(c, sum)
}
