package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Object is one object below the place that was opened. Key is relative to it, with slashes, and comes from strangers.
type Object struct {
	Key  string
	Size int64
}

// Bucket is a place in a bucket: all of it, what lies below a prefix, or one object. Its methods may be called by many workers at once.
type Bucket struct {
	Name   string // the last part of the place's address, for people
	bucket *blob.Bucket
	prefix string // empty, or with a slash at its end
	url    string
}

// ErrGone says that an object is not there any more.
var ErrGone = errors.New("the object is not there")

// ErrTooMuch says that an object has more bytes than allowed, or a place more objects.
var ErrTooMuch = errors.New("more than allowed")

// Unreachable says that the store did not give an answer, or refused to give one: nobody knows then what the object holds.
type Unreachable struct {
	URL string
	Err error
}

// Error names the mend.
func (e *Unreachable) Error() string {
	return fmt.Sprintf("%s does not answer: %v (mend the network or the right to read there, and start the same command again)", e.URL, e.Err)
}

// Unwrap gives the store's error.
func (e *Unreachable) Unwrap() error { return e.Err }

const (
	tries   = 4
	onePage = 1000            // objects a request for a list
	patient = 5 * time.Minute // for one request: 512 MiB at 2 MB/s
)

// pause is how long the first wait between tries is; each next one is four times as long.
var pause = 250 * time.Millisecond

// List gives every object below the place in the order of their keys, at most so many, or ErrTooMuch. A place that is one object's own
// key is that object.
func (b *Bucket) List(ctx context.Context, most int) ([]Object, error) {
	var out []Object
	token := blob.FirstPageToken
	for token != nil {
		var page []*blob.ListObject
		var next []byte
		err := b.insist(ctx, b.url, func(ctx context.Context) (err error) {
			page, next, err = b.bucket.ListPage(ctx, token, onePage, &blob.ListOptions{Prefix: b.prefix})
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, o := range page {
			if o.IsDir || strings.HasSuffix(o.Key, "/") && o.Size == 0 { // how some programs note a folder
				continue
			}
			if len(out) >= most {
				return nil, fmt.Errorf("list %s: %w: more than %d objects", b.url, ErrTooMuch, most)
			}
			out = append(out, Object{strings.TrimPrefix(o.Key, b.prefix), o.Size})
		}
		if token = next; len(token) == 0 {
			token = nil
		}
	}
	if len(out) > 0 || b.prefix == "" {
		return out, nil
	}
	return b.single(ctx)
}

// single is the place as one object; from then on it is named by the last part of its key.
func (b *Bucket) single(ctx context.Context) ([]Object, error) {
	key := strings.TrimSuffix(b.prefix, "/")
	var size int64
	err := b.insist(ctx, b.url, func(ctx context.Context) error {
		a, err := b.bucket.Attributes(ctx, key)
		if err == nil {
			size = a.Size
		}
		return err
	})
	if errors.Is(err, ErrGone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cut := strings.LastIndexByte(key, '/') + 1
	b.prefix = key[:cut]
	return []Object{{key[cut:], size}}, nil
}

// Read gives an object's bytes, at most so many: ErrTooMuch where there are more, ErrGone where there is none, *Unreachable where the store
// does not answer. An answer that breaks off is asked for again.
func (b *Bucket) Read(ctx context.Context, key string, most int64) (data []byte, err error) {
	err = b.insist(ctx, b.url, func(ctx context.Context) error {
		r, err := b.bucket.NewReader(ctx, b.prefix+key, nil)
		if err != nil {
			return err
		}
		defer func() { _ = r.Close() }() // only read
		if r.Size() > most {
			return ErrTooMuch
		}
		var buf bytes.Buffer
		buf.Grow(int(min(max(r.Size(), 0), 1<<20)) + bytes.MinRead) // what the store says is trusted for a first megabyte
		n, err := buf.ReadFrom(io.LimitReader(r, most+1))
		switch {
		case err != nil:
			return &brokenOff{err}
		case n > most:
			return ErrTooMuch
		case n != r.Size():
			return &brokenOff{io.ErrUnexpectedEOF}
		}
		data = buf.Bytes()
		return nil
	})
	return data, err
}

// brokenOff is the error of an answer that began well.
type brokenOff struct{ error }

// insist asks again where an answer breaks off, after longer and longer pauses. Requests that get no answer were repeated by the store's
// own library before they come here.
func (b *Bucket) insist(ctx context.Context, what string, ask func(ctx context.Context) error) error {
	wait := pause
	for n := 1; ; n++ {
		once, cancel := context.WithTimeout(ctx, patient)
		err := ask(once)
		cancel()
		switch {
		case err == nil, errors.Is(err, ErrTooMuch):
			return err
		case gcerrors.Code(err) == gcerrors.NotFound:
			return ErrGone
		case ctx.Err() != nil:
			return ctx.Err()
		}
		var broken *brokenOff
		if n == tries || !errors.As(err, &broken) {
			return &Unreachable{what, err}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		wait *= 4
	}
}

// Close lets go of the store.
func (b *Bucket) Close() error { return b.bucket.Close() }
