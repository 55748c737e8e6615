package cvr_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
)

// kept keeps what is written under each name.
type kept map[string]*bytes.Buffer

func (k kept) create(name string) (io.WriteCloser, error) {
	k[name] = &bytes.Buffer{}
	return nopCloser{k[name]}, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func TestConvertToArloAndBack(t *testing.T) {
	dir := put(t, map[string]string{"cvr.csv": essTable})
	k := kept{}
	made, err := cvr.Convert([]string{dir}, cvr.ExportOptions{}, cvr.ToArlo, k.create)
	require.NoError(t, err)
	assert.Equal(t, []string{"cvrs.csv", "manifest.csv"}, made.Files)
	assert.Equal(t, 3, made.Records)
	assert.Equal(t, "Tabulator,Batch Name,Number of Ballots\n1,1,3\n", k["manifest.csv"].String())
	lines := strings.Split(k["cvrs.csv"].String(), "\n")
	assert.Equal(t, ",,,,,,,,Mayor (Vote For=1),Council (Vote For=2),Council (Vote For=2),Council (Vote For=2),"+
		"\"Governor (Number of positions=1, Number of ranks=2)\",\"Governor (Number of positions=1, Number of ranks=2)\"", lines[1])
	assert.Equal(t, "1,1,1,1,1,,p,bs,1,1,1,0,1,0", lines[4])

	got, _, err := readAll(t, cvr.ExportOptions{}, filepath.Join(put(t, map[string]string{"a.csv": k["cvrs.csv"].String()}), "a.csv"))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"1 1 1/1/1#  p bs ; Mayor/1 A*1; Council/2 X*1 Y*1; Governor/1 Mills, J. (5)@1*1",
		"2 2 1/1/2#  p bs ; Mayor/1; Council/2 X*1; Governor/1 Mills, J. (5)@2*1",
		"3 3 1/1/3#  p bs ; Council/2 Write-in*1",
	}, got)
}

func TestConvertToRCTab(t *testing.T) {
	title := "\"Mayor (Number of positions=1, Number of ranks=3)\""
	in := "T,5\n,,,," + strings.TrimSuffix(strings.Repeat(title+",", 6), ",") + ",Clerk (Vote For=1)\n,,,,A(1),B(1),A(2),B(2),A(3),B(3),C\nTabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion\n"
	in = strings.Replace(strings.Replace(in, ",,,,A", ",,,,,A", 1), ",,,,"+title, ",,,,,"+title, 1) +
		"1,1,1,,P,0,1,1,0,0,0,\n1,1,2,,P,1,1,0,0,0,1,1\n1,1,3,,P,,,,,,,1\n"
	k := kept{}
	made, err := cvr.Convert([]string{put(t, map[string]string{"a.csv": in})}, cvr.ExportOptions{}, cvr.ToRCTab, k.create)
	require.NoError(t, err)
	assert.Equal(t, []string{"mayor.csv"}, made.Files)
	assert.Equal(t, "CVR,Precinct,A,B\n1-1-1,P,2,1\n1-1-2,P,1,1\n", k["mayor.csv"].String(), "an overvote has one rank twice; ranks do not repeat")
	assert.Contains(t, made.Notes[0], "more than one rank of a ballot: 1")

	_, err = cvr.Convert([]string{put(t, map[string]string{"a.csv": dominionTable})}, cvr.ExportOptions{}, cvr.ToRCTab, k.create)
	assert.ErrorContains(t, err, "holds no ranked contest")
}

// A person on two parties' lines is one candidate.
func TestConvertToRCTabOfOnePersonOnTwoLines(t *testing.T) {
	title := "\"Mayor (Number of positions=1, Number of ranks=2)\""
	in := "T,5\n,,,," + strings.TrimSuffix(strings.Repeat(title+",", 6), ",") + "\n,,,,A(1),B(1),A(1),A(2),B(2),A(2)\nTabulatorNum,BatchId,RecordId,ImprintedId,DEM,REP,WF,DEM,REP,WF\n" +
		"1,1,1,,0,0,1,0,1,0\n1,1,2,,1,0,1,0,1,0\n1,1,3,,0,1,0,1,0,0\n"
	k := kept{}
	made, err := cvr.Convert([]string{put(t, map[string]string{"a.csv": in})}, cvr.ExportOptions{}, cvr.ToRCTab, k.create)
	require.NoError(t, err)
	assert.Equal(t, "CVR,Precinct,A,B\n1-1-1,,1,2\n1-1-2,,1,2\n1-1-3,,2,1\n", k["mayor.csv"].String())
	assert.Empty(t, made.Notes)
}

func TestConvertToFlat(t *testing.T) {
	k := kept{}
	_, err := cvr.Convert([]string{put(t, map[string]string{"r.json": nistReportText})}, cvr.ExportOptions{}, cvr.ToFlat, k.create)
	require.NoError(t, err)
	assert.Equal(t, "id,imprinted,tabulator,batch,record,sheet,image,precinct,style,count_group,contest,choice,party,rank,votes,doubt,write_in,overvotes,undervotes,status\n"+
		"u1,,S9,b,7,,x-front,District 1,s,,Mayor,A,Democratic,,1,no,,0,1,\nu1,,S9,b,7,,x-front,District 1,s,,Mayor,Write-in,,,1,no,Bob,0,1,\n", k["records.csv"].String())
}

func TestConvertErrors(t *testing.T) {
	dir := put(t, map[string]string{"a.csv": dominionTable})
	_, err := cvr.Convert([]string{dir}, cvr.ExportOptions{}, "punched", kept{}.create)
	assert.ErrorContains(t, err, `no form "punched"`)
	full := errors.New("no space")
	for _, to := range cvr.Targets() {
		from := dir
		if to == cvr.ToRCTab {
			from = put(t, map[string]string{"a.csv": essTable})
		}
		_, err = cvr.Convert([]string{from}, cvr.ExportOptions{}, to, func(string) (io.WriteCloser, error) { return nil, full })
		assert.ErrorIs(t, err, full, to)
		_, err = cvr.Convert([]string{from}, cvr.ExportOptions{}, to, func(string) (io.WriteCloser, error) { return broken{full}, nil })
		assert.ErrorIs(t, err, full, to)
		_, err = cvr.Convert([]string{filepath.Join(from, "none")}, cvr.ExportOptions{}, to, kept{}.create)
		assert.ErrorIs(t, err, os.ErrNotExist, to)
	}
}

// broken is a full disk.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }
func (b broken) Close() error              { return nil }
