package batch

import (
	"errors"
	"fmt"
	"math"

	"recount/election"
	"recount/marks"
	"recount/scanner"
	"recount/template"
)

// Reason is why the batch itself refused a page or a sheet; scanner and template give their own.
type Reason string

// The reasons of the batch.
const (
	Changed       Reason = "changed"        // the file's bytes are not those of the manifest
	Internal      Reason = "internal"       // the program failed on this sheet; a fault to report
	SheetMismatch Reason = "sheet-mismatch" // front and back are not the two sides of one sheet
	Ambiguous     Reason = "ambiguous"      // styles that print alike give the targets different meanings
	Unreadable    Reason = "unreadable"     // the file could not be opened or read
	Abandoned     Reason = "abandoned"      // no worker lived to read it
)

// Refusal is a page or sheet that was not read.
type Refusal struct {
	Reason Reason
	Detail string
}

// Error says why, for a person.
func (r *Refusal) Error() string { return string(r.Reason) + ": " + r.Detail }

// Candidate is one style page that the scan may be, with its marks measured.
type Candidate struct {
	Style *election.Style
	Page  *election.Page
	Marks []marks.Mark // one a target, in the page's order
}

// PageReading is what was found on one page: measured, not decided, and without the picture.
type PageReading struct {
	Image  string // the page's name in every output
	Index  int    // the page's index in its file, from 1; 0 for a file that gave no page
	SHA256 string // of the whole file
	Pixels string // a name of the page's size and grey pixels, or empty where there is no picture
	// Refused is why the page could not be measured, or nil. It carries a typed reason: a *Refusal, *template.Refusal or
	// what the scanner gave.
	Refused error
	// Candidates are the matched style page and then its twins, which look the same.
	Candidates []Candidate
	// Match is the evidence, with Map and Blank; its picture is the blank's, shared, never the scan's.
	Match *template.Match
}

// ReadPage matches a page with the styles and measures every target of the page matched and of its twins. It decides
// nothing. A panic on the way becomes a refusal.
func ReadPage(set *template.Set, page *scanner.Page) (r PageReading) {
	r = PageReading{Image: page.Name, Index: page.Index, SHA256: page.SHA256}
	defer func() {
		if p := recover(); p != nil {
			r.Match, r.Candidates = nil, nil
			r.Refused = internal(p)
		}
	}()
	m, err := set.Match(page)
	if err != nil {
		r.Refused = err
		return r
	}
	if m == nil || m.Style == nil || m.Page == nil || m.Map == nil || m.Blank == nil {
		r.Refused = &Refusal{Internal, "the match is incomplete"}
		return r
	}
	r.Match = m
	defer func() { m.Strays = nil }() // the picture's bulk
	measured := func(s *election.Style, p *election.Page) Candidate {
		ms := marks.Measure(page.Gray, marks.Blank{Gray: m.Blank, DPI: m.DPI, Drawn: m.Page.Picture.Drawn}, m.Map, p.Targets)
		damaged(ms, m.Faults)
		covered(ms, m, p.Targets)
		unheld(ms, m, p)
		for i, v := range m.Beside(p.Targets) {
			ms[i].Beside = marks.Score(v)
		}
		behind(ms, set, s, p)
		return Candidate{s, p, ms}
	}
	r.Candidates = append(r.Candidates, measured(m.Style, m.Page))
	for _, t := range m.Twins {
		if samePlaces(m.Page.Targets, t.Page.Targets) {
			behind(r.Candidates[0].Marks, set, t.Style, t.Page)
			r.Candidates = append(r.Candidates, Candidate{t.Style, t.Page, r.Candidates[0].Marks})
			continue
		}
		r.Candidates = append(r.Candidates, measured(t.Style, t.Page))
	}
	for _, c := range r.Candidates {
		if len(c.Marks) != len(c.Page.Targets) {
			r.Refused = &Refusal{Internal, fmt.Sprintf("%d targets gave %d marks", len(c.Page.Targets), len(c.Marks))}
			r.Match, r.Candidates = nil, nil
			break
		}
	}
	return r
}

// damaged names the fold or streak that runs over a target with ink in it: that ink may be all there is.
func damaged(ms []marks.Mark, faults []template.Fault) {
	for i := range ms {
		m := &ms[i]
		if m.Fill == 0 || m.Damage != "" {
			continue
		}
		for _, f := range faults {
			if (f.Kind == template.Fold || f.Kind == template.Streak) && f.Crosses(m.X, m.Y, m.W, m.H) {
				m.Damage = string(f.Kind)
				break
			}
		}
	}
}

// behind notes what the sheet's other side has behind each target; the most of the styles that the page may be.
func behind(ms []marks.Mark, set *template.Set, s *election.Style, p *election.Page) {
	if len(ms) != len(p.Targets) {
		return
	}
	for i, v := range set.Behind(s, p, p.Targets) {
		ms[i].Back = max(ms[i].Back, marks.Score(v))
	}
}

// coveredNear is how near, in inches, a twin's target lies to the one of the page matched that stands for it.
const coveredNear = 0.1

// covered names the targets over which something may lie.
func covered(ms []marks.Mark, m *template.Match, targets []election.Target) {
	if len(ms) != len(targets) || len(m.Covered) != len(m.Page.Targets) {
		return
	}
	for k, o := range m.Page.Targets {
		if !m.Covered[k] {
			continue
		}
		for i, t := range targets {
			if math.Abs(t.X-o.X) <= coveredNear && math.Abs(t.Y-o.Y) <= coveredNear {
				ms[i].Damage = marks.Covered
			}
		}
	}
}

// ownOutline is how much of a target's outline must be found where nothing near it holds the mapping: sound targets of real
// scans have 0.69 and more.
const ownOutline = 6000

// unheld names the targets of the page matched that lie where the mapping is not held, and whose own outline does not say that
// it is right all the same.
func unheld(ms []marks.Mark, m *template.Match, p *election.Page) {
	if p != m.Page || len(ms) != len(m.Loose) {
		return
	}
	for i := range ms {
		if m.Loose[i] && ms[i].Damage == "" && ms[i].Outline < ownOutline {
			ms[i].Damage = marks.Unheld
		}
	}
}

// internal is the refusal of a page on which the program panicked. The stack stays out of it: it holds addresses, and
// results must be the same bytes on every run.
func internal(p any) error {
	return &Refusal{Internal, fmt.Sprintf("the program failed on this page (%v); please report it with the file", p)}
}

// samePlaces says whether two pages have targets of the same shape at exactly the same places, in order.
func samePlaces(a, b []election.Target) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].X != b[i].X || a[i].Y != b[i].Y || a[i].W != b[i].W || a[i].H != b[i].H || a[i].Shape != b[i].Shape {
			return false
		}
	}
	return true
}

// emptyPage says whether a page was refused because nothing is printed on it.
func emptyPage(err error) bool {
	var r *template.Refusal
	return errors.As(err, &r) && r.Reason == template.EmptyPage
}

// otherCode says whether a page was refused because the code it prints is another style's.
func otherCode(err error) bool {
	var r *template.Refusal
	return errors.As(err, &r) && r.Reason == template.WrongCode
}
