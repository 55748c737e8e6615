package main

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
)

func TestLoopback(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"9090", "127.0.0.1:9090"}, {":9090", "127.0.0.1:9090"}, {"0", "127.0.0.1:0"}, {"0.0.0.0:9090", "0.0.0.0:9090"}, {"[::1]:9090", "[::1]:9090"},
		{"", ""}, {"x", ""}, {"70000", ""}, {"host:", ""}, {"host:http", ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, err := loopback(c.text)
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.want == "", err != nil)
		})
	}
}

func TestPace(t *testing.T) {
	var p pace
	start := time.Unix(1000, 0)
	assert.Zero(t, p.rate())
	for i := range 3001 { // ten a second over 300 s, begun at 500
		p.take(start.Add(time.Duration(i)*100*time.Millisecond), 500+i)
	}
	assert.InDelta(t, 10, p.rate(), 0.5)
	assert.Less(t, len(p.samples), 70)
	assert.Equal(t, 10*time.Second, remaining(batch.Progress{Done: 100, Total: 200}, 10))
	assert.Zero(t, remaining(batch.Progress{Done: 200, Total: 200}, 10))
	assert.Zero(t, remaining(batch.Progress{Done: 100, Total: 200}, 0))
}

func TestProgressLines(t *testing.T) {
	var b strings.Builder
	p := newProgress(&b)
	p.show(batch.Progress{Step: "read", Done: 0, Total: 4})
	p.pace.samples[0].at = p.pace.samples[0].at.Add(-10 * time.Second)
	p.said = time.Now().Add(-time.Minute)
	p.show(batch.Progress{Step: "read", Done: 2, Total: 4, Outcomes: [4]int{3, 0, 1, 0}, Workers: 2})
	p.show(batch.Progress{Step: "read", Done: 4, Total: 4, Outcomes: [4]int{7, 0, 1, 0}})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 2)
	assert.Equal(t, "reading: 2 of 4 sheets, 0.2 a second, 10s left; 3 counted, 1 refused, 2 at work", lines[0])
	assert.Equal(t, "reading: 4 of 4 sheets; 7 counted, 1 refused", lines[1])
}

func TestReadLogsJSON(t *testing.T) {
	dir := suite(t)
	code, _, stderr := recount(t, "read", "--log", "json", "--metrics", "0", "--election", filepath.Join(dir, "election.json"), "--out", filepath.Join(t.TempDir(), "run"), filepath.Join(dir, "images"))
	require.Contains(t, []int{exitDone, exitLook}, code, stderr)
	read := 0
	for _, line := range strings.Split(strings.TrimSpace(stderr), "\n") {
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &v), line)
		if v["msg"] == "reading" {
			read++
			assert.EqualValues(t, 3, v["done"])
			assert.EqualValues(t, 6, v["counted"].(float64)+v["questions"].(float64)+v["refused"].(float64)+v["duplicate"].(float64))
			assert.Contains(t, v, "remaining_s")
		}
	}
	assert.Equal(t, 1, read)
	for _, bad := range [][]string{{"--log", "xml"}, {"--metrics", "x"}, {"--pprof", ""}} {
		code, _, stderr := recount(t, append(append([]string{"read"}, bad...), "--election", filepath.Join(dir, "election.json"), "--out", t.TempDir(), filepath.Join(dir, "images"))...)
		assert.Equal(t, exitUsage, code, stderr)
	}
}

func TestMetricsAndProfiles(t *testing.T) {
	var b strings.Builder
	w := &watched{progress: newProgress(&b)}
	require.NoError(t, w.serve(&b, "metrics", "0", w.metrics()))
	require.NoError(t, w.serve(&b, "pprof", "0", profiles()))
	w.now = batch.Progress{Step: "read", Done: 3, Total: 9, Outcomes: [4]int{4, 1, 0, 2}, Workers: 2}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 2)
	get := func(url string) string {
		r, err := http.Get(url)
		require.NoError(t, err)
		defer r.Body.Close()
		require.Equal(t, http.StatusOK, r.StatusCode)
		text, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		return string(text)
	}
	url := strings.TrimPrefix(lines[0], "metrics: ")
	assert.True(t, strings.HasPrefix(url, "http://127.0.0.1:"), url)
	text := get(url)
	for _, want := range []string{`recount_inputs_total{outcome="counted"} 4`, `recount_inputs_total{outcome="duplicate"} 2`, "recount_done 3", "recount_total 9",
		"recount_workers 2", `recount_step{step="read"} 1`, "go_goroutines"} {
		assert.Contains(t, text, want)
	}
	assert.Contains(t, get(strings.TrimPrefix(lines[1], "pprof: ")), "goroutine")
	w.end()
	_, err := http.Get(url)
	assert.Error(t, err)
}
