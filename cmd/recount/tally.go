package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/cvr"
)

// tallyCommand adds up a machine's cast-vote records without its vendor's program.
func tallyCommand() *cli.Command {
	return &cli.Command{
		Name:      "tally",
		Usage:     "add up a machine's cast-vote records",
		ArgsUsage: "[FILE...]",
		Description: "FILE is an export, a folder of one, or its zip archive: NIST SP 1500-103 JSON, Dominion CSV or JSON,\n" +
			"ES&S CSV or XLSX (with its Ballots CSV), Hart XML, Clear Ballot CSV, OpenCount text. The kind is found from the content.\n" +
			"Exit status 3 when something must be looked at: rows that are no records, a sheet counted twice,\n" +
			"votes that do not add up.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "cvr", Usage: "`FILE`, folder or archive of records; may be given often"},
			&cli.StringFlag{Name: "format", Usage: "read every file as this `KIND`: " + strings.Join(words(cvr.Kinds()), ", ")},
			&cli.StringFlag{Name: "snapshot", Usage: "which state of each record: " + strings.Join(cvr.Snapshots(), ", "), Value: "current"},
			&cli.StringSliceFlag{Name: "by", Usage: "tally apart by `PART`: " + strings.Join(words(audit.Parts()), ", ")},
			&cli.StringSliceFlag{Name: "contests", Usage: "only contests whose names hold `TEXT`"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: tallyRecords,
	}
}

// words gives named values as text.
func words[T ~string](values []T) []string {
	var out []string
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// tallyResult is what tally --json prints.
type tallyResult struct {
	Files []tallyFile `json:"files"`
	*audit.CVRTotals

	files int // read
}

type tallyFile struct {
	File    string `json:"file"`
	Kind    string `json:"kind"`
	Records int    `json:"records"`
}

// exportFlags reads the flags that say which records to read, and how.
func exportFlags(c *cli.Context) ([]string, cvr.ExportOptions, error) {
	paths := append(c.StringSlice("cvr"), c.Args().Slice()...)
	o := cvr.ExportOptions{Kind: cvr.Kind(c.String("format")), Snapshot: c.String("snapshot")}
	if len(paths) == 0 {
		return nil, o, usagef("%s needs the records: --cvr FILE", c.Command.HelpName)
	}
	if o.Kind != "" && !slices.Contains(cvr.Kinds(), o.Kind) {
		return nil, o, usagef("--format %q: say one of %s", o.Kind, strings.Join(words(cvr.Kinds()), ", "))
	}
	if !slices.Contains(cvr.Snapshots(), o.Snapshot) {
		return nil, o, usagef("--snapshot %q: say one of %s", o.Snapshot, strings.Join(cvr.Snapshots(), ", "))
	}
	return paths, o, nil
}

func tallyRecords(c *cli.Context) error {
	paths, o, err := exportFlags(c)
	if err != nil {
		return err
	}
	var by []audit.Part
	for _, p := range c.StringSlice("by") {
		if !slices.Contains(audit.Parts(), audit.Part(p)) {
			return usagef("--by %q: say one of %s", p, strings.Join(words(audit.Parts()), ", "))
		}
		by = append(by, audit.Part(p))
	}
	result, err := tally(paths, o, by)
	if err != nil {
		return err
	}
	if unmatched := result.Keep(c.StringSlice("contests")); len(unmatched) > 0 {
		return fmt.Errorf("--contests %q: no contest of the records has it in its name", unmatched[0])
	}
	if c.Bool("json") {
		err = printJSON(c.App.Writer, result)
	} else {
		err = printTally(c, result)
	}
	if err == nil && len(result.Look) > 0 {
		return errLook
	}
	return err
}

// tally reads and adds up exports.
func tally(paths []string, o cvr.ExportOptions, by []audit.Part) (*tallyResult, error) {
	x, err := cvr.OpenExport(paths, o)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	t := audit.NewCVRTally(x.Roster, by...)
	for r, err := range x.Records() {
		if err != nil {
			return nil, err
		}
		if err := t.Add(r); err != nil {
			return nil, err
		}
	}
	result := &tallyResult{CVRTotals: t.Totals()}
	result.Files = tallyFiles(x.Files)
	result.files = len(x.Files)
	result.Notes = append(result.Notes, x.Notes...)
	if x.Lost > 0 {
		result.Look = append(result.Look, fmt.Sprintf("rows that are no records, or ballots without one, that may hold votes: %d (see the notes)", x.Lost))
	}
	return result, nil
}

// maxListed is how many files are listed one by one: some exports have a file for each sheet.
const maxListed = 100

// tallyFiles lists the files, or the folders and archives that hold them.
func tallyFiles(files []cvr.ExportFile) []tallyFile {
	var out []tallyFile
	at := map[tallyFile]int{}
	for _, f := range files {
		one := tallyFile{File: f.Name, Kind: string(f.Kind)}
		if len(files) > maxListed {
			one.File = path.Dir(f.Name)
		}
		n, ok := at[one]
		if !ok {
			n = len(out)
			at[one] = n
			out = append(out, one)
		}
		out[n].Records += f.Records
	}
	return out
}

func printTally(c *cli.Context, r *tallyResult) error {
	if err := r.WriteTable(c.App.Writer); err != nil {
		return err
	}
	kinds := map[string]bool{}
	var names []string
	for _, f := range r.Files {
		if !kinds[f.Kind] {
			kinds[f.Kind] = true
			names = append(names, f.Kind)
		}
	}
	_, err := fmt.Fprintf(c.App.Writer, "%d records in %d files (%s), %d contests.\n", r.Records, r.files, strings.Join(names, ", "), len(r.Contests))
	return err
}
