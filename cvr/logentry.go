package cvr

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"recount/vote"
)

// LogAct is what kind of thing a person decided.
type LogAct string

// The acts. Of one subject, a target, a page or a sheet, one decision at most is in force, which Standing gives.
const (
	ActTarget    LogAct = "target"     // a target's answer
	ActPage      LogAct = "page"       // the votes of a page that the program refused, entered by hand
	ActNotBallot LogAct = "not-ballot" // a refused page is no ballot page: nothing on it is to be counted
	ActSameSheet LogAct = "same-sheet" // a counted sheet is another scan of the sheet named in Of, and is not counted
)

// TakenBack is the answer of an entry that takes back what its person said before of the same subject: it is again as read.
const TakenBack = "as-read"

// LogEntry is one entry of a log: what one person decided of one subject.
type LogEntry struct {
	N    int    `json:"n"`    // its number in the log, from 1
	When string `json:"when"` // RFC 3339
	Who  string `json:"who"`  // as typed
	Act  LogAct `json:"act"`

	Sheet  string `json:"sheet,omitempty"`  // the sheet's name
	Image  string `json:"image,omitempty"`  // the page's name: the subject of target, page and not-ballot
	SHA256 string `json:"sha256,omitempty"` // of the image's file, lower-case hex
	Style  string `json:"style,omitempty"`  // of target and page
	Page   int    `json:"page,omitempty"`   // the style's page number, from 1
	// Target counts the style page's targets from 1, as inspect does.
	Target  int    `json:"target,omitempty"`
	Contest string `json:"contest,omitempty"` // IDs of the definition
	Choice  string `json:"choice,omitempty"`
	Rank    int    `json:"rank,omitempty"`
	// Before and Answer are a target's answer before and after; of a page or sheet Answer is the act, or TakenBack.
	Before string         `json:"before,omitempty"`
	Answer string         `json:"answer"`
	Name   string         `json:"name,omitempty"`   // a written-in name, as the person read it
	Marked []MarkedTarget `json:"marked,omitempty"` // of page: every target with a vote; all others have none
	Of     string         `json:"of,omitempty"`     // of same-sheet: the sheet that is counted
	Reason string         `json:"reason,omitempty"`

	Prev string `json:"prev"` // the hash of the entry before
	Hash string `json:"hash,omitempty"`
}

// MarkedTarget is one target that a person found marked. Target counts from 1; contest, choice and rank say the same for people.
type MarkedTarget struct {
	Target  int    `json:"target"`
	Contest string `json:"contest"`
	Choice  string `json:"choice"`
	Rank    int    `json:"rank,omitempty"`
}

// LogHeader is a log's first line: what it is about and how it is to be taken.
type LogHeader struct {
	Format     int    `json:"format"` // LogFormat
	Kind       string `json:"kind"`   // "recount decisions"
	Program    string `json:"program,omitempty"`
	When       string `json:"when"`
	Definition string `json:"definition_sha256"` // of the run, as in its run.json
	Manifest   string `json:"manifest_sha256"`
	// People is how many must say the same before a decision counts: 1 or 2.
	People int `json:"people"`
	// Blind says that reviewers saw no machine's answer before they decided.
	Blind bool   `json:"blind,omitempty"`
	Hash  string `json:"hash,omitempty"`
}

// LogFormat is the version of the log that this package writes and reads.
const LogFormat = 1

const logKind = "recount decisions"

// The bounds of an entry's texts, in bytes.
const (
	maxLogText = 4096 // an image's name is a path
	maxLogLine = 1 << 20
)

// Subject names what the entry is about.
func (d *LogEntry) Subject() string {
	switch d.Act {
	case ActTarget:
		return TargetSubject(d.Image, d.Target)
	case ActPage, ActNotBallot:
		return PageSubject(d.Image)
	}
	return SheetSubject(d.Sheet)
}

// TargetSubject is the subject of decisions on a target, which counts from 1.
func TargetSubject(image string, target int) string {
	return fmt.Sprintf("target %d %s", target, image)
}

// PageSubject is the subject of decisions on a page that was refused.
func PageSubject(image string) string { return "page " + image }

// SheetSubject is the subject of decisions on a sheet.
func SheetSubject(sheet string) string { return "sheet " + sheet }

// Check says what is wrong with an entry by itself: a text that is none, or what its act wants and has not.
func (d *LogEntry) Check() error {
	if strings.TrimSpace(d.Who) == "" {
		return errors.New("no name says who decided: type yours")
	}
	for _, s := range []string{d.Who, d.Reason, d.Name, d.Image, d.Sheet, d.Of, d.Contest, d.Choice, d.Style, d.Before, d.Answer} {
		switch {
		case len(s) > maxLogText:
			return fmt.Errorf("a text is longer than %d bytes", maxLogText)
		case !utf8.ValidString(s), strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t' }):
			return errors.New("a field holds what is no text")
		}
	}
	if _, err := time.Parse(time.RFC3339, d.When); err != nil {
		return fmt.Errorf("%.40q is no time such as 2026-11-04T20:15:00Z", d.When)
	}
	if d.SHA256 != "" && (len(d.SHA256) != 64 || strings.Trim(d.SHA256, "0123456789abcdef") != "") {
		return fmt.Errorf("sha256 %.80q is not 64 lower-case hex digits", d.SHA256)
	}
	return d.checkAct()
}

func (d *LogEntry) checkAct() error {
	answers := []string{string(d.Act), TakenBack}
	whole := d.Image != ""
	switch d.Act {
	case ActTarget:
		answers = []string{string(vote.Vote), string(vote.None), string(vote.Questionable), TakenBack}
		whole = whole && d.Style != "" && d.Page > 0 && d.Target > 0 && d.Contest != "" && d.Choice != ""
	case ActPage:
		whole = whole && (d.Answer == TakenBack || d.Style != "" && d.Page > 0)
	case ActNotBallot:
	case ActSameSheet:
		whole = d.Sheet != "" && d.Of != "" && d.Sheet != d.Of
	default:
		return fmt.Errorf("%.40q is no act that this version of the program knows", d.Act)
	}
	switch {
	case !slices.Contains(answers, d.Answer):
		return fmt.Errorf("%.40q is no answer: say one of %s", d.Answer, strings.Join(answers, ", "))
	case !whole:
		return fmt.Errorf("the entry does not name all that %q is about", d.Act)
	case len(d.Marked) > 0 && d.Act != ActPage:
		return fmt.Errorf("targets are entered for a page, not for %q", d.Act)
	}
	for i, m := range d.Marked {
		if m.Target < 1 || i > 0 && m.Target <= d.Marked[i-1].Target {
			return errors.New("the targets entered by hand stand in rising order, each once")
		}
	}
	return nil
}

// same says whether two decisions on one subject say the same.
func (d *LogEntry) same(o *LogEntry) bool {
	return d.Act == o.Act && d.Answer == o.Answer && d.Style == o.Style && d.Page == o.Page && d.Of == o.Of && slices.Equal(d.Marked, o.Marked)
}

// logLine is an entry as it stands in the log, and its hash: that of every byte before the comma and the key hash.
func logLine(v any) (text []byte, hash string, err error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, "", err
	}
	open := data[:len(data)-1] // without the last brace
	hash = hexSum(open)
	return append(slices.Clone(open), []byte(`,"hash":"`+hash+"\"}\n")...), hash, nil
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
