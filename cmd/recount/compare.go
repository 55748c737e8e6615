package main

import (
	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
)

// compareCommand sets a run beside a machine's totals.
func compareCommand() *cli.Command {
	return &cli.Command{
		Name:  "compare",
		Usage: "set a run beside a machine's totals, those reported, or its records sheet by sheet",
		Description: "The machine's figure agrees when it lies between the clear votes and the clear and questionable votes\n" +
			"together. Exit status 3 when something disagrees.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "`FOLDER` of a finished run"},
			&cli.StringSliceFlag{Name: "machine", Aliases: []string{"totals"}, Usage: "the machine's figures, its tape or export: a CSV `FILE` with contest, candidate and votes,\n" +
				"\tor any other of docs/FORMATS.md, totals or cast-vote records; may be given often"},
			&cli.StringSliceFlag{Name: "reported", Usage: "the figures as they were reported (typed), in a `FILE` of the same kinds; beside --machine\n" +
				"\ta typing error shows as one"},
			&cli.StringFlag{Name: "contest", Usage: "the contest of a table that does not name it: `TITLE` (totals by batch)"},
			&cli.StringFlag{Name: "over-under", Value: string(audit.AsVotes), Usage: "what the machine's over- and undervotes count: votes or ballots"},
			&cli.StringFlag{Name: "out", Usage: "write audit-return.csv to this `FOLDER`, and with --cvr differences.csv, margins.csv and balance.csv"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		}, sheetFlags()...),
		Action: compareTotals,
	}
}

func compareTotals(c *cli.Context) error {
	if err := needs(c, "run"); err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	if len(c.StringSlice("cvr")) > 0 {
		return compareSheets(c)
	}
	for _, name := range []string{"by", "sheets"} {
		if c.IsSet(name) {
			return usagef("--%s is for records (--cvr); totals are compared by precinct and batch where both sides name them", name)
		}
	}
	sheets, err := sheetOptions(c)
	if err != nil {
		return err
	}
	tape, typed := c.StringSlice("machine"), c.StringSlice("reported")
	if len(tape) == 0 {
		// Reported figures alone are compared as the machine's.
		if tape, typed = typed, nil; len(tape) == 0 {
			return usagef("%s needs --machine (or --totals), --reported or --cvr", c.Command.HelpName)
		}
	}
	how := audit.OverUnderAs(c.String("over-under"))
	if how != audit.AsVotes && how != audit.AsBallots {
		return usagef("--over-under %q: say votes or ballots", how)
	}
	run, err := batch.OpenFinished(c.String("run"))
	if err != nil {
		return err
	}
	options := audit.MachineOptions{Contest: c.String("contest")}
	machine, err := audit.OpenMachine(tape, options)
	if err != nil {
		return err
	}
	cmp, err := compareSources(run, machine, typed, options, audit.Options{OverUnder: how, Limit: sheets.Limit, Names: sheets.Names})
	if err != nil {
		return err
	}
	if err := writeTables(c.String("out"), table{"audit-return.csv", cmp.WriteReturn}); err != nil {
		return err
	}
	write := cmp.WriteTable
	if c.Bool("json") {
		write = cmp.WriteJSON
	}
	if err := write(c.App.Writer); err != nil {
		return err
	}
	if err := sayProposals(c, sheets.Names, cmp.Proposals); err != nil {
		return err
	}
	if cmp.Disagreements() > 0 {
		return errLook
	}
	return nil
}

// compareSources sets two sources side by side, or three.
func compareSources(run *batch.Finished, machine *audit.Machine, typed []string, o audit.MachineOptions, how audit.Options) (*audit.Comparison, error) {
	if len(typed) == 0 {
		return audit.Compare(run.Election, run.Totals, machine, how)
	}
	reported, err := audit.OpenMachine(typed, o)
	if err != nil {
		return nil, err
	}
	return audit.CompareThree(run.Election, run.Totals, machine, reported, how)
}
