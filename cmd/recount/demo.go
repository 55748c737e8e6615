package main

import (
	"fmt"

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
