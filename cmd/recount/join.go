package main

import (
	"github.com/urfave/cli/v2"

	"recount/batch"
)

// joinCommand makes one run of its shards.
func joinCommand() *cli.Command {
	return &cli.Command{
		Name:      "join",
		Usage:     "make one run of the shards that recount read --shard left",
		ArgsUsage: "SHARDS...",
		Description: "SHARDS are the folders of all shards, in any order. The run is the same, byte for byte, as if the scans\n" +
			"had been read in one go. The same command goes on where a stopped join ended.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` of the run"},
			&cli.StringSliceFlag{Name: "images", Usage: "`SCANS` that were read, for pages that only their pictures tell apart; may be given several times"},
			&cli.BoolFlag{Name: "force", Usage: "start over where the folder holds another run"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: joinShards,
	}
}

func joinShards(c *cli.Context) error {
	if err := needs(c, "out"); err != nil {
		return err
	}
	if c.NArg() == 0 {
		return usagef("recount join needs the folders of the shards")
	}
	p := newProgress(c.App.ErrWriter)
	sum, err := batch.Join(c.Context, batch.JoinOptions{Shards: c.Args().Slice(), Out: c.String("out"), Images: c.StringSlice("images"),
		Force: c.Bool("force"), Program: program, Progress: p.show})
	p.end()
	if err != nil {
		return err
	}
	return sayRun(c, sum)
}
