package batch

import (
	"flag"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/election"
	"recount/fixtures"
	"recount/vote"
)

var countyScans = flag.Int("county.scans", 24, "sheets of TestCountyFromScans, which are drawn, scanned and read")

// fromScans is a small town whose sheets are drawn and read, and its machine's records with faults in them.
type fromScans struct {
	def    *election.Election
	voters []fixtures.Voter
	faults map[int]string // by voter
}

// address is where a voter's sheet lies.
func (f *fromScans) address(i int) fixtures.Address {
	return fixtures.Address{Tabulator: 1, Batch: i/20 + 1, Record: i%20 + 1}
}

// records are the machine's, from what the voters meant.
func (f *fromScans) records() iter.Seq[fixtures.MachineSheet] {
	return func(yield func(fixtures.MachineSheet) bool) {
		for i, v := range f.voters {
			fault := f.faults[i]
			if fault == "missing-cvr" {
				continue
			}
			s := fixtures.MachineSheet{Address: f.address(i), Style: v.Style}
			for _, c := range f.contests(v.Style) {
				var marked []string
				people := map[string]bool{}
				for _, h := range v.Marks {
					if h.Contest == c.ID {
						marked = append(marked, h.Choice)
						people[c.Choice(h.Choice).Person()] = true
					}
				}
				over := len(people) > c.VoteFor
				if c.ID == "mayor" {
					switch fault {
					case string(audit.Real):
						marked = []string{"1B"}
					case string(audit.Wording):
						marked, over = nil, false
					case string(audit.WriteInDiffers):
						marked = nil
					case string(audit.MissingContest):
						continue
					}
				}
				s.Votes = append(s.Votes, fixtures.MachineVotes{Contest: c.ID, Choices: marked, Overvoted: over})
			}
			if !yield(s) {
				return
			}
		}
	}
}

func (f *fromScans) contests(style string) (out []*election.Contest) {
	for _, p := range f.def.Style(style).Pages {
		for _, t := range p.Targets {
			if c := f.def.Contest(t.Contest); !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// Sheets that were drawn, scanned and read, beside a machine's records in each vendor's form, some under names that only a list of
// sheet,record ties to the images: the planted faults are found as what they are, what the reading itself asks about is shown as
// a question, and nothing else is said.
func TestCountyFromScans(t *testing.T) {
	began := time.Now()
	dir := t.TempDir()
	o := fixtures.Options{Seed: 31, DPI: 150, Sheets: *countyScans}
	m, err := fixtures.New(o)
	require.NoError(t, err)
	require.NoError(t, fixtures.WriteSuite(filepath.Join(dir, "suite"), fixtures.Options{Seed: 31, DPI: 150, Sheets: 1}))
	definition := filepath.Join(dir, "suite", "election.json")
	require.NoError(t, m.Election().Write(definition))
	f := &fromScans{def: m.Election(), faults: map[int]string{}}
	for _, v := range m.Voters() {
		v.Marks = slices.DeleteFunc(slices.Clone(v.Marks), func(h fixtures.Hand) bool { return h.Kind.Truth() != "vote" })
		f.voters = append(f.voters, v)
	}
	plant := func(i int, fault string, mayor ...string) {
		v := &f.voters[i]
		f.faults[i] = fault
		v.Marks = slices.DeleteFunc(v.Marks, func(h fixtures.Hand) bool { return len(mayor) > 0 && h.Contest == "mayor" })
		for _, id := range mayor {
			v.Marks = append(v.Marks, fixtures.Hand{Contest: "mayor", Choice: id, Kind: fixtures.Full, Written: id == "1W"})
		}
	}
	plant(0, string(audit.Real), "1A")
	plant(1, string(audit.Wording), "1A", "1B")
	plant(3, string(audit.WriteInDiffers), "1W")
	plant(6, string(audit.MissingContest), "1A")
	plant(7, "missing-cvr")
	plant(9, "missing-image")
	plant(10, "missing-cvr")
	plant(12, "missing-image")
	images := filepath.Join(dir, "images")
	require.NoError(t, os.MkdirAll(images, 0o755))
	for i, v := range f.voters {
		if f.faults[i] == "missing-image" {
			continue
		}
		scans, err := m.Sheet(i, v)
		require.NoError(t, err)
		for k, s := range scans {
			name := fmt.Sprintf("00001_%05d_%06d", f.address(i).Batch, f.address(i).Record)
			if len(scans) > 1 {
				name += []string{"-front", "-back"}[k]
			}
			require.NoError(t, os.WriteFile(filepath.Join(images, name+filepath.Ext(s.Name)), s.Bytes, 0o644))
		}
	}
	out := filepath.Join(dir, "run")
	sum, err := Run(t.Context(), Options{Election: definition, Out: out, Inputs: []string{images}, Workers: 2, Limits: vote.DefaultLimits(), Program: "test"})
	require.NoError(t, err)
	require.Equal(t, len(f.voters)-2, sum.Sheets)
	require.Zero(t, sum.Outcomes[string(Refused)], sum.Refusals)
	run, err := OpenRun(out)
	require.NoError(t, err)
	defer run.Close()
	for _, kind := range fixtures.ExportKinds {
		t.Run(string(kind), func(t *testing.T) {
			path, err := fixtures.WriteExport(kind, t.TempDir(), f.def, f.records())
			require.NoError(t, err)
			x, err := cvr.OpenExport([]string{path}, cvr.ExportOptions{})
			require.NoError(t, err)
			defer x.Close()
			names := map[string]string{} // the vendor's scanner named the images otherwise
			contests, open := 0, 0       // on the sheets with a record; those that the reading itself asks about
			for r, err := range run.Records() {
				require.NoError(t, err)
				var a fixtures.Address
				_, err := fmt.Sscanf(r.Images[0].Name, "%d_%d_%d", &a.Tabulator, &a.Batch, &a.Record)
				require.NoError(t, err)
				if _, dropped := f.faults[(a.Batch-1)*20+a.Record-1]; !dropped || f.faults[(a.Batch-1)*20+a.Record-1] != "missing-cvr" {
					scan := fixtures.ScanName(kind, a)
					names[r.Images[0].Name] = scan[:len(scan)-len(filepath.Ext(scan))]
					for _, c := range r.Sheet.Contests {
						contests++
						if c.Status == vote.Doubtful {
							open++
						}
					}
				}
			}
			s, err := audit.CompareSheets(f.def, run.Records(), x, audit.SheetOptions{Limits: run.Limits, Sheets: names})
			require.NoError(t, err)
			got, want := map[string]int{}, map[string]int{}
			for k, n := range s.Kinds {
				got[string(k)] = n
			}
			got["missing-cvr"], got["missing-image"] = len(s.MissingRecords), len(s.MissingImages)
			for fault := range maps.Values(f.faults) {
				want[fault]++
			}
			// Everyday scans leave a question now and then, a speck of dust in the place for a name. It is shown as one, and as nothing worse.
			if open > 0 {
				want[string(audit.OpenHere)] = open
			}
			assert.LessOrEqual(t, open, contests/100, "the reading asks too much")
			assert.Equal(t, want, got, "%v", s.Differences)
			assert.Empty(t, s.Twice)
			assert.Empty(t, s.Proposals)
			assert.Empty(t, s.Unmatched)
			assert.Equal(t, sum.Sheets-2, s.Matched)
			if testing.Verbose() {
				fmt.Printf("figure scans-%s-sheets %d\nfigure scans-%s-found %d\n", kind, sum.Sheets, kind, len(s.Differences)-open+len(s.MissingRecords)+len(s.MissingImages))
				fmt.Printf("figure scans-%s-questions %d\n", kind, open)
			}
		})
	}
	if testing.Verbose() {
		var r syscall.Rusage
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
		fmt.Printf("figure scans-seconds %.0f\nfigure scans-peak-MB-of-the-system %d\n", time.Since(began).Seconds(), r.Maxrss>>10)
	}
}
