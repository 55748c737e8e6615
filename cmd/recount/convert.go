package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"recount/batch"
	"recount/cvr"
)

// convertCommand writes cast-vote records for other programs.
func convertCommand() *cli.Command {
	return &cli.Command{
		Name:      "convert",
		Usage:     "write cast-vote records, a machine's or a run's cvr.json, for another program",
		ArgsUsage: "[FILE...]",
		Description: "arlo: cvrs.csv, as Dominion's table, and manifest.csv. rctab: a table for each ranked contest, its candidates from\n" +
			"column 3 on. csv: records.csv, a row a mark. nist-folder, of a run: each sheet's NIST record in a file of its own.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "cvr", Usage: "`FILE`, folder or archive of records; may be given often"},
			&cli.StringFlag{Name: "run", Usage: "`FOLDER` of a finished run, for its cvr.json"},
			&cli.StringFlag{Name: "to", Usage: "the `FORM`: " + strings.Join(words(cvr.Targets()), ", ") + ", nist-folder"},
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` to write"},
			&cli.StringFlag{Name: "format", Usage: "read every file as this `KIND`: " + strings.Join(words(cvr.Kinds()), ", ")},
			&cli.StringFlag{Name: "snapshot", Usage: "which state of each record: " + strings.Join(cvr.Snapshots(), ", "), Value: "current"},
			&cli.BoolFlag{Name: "force", Usage: "write over files that are there"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: convertRecords,
	}
}

func convertRecords(c *cli.Context) error {
	if err := needs(c, "to", "out"); err != nil {
		return err
	}
	if c.String("to") == nistFolder {
		return convertRun(c)
	}
	paths, o, err := runOrExport(c)
	if err != nil {
		return err
	}
	to := cvr.Target(c.String("to"))
	if !slices.Contains(cvr.Targets(), to) {
		return usagef("--to %q: say one of %s", to, strings.Join(words(cvr.Targets()), ", ")+", "+nistFolder)
	}
	made, err := convertInto(c.String("out"), c.Bool("force"), func(create func(string) (io.WriteCloser, error)) (*cvr.Converted, error) {
		return cvr.Convert(paths, o, to, create)
	})
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, made)
	}
	for _, n := range made.Notes {
		fmt.Fprintf(c.App.Writer, "Note: %s\n", n)
	}
	_, err = fmt.Fprintf(c.App.Writer, "%d records written to %s (%s).\n", made.Records, c.String("out"), strings.Join(made.Files, ", "))
	return err
}

// runOrExport gives the records to convert: a run's, or those of an export.
func runOrExport(c *cli.Context) ([]string, cvr.ExportOptions, error) {
	if !c.IsSet("run") {
		return exportFlags(c)
	}
	if len(c.StringSlice("cvr")) > 0 || c.Args().Present() || c.String("format") != "" {
		return nil, cvr.ExportOptions{}, usagef("--run names the records: leave --cvr, --format and the files out")
	}
	file, err := batch.Records(c.String("run"))
	if err != nil {
		return nil, cvr.ExportOptions{}, err
	}
	return []string{file}, cvr.ExportOptions{Kind: cvr.NIST, Snapshot: c.String("snapshot")}, nil
}

// nistFolder is the form that a run alone can be written in: other programs' records have no marks to show.
const nistFolder = "nist-folder"

// convertRun writes a run's records, a file a sheet.
func convertRun(c *cli.Context) error {
	if err := needs(c, "run"); err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	if len(c.StringSlice("cvr")) > 0 {
		return usagef("--to %s takes a run (--run), not records", nistFolder)
	}
	run, err := batch.OpenRun(c.String("run"))
	if err != nil {
		return err
	}
	defer func() { _ = run.Close() }() // it was only read
	out := filepath.Clean(c.String("out"))
	tmp, tidy, err := beside(out)
	if err != nil {
		return err
	}
	defer tidy()
	made := &cvr.Converted{Files: []string{}, Notes: []string{}}
	made.Records, err = run.WriteRecords(func(name string) (io.WriteCloser, error) {
		folder := path.Dir(name)
		if n := len(made.Files); n == 0 || made.Files[n-1] != folder {
			if _, err := os.Lstat(filepath.Join(out, folder)); err == nil && !c.Bool("force") {
				return nil, fmt.Errorf("%s is there already: give --force, or another --out", filepath.Join(out, folder))
			}
			if err := os.Mkdir(filepath.Join(tmp, folder), 0o777); err != nil {
				return nil, err
			}
			made.Files = append(made.Files, folder)
		}
		return os.OpenFile(filepath.Join(tmp, filepath.FromSlash(name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	})
	if err != nil {
		return err
	}
	for _, folder := range made.Files {
		if err := os.RemoveAll(filepath.Join(out, folder)); err != nil { // it is not there but with --force
			return fmt.Errorf("write records: %w", err)
		}
		if err := os.Rename(filepath.Join(tmp, folder), filepath.Join(out, folder)); err != nil {
			return fmt.Errorf("write records: %w", err)
		}
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, made)
	}
	_, err = fmt.Fprintf(c.App.Writer, "%d records written to %s, a file each, in %d folders.\n", made.Records, out, len(made.Files))
	return err
}

// beside makes a folder in out, which is made if missing, for what is not whole yet. tidy takes it away again, and out too where it
// was made and nothing came to stand in it.
func beside(out string) (tmp string, tidy func(), err error) {
	_, err = os.Lstat(out)
	isNew := errors.Is(err, os.ErrNotExist)
	if err := os.MkdirAll(out, 0o777); err != nil {
		return "", nil, fmt.Errorf("write records: %w", err)
	}
	if tmp, err = os.MkdirTemp(out, ".records-*"); err != nil {
		return "", nil, fmt.Errorf("write records: %w", err)
	}
	return tmp, func() {
		_ = os.RemoveAll(tmp)
		if isNew {
			_ = os.Remove(out) // refused where it holds anything
		}
	}, nil
}

// convertInto gives the files to write in a folder beside out, and moves them there when all are whole.
func convertInto(out string, force bool, convert func(func(string) (io.WriteCloser, error)) (*cvr.Converted, error)) (*cvr.Converted, error) {
	out = filepath.Clean(out)
	tmp, tidy, err := beside(out)
	if err != nil {
		return nil, err
	}
	defer tidy()
	made, err := convert(func(name string) (io.WriteCloser, error) {
		if _, err := os.Lstat(filepath.Join(out, name)); err == nil && !force {
			return nil, fmt.Errorf("%s is there already: give --force, or another --out", filepath.Join(out, name))
		} else if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		return os.Create(filepath.Join(tmp, name))
	})
	if err != nil {
		return nil, err
	}
	for _, name := range made.Files {
		if err := os.Rename(filepath.Join(tmp, name), filepath.Join(out, name)); err != nil {
			return nil, fmt.Errorf("write records: %w", err)
		}
	}
	return made, nil
}
