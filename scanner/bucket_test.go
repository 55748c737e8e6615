package scanner

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bucketOf starts an S3 server in this process that holds the objects, and gives the query behind s3://scans.
func bucketOf(t *testing.T, objects map[string]string) (*httptest.Server, string) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "someone")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	back := s3mem.New()
	require.NoError(t, back.CreateBucket("scans"))
	for key, data := range objects {
		_, err := back.PutObject("scans", key, nil, strings.NewReader(data), int64(len(data)), nil)
		require.NoError(t, err)
	}
	server := httptest.NewServer(gofakes3.New(back).Server())
	t.Cleanup(server.Close)
	return server, "?region=us-east-1&use_path_style=true&endpoint=" + server.URL
}

func TestBucketIsListedLikeAFolder(t *testing.T) {
	page := string(rawPBM(drawn(80, 80)))
	_, query := bucketOf(t, map[string]string{"in/a.pbm": page, "in/b/c.pbm": page, "in/notes.txt": "x", "in/.hidden": "x", "in/b/": "",
		"in/../secret.pbm": page, "in//etc/x.pbm": page, "in/d\\e.pbm": page, "in/f.zip": "PK", "in/long.pbm": page + strings.Repeat("x", 10_000), "out/z.pbm": page})
	s := open(t, Limits{MaxFile: 10_000}, "s3://scans/in"+query)
	assert.Equal(t, map[string]Reason{"a.pbm": "", "b/c.pbm": "", "f.zip": Unsupported, "%2E.%2Fsecret.pbm": UnsafeName, "%2Fetc%2Fx.pbm": UnsafeName,
		"d%5Ce.pbm": UnsafeName, "long.pbm": TooLarge}, reasonsOf(s))
	assert.Equal(t, []string{".hidden"}, asides(s.Skipped))
	assert.Equal(t, []string{"notes.txt"}, asides(s.Ignored))
	one := open(t, Limits{}, "s3://scans/in/a.pbm"+query)
	assert.Equal(t, []string{"a.pbm"}, names(one))
	both := open(t, Limits{}, "s3://scans/in/b"+query, "s3://scans/out"+query, "s3://scans/out"+query)
	assert.Equal(t, []string{"c.pbm", "z.pbm"}, names(both))
	_, err := Open([]string{"s3://scans/none" + query}, Limits{})
	assert.ErrorContains(t, err, "nothing lies there")
	_, err = Open([]string{"s3://scans/in" + query}, Limits{MaxInputs: 3})
	assert.ErrorContains(t, err, "read them in parts")
}

func TestBucketThatDoesNotAnswer(t *testing.T) {
	server, query := bucketOf(t, map[string]string{"a.pbm": "x"})
	s := open(t, Limits{}, "s3://scans"+query)
	server.Close()
	_, err := s.Inputs[0].Bytes()
	assert.Equal(t, Unreachable, ReasonOf(err))
	_, err = Open([]string{"s3://scans" + query}, Limits{})
	assert.ErrorContains(t, err, "does not answer")
}

func TestFileAddress(t *testing.T) {
	dir := tree(t, map[string][]byte{"a.pbm": {1}})
	assert.Equal(t, []string{"a.pbm"}, names(open(t, Limits{}, "file://"+dir)))
	for _, bad := range []string{"file://host/x", "file:///x?y", "file://"} {
		_, err := Open([]string{bad}, Limits{})
		assert.ErrorContains(t, err, "file:///FOLDER", bad)
	}
}
