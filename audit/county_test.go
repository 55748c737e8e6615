package audit_test

import (
	"flag"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/fixtures"
	"recount/marks"
	"recount/vote"
)

var countySheets = flag.Int("county", 2000, "sheets of the drawn county, 2000 to 1000000")

// countyRecords gives our records of the county's images, as a run writes them, named as the vendor's scanner names its images.
func countyRecords(c *fixtures.County, kind fixtures.ExportKind) iter.Seq2[*cvr.Record, error] {
	e := c.Election()
	return func(yield func(*cvr.Record, error) bool) {
		for s := range c.Scans() {
			st := e.Style(s.Style)
			var in []vote.Reading
			for _, p := range st.Pages {
				for i, t := range p.Targets {
					m := marks.Mark{Outline: 9800, Dark: 9000, Fill: 20}
					for _, k := range s.Marks {
						if k.Contest == t.Contest && k.Choice == t.Choice {
							m.Fill, m.Spread, m.Trace = marks.Score(k.Fill), marks.Score(k.Span), k.Trace
						}
					}
					in = append(in, vote.Reading{Page: p.Number, Target: i, Contest: t.Contest, Choice: t.Choice, Mark: m})
				}
			}
			images := []cvr.Image{{Name: "scans/" + fixtures.ScanName(kind, s.Address), Page: 1, Side: "front"}}
			r := &cvr.Record{ID: cvr.RecordID(images), Precinct: st.Precinct, Images: images, Sheet: vote.DecideSheet(e, st, 1, in, vote.DefaultLimits())}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// classOf is the kind of difference that a planted fault must be found as.
var classOf = map[fixtures.PlantedKind]audit.DifferenceKind{fixtures.SwappedVote: audit.Real, fixtures.OvervoteWord: audit.Wording,
	fixtures.MarginalMark: audit.Marginal, fixtures.WrittenIn: audit.WriteInDiffers, fixtures.MissingContest: audit.MissingContest}

// peak is the most memory that the heap held while f ran, garbage left out where it was collected, in MB.
func peak(f func()) float64 {
	runtime.GC()
	var most uint64
	done, stopped := make(chan bool), sync.WaitGroup{}
	stopped.Add(1)
	go func() {
		defer stopped.Done()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	stopped.Wait()
	return float64(most) / (1 << 20)
}

// cpu is the processor time that the test has used: on a machine with other work the clock says nothing.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// A county's sheets beside its machine's records in each vendor's form: each of sixty planted faults is found as what it is, and
// nothing else is said. `make county` draws 20,000 sheets.
func TestCounty(t *testing.T) {
	c, err := fixtures.NewCounty(fixtures.CountyOptions{Seed: 2026, Sheets: *countySheets})
	require.NoError(t, err)
	require.Len(t, c.Faults(), 60)
	began := time.Now()
	for _, kind := range fixtures.ExportKinds {
		t.Run(string(kind), func(t *testing.T) {
			dir := t.TempDir()
			path, err := fixtures.WriteExport(kind, dir, c.Election(), c.Records())
			require.NoError(t, err)
			var found *audit.SheetComparison
			var twice *audit.Rescanned
			start := cpu(t)
			most := peak(func() {
				x, err := cvr.OpenExport([]string{path}, cvr.ExportOptions{})
				require.NoError(t, err)
				defer x.Close()
				scanned := audit.NewRescans()
				ours := func(yield func(*cvr.Record, error) bool) {
					for r, err := range countyRecords(c, kind) {
						scanned.Add(r)
						if !yield(r, err) {
							return
						}
					}
				}
				found, err = audit.CompareSheets(c.Election(), ours, x, audit.SheetOptions{Limits: vote.DefaultLimits(), Limit: audit.DefaultLimit})
				require.NoError(t, err)
				twice = scanned.Find()
			})
			took := cpu(t) - start
			right := countyFound(t, c, kind, found)
			right += mistyped(t, c, kind, path)
			right += doubled(t, c, kind, twice)
			assert.Equal(t, 60, right)
			if testing.Verbose() {
				fmt.Printf("figure county-%s-found %d\nfigure county-%s-cpu-seconds %.1f\nfigure county-%s-peak-MB %.0f\n", kind, right, kind, took.Seconds(), kind, most)
			}
		})
	}
	if testing.Verbose() {
		var r syscall.Rusage
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
		fmt.Printf("figure county-seconds %.0f\nfigure county-peak-MB-of-the-system %d\n", time.Since(began).Seconds(), r.Maxrss>>10)
	}
}

// doubled holds the sheets found to be scanned twice against those of the doubled batch.
func doubled(t *testing.T, c *fixtures.County, kind fixtures.ExportKind, found *audit.Rescanned) int {
	t.Helper()
	var got, want []string
	assert.Empty(t, found.Notes)
	for _, p := range found.Pairs {
		got = append(got, p.Sheet)
	}
	for _, f := range c.Faults() {
		if f.Kind == fixtures.DoubledSheet {
			want = append(want, "scans/"+fixtures.ScanName(kind, f.Address))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	assert.Equal(t, want, got)
	return len(got)
}

// recordOf is how a comparison names the record of a sheet, at its end.
func recordOf(kind fixtures.ExportKind, a fixtures.Address) string {
	scan := strings.TrimSuffix(strings.TrimSuffix(fixtures.ScanName(kind, a), ".tif"), ".jpg")
	switch kind {
	case "ess-csv":
		return fmt.Sprintf("batch %d, record %06d)", a.Batch, a.Batch*1000+a.Record)
	case "ess-xlsx", "hart":
		return "(" + scan + ")"
	case "clearballot":
		return fmt.Sprintf("batch B%04d, record %d)", a.Batch, a.Record)
	}
	return fmt.Sprintf("batch %d, record %d)", a.Batch, a.Record)
}

// countyFound holds what was found against what was planted, but for the doubled batch, which the machine counted twice as well, and
// the mistyped total; it gives how many faults were found right.
func countyFound(t *testing.T, c *fixtures.County, kind fixtures.ExportKind, s *audit.SheetComparison) (right int) {
	t.Helper()
	differ, missing, images := map[string]audit.DifferenceKind{}, map[string]bool{}, map[string]bool{}
	for _, f := range c.Faults() {
		name := "scans/" + fixtures.ScanName(kind, f.Address)
		switch k, ok := classOf[f.Kind]; {
		case ok:
			differ[name+" "+c.Election().Contest(f.Contest).Title] = k
		case f.Kind == fixtures.MissingRecord:
			missing[name] = true
		case f.Kind == fixtures.MissingImage:
			images[recordOf(kind, f.Address)] = true
		}
	}
	for _, d := range s.Differences {
		key := d.Sheet + " " + d.Contest
		if assert.Equal(t, differ[key], d.Kind, "%s: ours %s, machine %s, %v", key, d.Ours, d.Machine, d.Marks) {
			right++
		}
		delete(differ, key)
	}
	assert.Empty(t, differ, "not found")
	for _, u := range s.MissingRecords {
		if assert.True(t, missing[u.Name], u.Name) {
			right++
		}
	}
	assert.Len(t, s.MissingRecords, len(missing))
	for _, u := range s.MissingImages {
		for end := range images {
			if strings.HasSuffix(u.Name, end) {
				right++
				break
			}
		}
	}
	assert.Len(t, s.MissingImages, len(images))
	for _, list := range []int{len(s.Twice), len(s.Proposals), len(s.Unmatched), s.Cut} {
		assert.Zero(t, list)
	}
	assert.Equal(t, s.Records-len(images), s.Matched)
	assert.Equal(t, s.Sheets-len(missing), s.Matched)
	return right
}

// mistyped holds the run's totals beside the machine's and a report typed off them with one wrong figure. It is the one line whose
// reported figure is not the machine's, and where nothing else is wrong it is called a typing error.
func mistyped(t *testing.T, c *fixtures.County, kind fixtures.ExportKind, path string) int {
	t.Helper()
	e := c.Election()
	tally := audit.NewTally(e)
	for r, err := range countyRecords(c, kind) {
		require.NoError(t, err)
		require.NoError(t, tally.Add(r.Precinct, "", &r.Sheet))
	}
	require.NoError(t, tally.Check())
	machine, err := audit.OpenMachine([]string{path}, audit.MachineOptions{})
	require.NoError(t, err)
	typed := *machine
	typed.Rows = slices.Clone(machine.Rows)
	last, title := e.Styles[len(e.Styles)-1].Precinct, e.Contest(c.Faults()[59].Contest).Title
	i := slices.IndexFunc(typed.Rows, func(r audit.MachineRow) bool { return r.Precinct == last && r.Contest == title && r.Candidate == "No" })
	require.GreaterOrEqual(t, i, 0)
	typed.Rows[i].Votes += 90
	cmp, err := audit.CompareThree(e, tally.Totals(), machine, &typed, audit.Options{Limit: audit.DefaultLimit})
	require.NoError(t, err)
	assert.Empty(t, cmp.Unmatched)
	assert.Empty(t, cmp.Proposals)
	var wrong []string
	for _, l := range cmp.Lines {
		require.NotNil(t, l.ReportedVotes, "%s %s", l.Contest, l.Choice)
		if *l.ReportedVotes != l.Machine {
			wrong = append(wrong, fmt.Sprintf("%s|%s|%s|%s", l.Precinct, l.Contest, l.Choice, l.Finding))
		} else if l.Precinct == last {
			assert.Empty(t, l.Finding, "%s %s", l.Contest, l.Choice)
		}
	}
	assert.Len(t, wrong, 2, "the precinct's line and that of all ballots: %v", wrong)
	if assert.Contains(t, wrong, last+"|"+title+"|No|"+string(audit.Typing)) {
		return 1
	}
	return 0
}
