package batch

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/scanner"
	"recount/vote"
)

// BenchmarkPage is a page of an election of one style, by its steps: the file's bytes to pixels (Decode), registration (Match), and
// bytes to votes (File). The page is 8.5 x 11 in at 200 dots an inch with 51 targets, scanned as scanners do every day. cpu-ms/page is
// processor time, which other work on the machine disturbs less than the clock's.
func BenchmarkPage(b *testing.B) {
	p, err := drawPress("bench", fixtures.BallotOptions{Family: fixtures.AccuVote, Seed: 11, DPI: 200, Styles: 1})
	require.NoError(b, err)
	style := &p.election.Styles[0]
	page := &style.Pages[0]
	for _, f := range []struct {
		name  string
		harms []fixtures.Harm
	}{
		{"JPEG", []fixtures.Harm{{Kind: fixtures.Skew, Strength: 0.15, Seed: 1}, {Kind: fixtures.Noisy, Strength: 0.1, Seed: 2}, {Kind: fixtures.Coded, Strength: 0.25}}},
		{"G4", []fixtures.Harm{{Kind: fixtures.Skew, Strength: 0.15, Seed: 1}, {Kind: fixtures.Noisy, Strength: 0.1, Seed: 2}, {Kind: fixtures.CutDark, Strength: 0.2}}},
	} {
		side, err := fixtures.MarkPage(p.ballots.Blank(style.ID, 1), page, fixtures.Votes(p.election, page, 5, []fixtures.Kind{fixtures.Full, fixtures.Sloppy}), fixtures.Marking{Seed: 5})
		require.NoError(b, err)
		name, data, err := side.File("page", f.harms)
		require.NoError(b, err)
		decode := func() *scanner.Page {
			pages, err := scanner.Decode(name, data, scanner.Limits{})
			require.NoError(b, err)
			return pages[0].Page
		}
		scan := decode()
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"Decode", func() { decode().Release() }},
			{"Match", func() {
				_, err := p.set.Match(scan)
				require.NoError(b, err)
			}},
			{"File", func() {
				pg := decode()
				r := ReadPage(p.set, pg)
				require.NoError(b, r.Refused)
				vote.DecideSheet(p.election, style, page.Sheet(), readingsOf(&r.Candidates[0]), vote.DefaultLimits())
				pg.Release()
			}},
		} {
			b.Run(f.name+step.name, func(b *testing.B) {
				n, before := 0, processorTime()
				for b.Loop() {
					step.do()
					n++
				}
				b.ReportMetric(float64(processorTime()-before)/1e6/float64(max(1, n)), "cpu-ms/page")
			})
		}
	}
}

// processorTime is what this process has used of it, in nanoseconds.
func processorTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
