package batch

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/scanner"
)

// inBucket puts a folder's files into a bucket of an S3 server in this process. While down is true the server forbids everything.
func inBucket(t *testing.T, dir string) (back *s3mem.Backend, address string, down *atomic.Bool) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "someone")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	back, down = s3mem.New(), new(atomic.Bool)
	require.NoError(t, back.CreateBucket("scans"))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		putObject(t, back, "town/"+e.Name(), string(data))
	}
	h := gofakes3.New(back).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return back, "s3://scans/town?region=us-east-1&use_path_style=true&endpoint=" + server.URL, down
}

func putObject(t *testing.T, back *s3mem.Backend, key, data string) {
	t.Helper()
	_, err := back.PutObject("scans", key, nil, strings.NewReader(data), int64(len(data)), nil)
	require.NoError(t, err)
}

// What is read from a bucket is, byte for byte, what is read from a folder; and a store that stops to answer stops the run, which goes on.
func TestReadFromABucket(t *testing.T) {
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	b := o
	b.Out = filepath.Join(t.TempDir(), "run")
	_, address, down := inBucket(t, o.Inputs[0])
	b.Inputs = []string{address}
	b.Progress = func(p Progress) {
		if p.Step == "read" && p.Done == 1 {
			down.Store(true)
		}
	}
	b.Workers = 1
	_, err = Run(t.Context(), b)
	require.Error(t, err)
	assert.Equal(t, scanner.Unreachable, scanner.ReasonOf(err), "%v", err)
	assert.ErrorContains(t, err, "start again")
	b.Progress = nil
	_, err = Run(t.Context(), b)
	assert.ErrorContains(t, err, "does not answer", "while the inputs are listed")
	down.Store(false)
	_, err = Run(t.Context(), b)
	require.NoError(t, err)
	sameFiles(t, o.Out, b.Out)
}

func TestObjectsThatChangeUnderTheRun(t *testing.T) {
	o := options(t)
	back, address, _ := inBucket(t, o.Inputs[0])
	entries, err := os.ReadDir(o.Inputs[0])
	require.NoError(t, err)
	gone, changed := entries[2].Name(), entries[3].Name()
	o.Inputs, o.Pair = []string{address}, PairNone
	once := false
	o.Progress = func(p Progress) {
		if p.Step == "read" && !once {
			once = true
			_, err := back.DeleteObject("scans", "town/"+gone)
			require.NoError(t, err)
			putObject(t, back, "town/"+changed, "another")
		}
	}
	sum, err := Run(t.Context(), o)
	require.NoError(t, err)
	assert.True(t, sum.Adds)
	why := map[string]string{}
	for _, p := range sum.Refusals {
		why[p.Image] = p.Reason
	}
	assert.Contains(t, why[gone], "unreadable: the object is not there")
	assert.Contains(t, why[changed], "changed: the file is not the one listed when the run began")
}
