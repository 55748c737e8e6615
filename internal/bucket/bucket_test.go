package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// store starts an S3 server in this process, with objects in the bucket scans.
func store(t *testing.T, objects map[string]string, between func(http.Handler) http.Handler) (query string) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "someone")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	back := s3mem.New()
	require.NoError(t, back.CreateBucket("scans"))
	for key, data := range objects {
		_, err := back.PutObject("scans", key, nil, strings.NewReader(data), int64(len(data)), nil)
		require.NoError(t, err)
	}
	h := gofakes3.New(back).Server()
	if between != nil {
		h = between(h)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return "?region=us-east-1&use_path_style=true&endpoint=" + server.URL
}

func open(t *testing.T, address string) *Bucket {
	t.Helper()
	b, err := Open(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, b.Close()) })
	return b
}

func TestListAndRead(t *testing.T) {
	objects := map[string]string{"town/a.tif": "aa", "town/b/c.tif": "c", "town/b/": "", "townhall/d.tif": "d", "alone.tif": "x", "town/odd name+#%.tif": "o"}
	query := store(t, objects, nil)
	for _, c := range []struct {
		name, place, called string
		want                []Object
	}{
		{"a prefix", "scans/town", "town", []Object{{"a.tif", 2}, {"b/c.tif", 1}, {"odd name+#%.tif", 1}}},
		{"with a slash", "scans/town/", "town", []Object{{"a.tif", 2}, {"b/c.tif", 1}, {"odd name+#%.tif", 1}}},
		{"a deep one", "scans/town/b", "b", []Object{{"c.tif", 1}}},
		{"one object", "scans/town/b/c.tif", "c.tif", []Object{{"c.tif", 1}}},
		{"one at the top", "scans/alone.tif", "alone.tif", []Object{{"alone.tif", 1}}},
		{"nothing", "scans/none", "none", nil},
		{"all", "scans", "scans", []Object{{"alone.tif", 1}, {"town/a.tif", 2}, {"town/b/c.tif", 1}, {"town/odd name+#%.tif", 1}, {"townhall/d.tif", 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, address := range []string{"s3://" + c.place + query, "gs://" + c.place + "?anonymous=true&endpoint=" + strings.SplitN(query, "endpoint=", 2)[1]} {
				b := open(t, address)
				assert.Equal(t, c.called, b.Name)
				got, err := b.List(t.Context(), 100)
				require.NoError(t, err)
				assert.Equal(t, c.want, got)
				for _, o := range got {
					data, err := b.Read(t.Context(), o.Key, 100)
					require.NoError(t, err)
					assert.Len(t, data, int(o.Size))
				}
			}
		})
	}
	_, err := open(t, "s3://scans"+query).List(t.Context(), 4)
	assert.ErrorIs(t, err, ErrTooMuch)
	_, err = open(t, "s3://scans/town"+query).Read(t.Context(), "a.tif", 1)
	assert.ErrorIs(t, err, ErrTooMuch)
	_, err = open(t, "s3://scans/town"+query).Read(t.Context(), "gone.tif", 1)
	assert.ErrorIs(t, err, ErrGone)
}

func TestManyPages(t *testing.T) {
	objects := map[string]string{}
	for i := range 2500 {
		objects[fmt.Sprintf("%05d.tif", i)] = "x"
	}
	got, err := open(t, "s3://scans"+store(t, objects, nil)).List(t.Context(), 5000)
	require.NoError(t, err)
	require.Len(t, got, 2500)
	assert.Equal(t, "02499.tif", got[2499].Key)
}

// A store that fails a few times is asked again; one that goes on failing is unreachable, which is not the same as an object that is gone.
func TestStoreThatFails(t *testing.T) {
	was := pause
	pause = time.Millisecond
	t.Cleanup(func() { pause = was })
	var broken atomic.Int64
	var how atomic.Value
	how.Store("500")
	query := store(t, map[string]string{"a.tif": strings.Repeat("x", 100_000)}, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if broken.Add(-1) < 0 {
				h.ServeHTTP(w, r)
				return
			}
			switch how.Load() {
			case "500":
				http.Error(w, "down", http.StatusInternalServerError)
			case "403":
				http.Error(w, "no", http.StatusForbidden)
			case "cut":
				w.Header().Set("Content-Length", "100000")
				w.Write(bytes.Repeat([]byte("x"), 5000))
			}
		})
	})
	b := open(t, "s3://scans"+query+"&rate_limiter_capacity=0")
	for _, c := range []struct {
		name  string
		how   string
		times int64
		good  bool
	}{
		{"once", "500", 1, true},
		{"cut short twice", "cut", 2, true},
		{"cut short always", "cut", 1000, false},
		{"forbidden", "403", 1000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			how.Store(c.how)
			broken.Store(c.times)
			data, err := b.Read(t.Context(), "a.tif", 1<<20)
			broken.Store(0)
			if c.good {
				require.NoError(t, err)
				assert.Len(t, data, 100_000)
				return
			}
			var u *Unreachable
			require.ErrorAs(t, err, &u)
			assert.NotErrorIs(t, err, ErrGone)
			assert.NotContains(t, err.Error(), "endpoint=")
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Read(ctx, "a.tif", 1<<20)
	assert.True(t, errors.Is(err, context.Canceled), "%v", err)
}

func TestOpenErrors(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"s3:///prefix", "s3://BUCKET/PREFIX"},
		{"http://x/y", "s3://BUCKET/PREFIX"},
		{"s3://user:word@x/y", "s3://BUCKET/PREFIX"},
		{"s3://x?colour=red", "colour"},
		{"gs://x?region=eu", "region"},
		{"gs://x?endpoint=http://other", "anonymous"},
	} {
		t.Run(c.address, func(t *testing.T) {
			_, err := Open(t.Context(), c.address)
			assert.ErrorContains(t, err, c.want)
			assert.NotContains(t, fmt.Sprint(err), "word")
		})
	}
	assert.True(t, Is("s3://x") && Is("gs://x"))
	assert.False(t, Is("/s3/x") || Is("file:///x"))
}
