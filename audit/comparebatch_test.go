package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/election"
)

// Totals by batch are compared folder by folder, and only where the names are the same.
func TestCompareByBatch(t *testing.T) {
	e := &election.Election{Title: "E", Contests: []election.Contest{
		{ID: "m", Title: "Mayor", VoteFor: 1, Choices: []election.Choice{{ID: "a", Name: "Ann"}, {ID: "b", Name: "Bob"}}},
		{ID: "q", Title: "Question", VoteFor: 1, Choices: []election.Choice{{ID: "y", Name: "Yes"}}},
	}}
	ours := func(folders ...string) *audit.Totals {
		out := &audit.Totals{}
		for i, f := range folders {
			for k, precinct := range []string{"North", "South"} { // a batch may hold ballots of several precincts
				out.Rows = append(out.Rows, audit.TotalRow{Contest: "Mayor", Choice: "Ann", Count: audit.Count{Clear: 10 * (i + 1)}, Precinct: precinct, Batch: f},
					audit.TotalRow{Contest: "Mayor", Choice: "Bob", Count: audit.Count{Clear: 5, Questionable: k}, Precinct: precinct, Batch: f},
					audit.TotalRow{Contest: "Question", Choice: "Yes", Count: audit.Count{Clear: 1}, Precinct: precinct, Batch: f})
			}
		}
		return out
	}
	const both = "Batch Name,Ann,Bob\nB-1,20,10\nB-2,40,11\n"
	tests := []struct {
		name    string
		ours    *audit.Totals
		machine string
		differ  []string // lines of batches that do not agree
		lines   int      // of batches
		lost    []string // unmatched batches
		note    string
	}{
		{"all agree", ours("B-1", "B-2"), both, nil, 4, nil, ""},
		{"named by the last folder, in other signs", ours("county/b_1", "county/b_2"), both, nil, 4, nil, ""},
		{"one figure is off", ours("B-1", "B-2"), strings.Replace(both, "40", "39", 1), []string{"B-2 Ann 39 of 40"}, 4, nil, ""},
		{"votes moved from one batch to another", ours("B-1", "B-2"), "Batch Name,Ann,Bob\nB-1,21,10\nB-2,39,11\n", []string{"B-1 Ann 21 of 20", "B-2 Ann 39 of 40"}, 4, nil, ""},
		{"one batch has another name", ours("B-1", "B-22"), both, nil, 2, []string{"ballots B-22", "machine B-2"}, ""},
		{"no name is the same", ours("first", "second"), both, nil, 0, nil, "other names than the folders"},
		{"two folders end alike", ours("am/B-1", "pm/B-1"), both, nil, 0, nil, "other names than the folders"},
		{"scans in one folder", ours("", ""), both, nil, 0, nil, "the run's totals are not"},
		{"one batch", ours("B-1"), "Batch Name,Ann,Bob\nB-1,20,10\n", nil, 0, nil, ""},
		{"a number for each of two tabulators", ours("B-1", "B-2"),
			"contest,candidate,tabulator,batch,votes\nMayor,Ann,1,B-1,10\nMayor,Ann,2,B-1,10\nMayor,Ann,1,B-2,40\nMayor,Bob,1,B-2,21\n", nil, 0, nil, "more than one tabulator"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := audit.ReadMachine("Town - Mayor - candidate totals by batch.csv", strings.NewReader(tt.machine))
			require.NoError(t, err)
			c, err := audit.Compare(e, tt.ours, m, audit.Options{})
			require.NoError(t, err)
			lines := 0
			var differ, lost []string
			for _, l := range c.Lines {
				if l.Batch == "" {
					continue
				}
				lines++
				assert.Equal(t, "Mayor", l.Contest)
				if !l.Agrees {
					differ = append(differ, l.Batch+" "+l.Choice+" "+itoa(l.Machine)+" of "+itoa(l.Total))
				}
			}
			for _, u := range c.Unmatched {
				if u.Batch != "" {
					lost = append(lost, u.Side+" "+u.Batch)
				}
			}
			assert.Equal(t, tt.differ, differ)
			assert.Equal(t, tt.lines, lines)
			assert.Equal(t, tt.lost, lost)
			if tt.note != "" {
				assert.Contains(t, strings.Join(c.Notes, "\n"), tt.note)
			} else {
				assert.NotContains(t, strings.Join(c.Notes, "\n"), "batch")
			}
			var b strings.Builder
			require.NoError(t, c.WriteTable(&b))
			assert.Equal(t, tt.lines > 0, strings.Contains(b.String(), "\nbatch "), b.String())
		})
	}
}

// Two batches of the machine's that one folder's name fits are an error, and not added up.
func TestCompareByBatchErrors(t *testing.T) {
	e := &election.Election{Title: "E", Contests: []election.Contest{{ID: "m", Title: "Mayor", VoteFor: 1, Choices: []election.Choice{{ID: "a", Name: "Ann"}}}}}
	ours := &audit.Totals{Rows: []audit.TotalRow{{Contest: "Mayor", Choice: "Ann", Batch: "town/B-1"}, {Contest: "Mayor", Choice: "Ann", Batch: "town/B-2"}}}
	m, err := audit.ReadMachine("Town - Mayor - candidate totals by batch.csv", strings.NewReader("Batch Name,Ann\nB-1,1\ntown/b1,2\n"))
	require.NoError(t, err)
	_, err = audit.Compare(e, ours, m, audit.Options{})
	assert.ErrorContains(t, err, "give them names of their own")
}
