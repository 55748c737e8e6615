package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
)

// compareCommand sets a run beside a machine's totals.
func compareCommand() *cli.Command {
	return &cli.Command{
		Name:  "compare",
		Usage: "set a run's totals beside a machine's",
		Description: "The machine's figure agrees when it lies between the clear votes and the clear and questionable votes\n" +
			"together. Exit status 3 when something disagrees.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "`FOLDER` of a finished run"},
			&cli.StringFlag{Name: "totals", Usage: "the machine's totals, a CSV `FILE` with contest, candidate and votes"},
			&cli.StringFlag{Name: "over-under", Value: string(audit.AsVotes), Usage: "what the machine's over- and undervotes count: votes or ballots"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: compareTotals,
	}
}

func compareTotals(c *cli.Context) error {
	if err := needs(c, "run", "totals"); err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	how := audit.OverUnderAs(c.String("over-under"))
	if how != audit.AsVotes && how != audit.AsBallots {
		return usagef("--over-under %q: say votes or ballots", how)
	}
	run, err := batch.OpenFinished(c.String("run"))
	if err != nil {
		return err
	}
	f, err := os.Open(c.String("totals"))
	if err != nil {
		return fmt.Errorf("read the machine's totals: %w", err)
	}
	defer f.Close()
	machine, err := audit.ReadMachine(c.String("totals"), f)
	if err != nil {
		return err
	}
	cmp, err := audit.Compare(run.Election, run.Totals, machine, audit.Options{OverUnder: how})
	if err != nil {
		return err
	}
	write := cmp.WriteTable
	if c.Bool("json") {
		write = cmp.WriteJSON
	}
	if err := write(c.App.Writer); err != nil {
		return err
	}
	if cmp.Disagreements() > 0 {
		return errLook
	}
	return nil
}
