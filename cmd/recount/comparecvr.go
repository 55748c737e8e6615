package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
	"recount/cvr"
)

// sheetFlags are those of a comparison sheet by sheet, which compare and report share.
func sheetFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "cvr", Usage: "the machine's cast-vote records, `FILE`, folder or archive: compared sheet by sheet; may be given often"},
		&cli.StringFlag{Name: "mapping", Usage: "names that are not the same in both: a CSV `FILE` that a person confirms; where it is missing\n" +
			"\tcompare writes it, as a proposal"},
		&cli.StringFlag{Name: "sheets", Usage: "which record a sheet is, with --cvr, where no image name or number tells: a CSV `FILE` of sheet,record"},
		&cli.StringSliceFlag{Name: "by", Usage: "with --cvr, totals apart by `PART` too: " + strings.Join(words(audit.Parts()), ", ")},
		&cli.StringFlag{Name: "limit", Value: audit.DefaultLimit.String(), Usage: "name a total that is off by more than this `PERCENTAGE` of the machine's figure; 0 for none"},
	}
}

// sheetOptions reads those flags.
func sheetOptions(c *cli.Context) (o audit.SheetOptions, err error) {
	if o.Limit, err = audit.ParseLimit(c.String("limit")); err != nil {
		return o, usagef("--limit: %v", err)
	}
	for _, p := range c.StringSlice("by") {
		if !slices.Contains(audit.Parts(), audit.Part(p)) {
			return o, usagef("--by %q: say one of %s", p, strings.Join(words(audit.Parts()), ", "))
		}
		o.By = append(o.By, audit.Part(p))
	}
	if name := c.String("mapping"); name != "" {
		f, err := os.Open(name)
		if err == nil {
			defer f.Close()
			if o.Names, err = audit.ReadMapping(name, f); err != nil {
				return o, err
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return o, fmt.Errorf("read the mapping: %w", err)
		}
	}
	if name := c.String("sheets"); name != "" {
		f, err := os.Open(name)
		if err != nil {
			return o, fmt.Errorf("read the sheets' mapping: %w", err)
		}
		defer f.Close()
		if o.Sheets, err = audit.ReadSheetMapping(name, f); err != nil {
			return o, err
		}
	}
	return o, nil
}

// compareRecords opens an export and sets the run beside it.
func compareRecords(run *batch.FinishedRun, paths []string, o audit.SheetOptions) (*audit.SheetComparison, error) {
	x, err := cvr.OpenExport(paths, cvr.ExportOptions{})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	o.Limits = run.Limits
	return audit.CompareSheets(run.Election, run.Records(), x, o)
}

// proposeNames writes the mapping where there is none yet, and beside one that lacks some names a next one. It gives the name of
// the file written, or "".
func proposeNames(name string, m *audit.Mapping, proposals []audit.Pairing) (string, error) {
	if name == "" || len(proposals) == 0 {
		return "", nil
	}
	if m != nil {
		name = strings.TrimSuffix(name, filepath.Ext(name)) + "-next.csv"
	}
	var b bytes.Buffer
	if err := audit.WriteProposals(&b, m, proposals); err != nil {
		return "", err
	}
	if have, err := os.ReadFile(name); err == nil && bytes.Equal(have, b.Bytes()) {
		return name, nil // proposed before, and not answered yet
	}
	return name, writeNew(name, func(w io.Writer) error { _, err := b.WriteTo(w); return err })
}

// sayProposals writes the mapping that a person is to answer, and says where it is.
func sayProposals(c *cli.Context, m *audit.Mapping, proposals []audit.Pairing) error {
	name, err := proposeNames(c.String("mapping"), m, proposals)
	if err != nil {
		return err
	}
	if name != "" {
		fmt.Fprintf(c.App.ErrWriter, "%s proposes what the names mean: put yes or no in its last column and give it with --mapping\n", name)
	}
	return nil
}

// absent refuses files that are there already, before any work is done for them: one may be a scan, or what a person made.
func absent(names ...string) error {
	for _, name := range names {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%s is there already: move it away, or give another name", name)
		}
	}
	return nil
}

// writeNew writes a file that must not be there yet, whole or not at all.
func writeNew(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := absent(name); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(name))
	}
	return nil
}

// table is a file that a comparison writes.
type table struct {
	name  string
	write func(io.Writer) error
}

// writeTables writes files that must not be there yet into a folder, or none where no folder is named.
func writeTables(dir string, tables ...table) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	for _, t := range tables {
		if err := writeNew(filepath.Join(dir, t.name), t.write); err != nil {
			return err
		}
	}
	return nil
}

// compareSheets is compare with --cvr.
func compareSheets(c *cli.Context) error {
	if len(c.StringSlice("machine"))+len(c.StringSlice("reported")) > 0 {
		return usagef("compare sheets (--cvr) and totals (--machine, --reported) one after the other; report takes both")
	}
	o, err := sheetOptions(c)
	if err != nil {
		return err
	}
	run, err := batch.OpenRun(c.String("run"))
	if err != nil {
		return err
	}
	defer func() { _ = run.Close() }() // it was only read
	s, err := compareRecords(run, c.StringSlice("cvr"), o)
	if err != nil {
		return err
	}
	if err := writeTables(c.String("out"), table{"audit-return.csv", s.WriteReturn}, table{"differences.csv", s.WriteDifferences},
		table{"margins.csv", s.WriteMargins}, table{"balance.csv", s.WriteBalance}); err != nil {
		return err
	}
	write := s.WriteTable
	if c.Bool("json") {
		write = s.WriteJSON
	}
	if err := write(c.App.Writer); err != nil {
		return err
	}
	if err := sayProposals(c, o.Names, s.Proposals); err != nil {
		return err
	}
	if s.Look() {
		return errLook
	}
	return nil
}
