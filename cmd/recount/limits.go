package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"recount/vote"
)

// limitsFlag names the file of limits.
func limitsFlag() cli.Flag {
	return &cli.StringFlag{Name: "limits", Usage: "`FILE` of limits, as `recount limits` prints them"}
}

// limitsCommand prints the limits in force.
func limitsCommand() *cli.Command {
	return &cli.Command{
		Name:  "limits",
		Usage: "print the limits that turn measurements into answers",
		Flags: []cli.Flag{limitsFlag()},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			l, err := readLimits(c.String("limits"))
			if err != nil {
				return err
			}
			return printJSON(c.App.Writer, l)
		},
	}
}

// maxLimits is the largest file of limits read, in bytes.
const maxLimits = 1 << 16

// readLimits reads a file of limits: those it does not name keep their default. "" is all defaults.
func readLimits(path string) (vote.Limits, error) {
	l := vote.DefaultLimits()
	if path == "" {
		return l, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return l, fmt.Errorf("read limits: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxLimits+1))
	if err != nil {
		return l, fmt.Errorf("read limits: %w", err)
	}
	if len(data) > maxLimits {
		return l, fmt.Errorf("read limits %s: larger than %d bytes: give a file as `recount limits` prints it", path, maxLimits)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return l, fmt.Errorf("read limits %s: %w: give a file as `recount limits` prints it", path, err)
	}
	if dec.More() {
		return l, fmt.Errorf("read limits %s: more than one JSON object: give a file as `recount limits` prints it", path)
	}
	if err := l.Validate(); err != nil {
		return l, fmt.Errorf("read limits %s: %w", path, err)
	}
	return l, nil
}
