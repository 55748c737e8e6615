package audit

import (
	"path"
	"slices"
	"strings"

	"recount/cvr"
)

// A sheet and a record are found to be the same by what both carry: the image's name, the number printed on the paper,
// the record's ID, or tabulator, batch and record. Names are compared in the form of joined.

// joined is a name in lower case with its runs of letters and digits joined by "-", digits without leading zeros:
// "00001_00017_000003.tif" is 1-17-3.
func joined(s string) string { return strings.Join(tokens(s), "-") }

func tokens(s string) []string {
	f := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 0x80 })
	for i := range f {
		if t := strings.TrimLeft(f[i], "0123456789"); t == "" {
			f[i] = strings.TrimLeft(f[i], "0")
			if f[i] == "" {
				f[i] = "0"
			}
		}
	}
	return f
}

// sides are the words that scanners put at the end of an image's name to tell its side.
var sides = map[string]bool{"front": true, "back": true, "f": true, "b": true, "a": true, "r": true, "v": true, "side": true, "side0": true, "side1": true, "side2": true,
	"p1": true, "p2": true, "page1": true, "page2": true}

// imageStem is an image's name without its ending and the number of its page in the file.
func imageStem(name string) string {
	if i := strings.LastIndexByte(name, '#'); i > 0 {
		name = name[:i]
	}
	if ext := path.Ext(name); len(ext) > 1 && len(ext) <= 5 {
		name = strings.TrimSuffix(name, ext)
	}
	return name
}

// ourKeys are the forms under which a machine may know one of our sheets, from its images' names: the file's name, that
// without the word for its side, and both with one and two folders before them.
func ourKeys(r *cvr.Record) []string {
	var out []string
	add := func(ts []string) {
		if k := strings.Join(ts, "-"); k != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	for _, im := range r.Images {
		parts := strings.Split(imageStem(im.Name), "/")
		for n := 1; n <= 3 && n <= len(parts); n++ {
			ts := tokens(strings.Join(parts[len(parts)-n:], "/"))
			add(ts)
			if len(ts) > 1 && sides[ts[len(ts)-1]] {
				add(ts[:len(ts)-1])
			}
		}
	}
	return out
}

// theirKeys are the forms under which a record can be found.
func theirKeys(r *cvr.MachineRecord) []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if r.Image != "" {
		ts := tokens(r.Image)
		add(strings.Join(ts, "-"))
		if len(ts) > 1 && sides[ts[len(ts)-1]] {
			add(strings.Join(ts[:len(ts)-1], "-"))
		}
	}
	add(joined(r.Imprinted))
	// The key begins with the ID where that is more than a running number.
	if id, _, ok := strings.Cut(r.Key(), "\x00"); ok && id == r.ID {
		add(joined(id))
	}
	if r.Tabulator != "" && r.Batch != "" && r.Record != "" {
		add(joined(r.Tabulator + "-" + r.Batch + "-" + r.Record))
	}
	return out
}

// recordIndex finds records by their keys.
type recordIndex map[string][]int32

// maxSame bounds the records kept under one key: more say no more.
const maxSame = 8

func (x recordIndex) add(key string, at int) {
	if l := x[key]; len(l) < maxSame {
		x[key] = append(l, int32(at))
	}
}

// find gives the records that any of the keys names, each once, in order.
func (x recordIndex) find(keys []string) []int32 {
	var out []int32
	for _, k := range keys {
		for _, at := range x[k] {
			if !slices.Contains(out, at) {
				out = append(out, at)
			}
		}
	}
	slices.Sort(out)
	return out
}
