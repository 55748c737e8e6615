package audit_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
)

func TestReadTotalsReadsWhatWasWritten(t *testing.T) {
	want := counted(t, town()).Totals()
	var buf bytes.Buffer
	require.NoError(t, want.WriteCSV(&buf))
	got, err := audit.ReadTotals("totals.csv", bytes.NewReader(buf.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, err = audit.ReadTotals("totals.csv", strings.NewReader("\uFEFF"+strings.ReplaceAll(buf.String(), "\n", "\r\n")))
	require.NoError(t, err)
	assert.Equal(t, want, got, "with a byte order mark and CRLF")
}

const totalsHeader = "contest,choice,party,clear,questionable,precinct,batch\n"

func TestReadTotalsErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		in, want     string
		line, column int
	}{
		"empty":           {"", "is empty", 0, 0},
		"other table":     {"a,b\n1,2\n", "header is not", 1, 0},
		"a field too few": {totalsHeader + "Mayor,A,,1,0,P\n", "has 6 fields", 2, 0},
		"no number":       {totalsHeader + "Mayor,A,,x,0,P,B\n", `"x" is no count`, 2, 4},
		"negative":        {totalsHeader + "Mayor,A,,1,-1,P,B\n", `"-1" is no count`, 2, 5},
		"huge":            {totalsHeader + "Mayor,A,,99999999999,0,P,B\n", "is no count", 2, 4},
		"open quotation":  {totalsHeader + "\"Mayor,A,,1,0,P,B\n", "", 2, 0},
		"not UTF-8":       {totalsHeader + "May\xF6r,A,,1,0,P,B\n", "not UTF-8", 2, 0},
		"UTF-16":          {"\xFF\xFEc\x00", "header is not", 1, 0},
		"zero bytes":      {totalsHeader + "a\x00,A,,1,0,P,B\n", "zero bytes", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.ReadTotals("t.csv", strings.NewReader(tc.in))
			var re *audit.ReadError
			require.ErrorAs(t, err, &re)
			assert.Contains(t, err.Error(), tc.want)
			assert.Equal(t, "t.csv", re.File)
			assert.Equal(t, tc.line, re.Line)
			assert.Equal(t, tc.column, re.Column)
			assert.NotEmpty(t, re.Mend)
		})
	}
	broken := errors.New("the disk is gone")
	_, err := audit.ReadTotals("t.csv", iotest.ErrReader(broken))
	assert.ErrorIs(t, err, broken)
}

func FuzzReadTotals(f *testing.F) {
	f.Add([]byte(totalsHeader + "Mayor,A,DEM,1,0,P,B\n"))
	f.Add([]byte(totalsHeader + "\"Ma\"\"yor\nx\",A,,0,12,,\n"))
	f.Add([]byte("\uFEFF" + totalsHeader))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := audit.ReadTotals("f", bytes.NewReader(in))
		if err != nil {
			var re *audit.ReadError
			require.ErrorAs(t, err, &re)
			return
		}
		var a bytes.Buffer
		require.NoError(t, got.WriteCSV(&a))
		again, err := audit.ReadTotals("f", bytes.NewReader(a.Bytes()))
		require.NoError(t, err)
		assert.Equal(t, len(got.Rows), len(again.Rows))
	})
}
