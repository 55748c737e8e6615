package cvr_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
)

const openCountText = "Measure A\n\tYes\nUS Senator\n\tWritein\nProposition 28\n\tUNDERVOTED\nSupervisor\n\tOVERVOTED\n"

func TestOpenCount(t *testing.T) {
	x, err := cvr.OpenExport([]string{put(t, map[string]string{"A_00_side0.txt": openCountText, "election_results.txt": "-----\nTOTAL\n-----\nMeasure A\n\tYes: 4\n"})}, cvr.ExportOptions{})
	require.NoError(t, err)
	defer x.Close()
	var got []*cvr.MachineRecord
	for r, err := range x.Records() {
		require.NoError(t, err)
		got = append(got, r)
	}
	require.Len(t, got, 1, "the totals beside it are none")
	assert.Equal(t, "A_00_side0", got[0].Image)
	require.Len(t, got[0].Contests, 4)
	assert.Len(t, got[0].Contests[0].Marks, 1)
	assert.True(t, x.Roster.Contests[1].Choices[0].WriteIn)
	assert.Empty(t, got[0].Contests[2].Marks)
	assert.True(t, got[0].Contests[3].Overvoted)
}

func TestOpenCountErrors(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"twice", "A\n\tYes\nA\n\tNo\n", `line 3: contest "A" stands twice`},
		{"a vote beside none", "A\n\tUNDERVOTED\n\tYes\n", `line 3: "Yes" stands after UNDERVOTED`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"a.txt": tt.text}))
			assert.ErrorContains(t, err, tt.want)
		})
	}
	for _, text := range []string{"A\nB\n", "\tYes\n", "A\n\n\tYes\n", "A\n\t\tYes\n", "A\n"} {
		_, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"a.txt": text}))
		assert.Error(t, err, text)
	}
}
