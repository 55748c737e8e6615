package scanner

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"recount/internal/bucket"
)

// Remote says whether a path given to Open is no path of this machine but a place in a bucket: s3:// or gs://.
func Remote(p string) bool { return bucket.Is(p) }

// LocalPath is the path that a file:// address names; any other text is given back as it is. A folder named so is walked like any other:
// within it, links out of it refused.
func LocalPath(p string) (string, error) {
	if !strings.HasPrefix(p, "file://") {
		return p, nil
	}
	u, err := url.Parse(p)
	if err != nil {
		return "", fmt.Errorf("open scans: %w: say file:///FOLDER", err)
	}
	if u.Host != "" && u.Host != "localhost" || u.Path == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("open scans %s: say file:///FOLDER, with three slashes and nothing behind it", p)
	}
	return filepath.FromSlash(u.Path), nil
}

// bucket lists the objects of a place in a bucket.
func (s *Source) bucket(address string, lim Limits) (*group, error) {
	ctx := context.Background()
	b, err := bucket.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, b.Close)
	g := &group{prefix: b.Name}
	objects, err := b.List(ctx, lim.MaxInputs)
	if errors.Is(err, bucket.ErrTooMuch) {
		return nil, fmt.Errorf("%w (read them in parts)", err)
	}
	if err != nil {
		return nil, err
	}
	if len(objects) == 0 {
		return nil, fmt.Errorf("nothing lies there: name a bucket, a prefix with objects below it, or one object")
	}
	for _, o := range objects {
		g.object(b, o, lim)
	}
	return g, nil
}

// object sorts one object into the group.
func (g *group) object(b *bucket.Bucket, o bucket.Object, lim Limits) {
	if why := unsafeName(o.Key); why != "" {
		g.refuse(quoteName(o.Key), 0, refuse(UnsafeName, "%s: %q", why, o.Key))
		return
	}
	name := path.Clean(legible(o.Key))
	if !g.add(name) {
		return
	}
	switch {
	case isZip(name):
		g.refuse(name, o.Size, refuse(Unsupported, "a zip archive in a bucket: put its files there, or read it from a disk"))
		return
	case o.Size > lim.MaxFile:
		g.refuse(name, o.Size, refuse(TooLarge, "more than %d bytes", lim.MaxFile))
		return
	}
	g.inputs = append(g.inputs, Input{Name: name, Size: o.Size, open: objectReader(b, o.Key, lim.MaxFile)})
}

// objectReader reads an object whole, at most limit bytes.
func objectReader(b *bucket.Bucket, key string, limit int64) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		data, err := b.Read(context.Background(), key, limit)
		var u *bucket.Unreachable
		switch {
		case err == nil:
			return data, nil
		case errors.Is(err, bucket.ErrTooMuch):
			return nil, wrap("read", name, 0, refuse(TooLarge, "more than %d bytes", limit))
		case errors.As(err, &u):
			return nil, wrap("read", name, 0, refuse(Unreachable, "%w", err))
		}
		return nil, wrap("read", name, 0, refuse(Unreadable, "%w", err))
	}
}
