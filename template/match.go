package template

import (
	"image"

	"recount/election"
	"recount/scanner"
)

// Set is an election's blank pages, ready to be matched with scans. It is safe for use by many workers at once.
type Set struct {
	election *election.Election
}

// Match says what a page is and where everything printed on it lies.
type Match struct {
	Style *election.Style
	Page  *election.Page
	// Twins are other pages whose print does not differ anywhere from this one's; only the sheet's partner can tell them apart.
	Twins []Twin
	// Rotation is how far the scan must be turned clockwise to stand upright: 0, 90, 180 or 270 degrees.
	Rotation int
	// SkewDeg is the slant that stays after that turn, in degrees, clockwise positive.
	SkewDeg float64
	// Scale is the scan's size relative to the blank's, in inches where the scan names its resolution, else in pixels.
	Scale float64
	// ResidualPx is the median distance, in scan pixels, of the anchors used from where the mapping puts them; WorstPx the largest.
	ResidualPx, WorstPx float64
	// Anchors are the places of the blank looked for on the scan.
	Anchors []Anchor
	// Map carries inches on the blank to pixels of the scan as given. It implements marks.Mapping.
	Map *Map
	// Blank is the reference picture matched, at DPI pixels an inch.
	Blank *image.Gray
	DPI   float64
}

// Twin is another style's page that looks the same.
type Twin struct {
	Style *election.Style
	Page  *election.Page
}

// Anchor is one place of the blank looked for on the scan.
type Anchor struct {
	X, Y   float64 // inches on the blank
	PX, PY float64 // pixels of the scan, where it was found
	Used   bool    // false where the robust fit set it aside
}

// Map carries inches on the blank to pixels of the scan as given.
type Map struct{}

// Pixel maps a point of the blank, in inches from its top left, to scan pixels.
func (m *Map) Pixel(x, y float64) (px, py float64) { return 0, 0 }

// Reason is why a page was refused.
type Reason string

// The reasons of a refusal.
const (
	EmptyPage Reason = "empty-page"     // nothing printed was found
	NoStyle   Reason = "no-style"       // no style of the election fits
	Ambiguous Reason = "ambiguous"      // two styles fit alike
	WeakFit   Reason = "weak-fit"       // a style fits, but its position is not certain enough to read
)

// Refusal is a page that was not matched. Tried names the styles that came nearest.
type Refusal struct {
	Reason Reason
	Detail string
	Tried  []string
}

// Error says why, for a person.
func (r *Refusal) Error() string { return string(r.Reason) + ": " + r.Detail }

// Load reads the reference pictures of the election's styles from dir, checks their hashes and prepares them.
func Load(e *election.Election, dir string) (*Set, error) {
	return &Set{election: e}, nil
}

// Match finds the page's style, way up and mapping. The error is always a *Refusal.
func (s *Set) Match(p *scanner.Page) (*Match, error) {
	return nil, &Refusal{Reason: NoStyle, Detail: "matching is not built yet"}
}
