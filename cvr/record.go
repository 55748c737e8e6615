package cvr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"recount/vote"
)

// Record is one sheet's cast-vote record.
type Record struct {
	ID       string // see RecordID
	Batch    string // empty where not known
	Precinct string // empty where not known; then the style's precinct stands for it
	// Sequence is the sheet's place in its batch, from 1, or 0 where not known.
	Sequence int
	Images   []Image
	// Sheet is the sheet as it counts.
	Sheet vote.Sheet
	// AsRead is the sheet before people decided anything on it, and Decisions are what they said, in the order of the log; nil
	// and empty where nobody did.
	AsRead    *vote.Sheet
	Decisions []Decision
}

// Image is the picture of one side of a record's sheet.
type Image struct {
	// Name is the page's name in every output: the file's path relative to the input, with slashes; pages after the first
	// of a multi-page file end with "#2", "#3" and so on.
	Name string
	// Page is the page within the file, from 1; 0 means 1.
	Page   int
	SHA256 string // of the whole file, lower-case hex
	Side   string // "front" or "back"
}

// RecordID names a sheet by its images' names and hashes: 32 hex digits that are the same in every run over the same
// files, and say nothing about the order of scanning.
func RecordID(images []Image) string {
	h := sha256.New()
	for _, im := range images {
		// Lengths keep two names from being read as one.
		fmt.Fprintf(h, "%d:%s%d:%s", len(im.Name), im.Name, len(im.SHA256), im.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// URI is where the image lies, as a "file:" URI relative to the run's input. Pages after the first of a multi-page file
// are a fragment: "file:batch%207/0001.tif#page=2".
func (im *Image) URI() string {
	name, fragment := im.Name, ""
	if im.Page > 1 {
		if base, ok := strings.CutSuffix(name, fmt.Sprintf("#%d", im.Page)); ok {
			name = base
		}
		fragment = fmt.Sprintf("#page=%d", im.Page)
	}
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	// A leading slash would make the place absolute, and two of them the name of a host.
	if parts[0] == "" && len(parts) > 1 {
		return "file:" + strings.Join(parts, "%2F") + fragment
	}
	return "file:" + strings.Join(parts, "/") + fragment
}
