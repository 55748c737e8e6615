package batch

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"recount/election"
	"recount/vote"
)

// Verification is how a suite's reading compares with what people say of it.
type Verification struct {
	Suite   string `json:"suite"`
	Images  int    `json:"images"`
	Targets int    `json:"targets"`
	Right   int    `json:"right"`
	// Wrong is a clear vote read as none, or an empty, stray or erased target read as a vote: an error nobody was shown.
	Wrong int `json:"wrong"`
	// Flagged is a clear vote or an empty target sent to a person.
	Flagged int `json:"flagged"`
	// Unread are the targets without an answer: their page was refused or is missing.
	Unread int `json:"unread"`
	// Marginal are marks that a person would look at twice; any answer is allowed. The three counts are the answers given.
	Marginal         int `json:"marginal"`
	MarginalVote     int `json:"marginal_as_vote"`
	MarginalQuestion int `json:"marginal_as_questionable"`
	MarginalNone     int `json:"marginal_as_none"`
	// OtherStyle are the images read as another style than the truth names.
	OtherStyle int `json:"other_style"`
	// BlankFill is the most new ink that was measured in a target which has none and which no damage touches, as marks.csv writes it;
	// empty where there is no such target.
	BlankFill string         `json:"blank_fill,omitempty"`
	Listed    []VerifiedLine `json:"listed"`
}

// VerifiedLine is one target, or image, that was not read as it should be.
type VerifiedLine struct {
	What    string `json:"what"` // wrong, unread, flagged or other-style
	Image   string `json:"image"`
	Contest string `json:"contest,omitempty"`
	Choice  string `json:"choice,omitempty"`
	Truth   string `json:"truth"`
	Read    string `json:"read"`
}

// Good says whether no target was wrong or unread and no image was taken for another style.
func (v *Verification) Good() bool { return v.Wrong == 0 && v.Unread == 0 && v.OtherStyle == 0 }

// VerifyOptions say how suites are read.
type VerifyOptions struct {
	Election string // definition file; empty means election.json in the suite
	Workers  int
	Limits   vote.Limits
	Program  string
	Progress func(Progress)
}

// Verify reads the images a suite's truth names, as a run would, and compares every answer with the truth. A suite is a
// folder with election.json, the images (in images/ or beside it) and truth.csv or an expected marks.csv.
func Verify(ctx context.Context, suite string, o VerifyOptions) (*Verification, error) {
	if o.Election == "" {
		o.Election = filepath.Join(suite, "election.json")
	}
	e, err := election.Load(o.Election)
	if err != nil {
		return nil, err
	}
	tr, err := readTruth(suite, e)
	if err != nil {
		return nil, err
	}
	files, err := tr.files(suite)
	if err != nil {
		return nil, err
	}
	v := &Verification{Suite: filepath.Base(filepath.Clean(suite)), Images: len(tr.images)}
	out, err := os.MkdirTemp("", "recount-verify-*")
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", suite, err)
	}
	defer os.RemoveAll(out)
	if _, err := Run(ctx, Options{Election: o.Election, Out: out, Inputs: files, Workers: o.Workers, Limits: o.Limits,
		Program: o.Program, Progress: o.Progress}); err != nil {
		return nil, err
	}
	got, styles, fills, err := readAnswers(filepath.Join(out, "marks.csv"))
	if err != nil {
		return nil, err
	}
	for _, im := range tr.images {
		v.compare(tr, im, got[im], styles[im])
		v.blank(tr, im, fills[im])
	}
	return v, nil
}

// compare sets one image's answers beside the truth.
func (v *Verification) compare(tr *truth, im string, got map[targetKey][]string, styles []string) {
	if want := tr.style[im]; want != "" && len(styles) > 0 && !slices.Contains(styles, want) {
		v.OtherStyle++
		v.Listed = append(v.Listed, VerifiedLine{What: "other-style", Image: im, Truth: want, Read: strings.Join(styles, "|")})
	}
	for _, t := range tr.targets[im] {
		want, have := slices.Clone(t.marks), slices.Clone(got[t.key])
		// Where names do not tell targets apart (one person on two lines) the answers are compared as a heap.
		slices.SortStableFunc(want, func(a, b string) int { return rank(a) - rank(b) })
		slices.SortStableFunc(have, func(a, b string) int { return rank(a) - rank(b) })
		for i, w := range want {
			h := ""
			if i < len(have) {
				h = have[i]
			}
			v.answer(w, h, VerifiedLine{Image: im, Contest: t.contest, Choice: t.choice, Truth: w, Read: h})
		}
	}
}

// blank notes the most ink that was measured in a target without any.
func (v *Verification) blank(tr *truth, im string, fills map[targetKey]string) {
	for _, t := range tr.targets[im] {
		if !slices.ContainsFunc(t.marks, func(m string) bool { return m != "none" }) {
			v.BlankFill = max(v.BlankFill, fills[t.key])
		}
	}
}

// rank orders answers and truths so that equal ones meet.
func rank(mark string) int {
	switch mark {
	case "vote":
		return 0
	case "questionable", "marginal":
		return 1
	}
	return 2
}

// answer counts one target.
func (v *Verification) answer(want, have string, line VerifiedLine) {
	v.Targets++
	list := func(what string) {
		line.What = what
		v.Listed = append(v.Listed, line)
	}
	marginal := want == "marginal" || want == "questionable"
	if marginal {
		v.Marginal++
	}
	switch {
	case have == "":
		v.Unread++
		line.Read = "unread"
		list("unread")
	case marginal && have == "vote":
		v.MarginalVote++
	case marginal && have == "none":
		v.MarginalNone++
	case marginal:
		v.MarginalQuestion++
	case have == "questionable" && (want == "stray" || want == "erased"):
		v.Right++ // a person should see it
	case have == "questionable":
		v.Flagged++
		list("flagged")
	case (want == "vote") != (have == "vote"):
		v.Wrong++
		list("wrong")
	default:
		v.Right++
	}
}

// targetKey names a target as texts do, whatever their case, spaces and punctuation.
type targetKey struct{ contest, choice string }

func keyOf(contest, choice string) targetKey { return targetKey{bare(contest), bare(choice)} }

func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127 {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// wanted are the targets of one name on one page and what each should be.
type wanted struct {
	key             targetKey
	contest, choice string
	marks           []string
}

// truth is what people say of a suite's images.
type truth struct {
	images  []string // base names, in the order of the file
	style   map[string]string
	targets map[string][]wanted
}

// baseName is how a truth names an image: without folders.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }

// files finds the images, each in images/ or beside the truth. Pages of one file are one file.
func (t *truth) files(suite string) ([]string, error) {
	var out, missing []string
	for _, im := range t.images {
		name, _, _ := strings.Cut(im, "#")
		found := ""
		for _, p := range []string{filepath.Join(suite, "images", name), filepath.Join(suite, name)} {
			if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
				found = p
				break
			}
		}
		switch {
		case found == "":
			missing = append(missing, name)
		case !slices.Contains(out, found):
			out = append(out, found)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("verify %s: none of the %d images its truth names is there: put them into images/ (%s, ...)",
			suite, len(t.images), strings.Join(missing[:min(3, len(missing))], ", "))
	}
	return out, nil
}

// readAnswers reads a marks.csv into answers by image and target, the styles each image was taken for, and the most fill of each
// target that no damage touches.
func readAnswers(file string) (got map[string]map[targetKey][]string, styles map[string][]string, fills map[string]map[targetKey]string, err error) {
	got, styles, fills = map[string]map[targetKey][]string{}, map[string][]string{}, map[string]map[targetKey]string{}
	err = readTable(file, []string{"image", "style", "contest", "choice", "mark", "fill", "damage"}, func(_ int, f []string) error {
		im := baseName(f[0])
		if got[im] == nil {
			got[im], fills[im] = map[targetKey][]string{}, map[targetKey]string{}
			styles[im] = strings.Split(f[1], "|")
		}
		k := keyOf(f[2], f[3])
		got[im][k] = append(got[im][k], f[4])
		if f[6] == "" {
			fills[im][k] = max(fills[im][k], f[5]) // of one length, so that the larger text is the larger number
		}
		return nil
	})
	return got, styles, fills, err
}

// readTable reads the named columns of a CSV file with a header; line is the row's line in the file.
func readTable(file string, columns []string, row func(line int, fields []string) error) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("read table: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("read %s: %w: give a CSV file with a header", file, err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i] = slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), c) }); at[i] < 0 {
			return fmt.Errorf("read %s: no column %q: its header must name %s", file, c, strings.Join(columns, ", "))
		}
	}
	fields := make([]string, len(columns))
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		for i, k := range at {
			fields[i] = rec[k]
		}
		line, _ := r.FieldPos(0)
		if err := row(line, fields); err != nil {
			return fmt.Errorf("read %s line %d: %w", file, line, err)
		}
	}
}
