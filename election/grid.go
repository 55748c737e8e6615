package election

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Bits says where a code of the kind "bits" stands, and what is known of every such code: its checks.
type Bits struct {
	Places []Place `json:"places"`
	W      float64 `json:"w"` // inches: the size of the area that is dark for a one, white for a zero
	H      float64 `json:"h"`
	// Ones and Zeros are the places, counted from 0, that are always printed and never printed.
	Ones  []int `json:"ones,omitempty"`
	Zeros []int `json:"zeros,omitempty"`
	// Parity is "even" or "odd" where the number of ones is known to be that, else empty.
	Parity string `json:"parity,omitempty"`
}

// Place is a point, in inches from the top left of the blank's picture.
type Place struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Grid is the lattice that a page's timing marks span. Columns are the marks' middles across the page, Rows down it, both in
// inches and rising: the marks on the left side stand at Columns[0], those at the top at Rows[0], and so on.
type Grid struct {
	Columns []float64 `json:"columns"`
	Rows    []float64 `json:"rows"`
	W       float64   `json:"w"` // inches: the size of one mark
	H       float64   `json:"h"`
	// Sides are those that have marks: "left", "right", "top", "bottom".
	Sides []string `json:"sides"`
}

// At is the point of a column and a row, counted from 0; fractions lie between two marks.
func (g *Grid) At(column, row float64) (x, y float64) {
	return between(g.Columns, column), between(g.Rows, row)
}

// between is the value at a fractional index; past either end it goes on as between the last two.
func between(v []float64, at float64) float64 {
	i := min(max(int(at), 0), len(v)-2)
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}

// gridSlack is how far, in inches, a target's written place may lie from its column and row: less than a third of the
// smallest target.
const gridSlack = 0.03

// resolve fills in the places of targets that are given by column and row alone.
func (e *Election) resolve() {
	for i := range e.Styles {
		for j := range e.Styles[i].Pages {
			g := &e.Styles[i].Pages[j]
			for k := range g.Targets {
				if t := &g.Targets[k]; t.X == 0 && t.Y == 0 && g.Grid != nil && t.Column != nil && t.Row != nil {
					x, y := g.Grid.At(*t.Column, *t.Row)
					t.X, t.Y = RoundInches(x), RoundInches(y)
				}
			}
		}
	}
}

// RoundInches is a length as a definition holds it: to a ten-thousandth of an inch.
func RoundInches(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// checkGrid looks at a page's timing marks and at the targets that are placed by them.
func checkGrid(p *Page, at string, out *Problems) {
	g := p.Grid
	if g == nil {
		for i, t := range p.Targets {
			if t.Column != nil || t.Row != nil {
				out.add(fmt.Sprintf("%s/targets/%d", at, i), "the target lies at a column and a row, but the page has no grid", "describe the page's timing marks in grid, or give x and y")
			}
		}
		return
	}
	width, height := float64(p.Picture.Width)/p.Picture.DPI, float64(p.Picture.Height)/p.Picture.DPI
	for _, l := range []struct {
		name string
		v    []float64
		end  float64
	}{{"columns", g.Columns, width}, {"rows", g.Rows, height}} {
		for i, v := range l.v {
			if i > 0 && v <= l.v[i-1] {
				out.add(at+"/grid/"+l.name, fmt.Sprintf("number %d does not rise above the one before", i), "list the marks' middles from left to right and from the top down")
			}
			if v > l.end {
				out.add(at+"/grid/"+l.name, fmt.Sprintf("%.3f lies outside the picture", v), "lengths are inches from the picture's top left")
			}
		}
	}
	for i, t := range p.Targets {
		if (t.Column == nil) != (t.Row == nil) {
			out.add(fmt.Sprintf("%s/targets/%d", at, i), "the target has only one of column and row", "give both, or x and y")
			continue
		}
		if t.Column == nil {
			continue
		}
		if x, y := g.At(*t.Column, *t.Row); math.Abs(x-t.X) > gridSlack || math.Abs(y-t.Y) > gridSlack {
			out.add(fmt.Sprintf("%s/targets/%d", at, i), fmt.Sprintf("x and y (%.3f, %.3f) are not at column %g, row %g of the grid (%.3f, %.3f)", t.X, t.Y, *t.Column, *t.Row, x, y),
				"correct one of them, or leave x and y out")
		}
	}
}

// checkCode refuses a value that its kind cannot have.
func checkCode(c *Code, at string, p *Problems) {
	if c == nil {
		return
	}
	if c.Kind == "accuvote" && len(c.Value) != 8 {
		p.add(at+"/value", fmt.Sprintf("%q is not 32 bits", c.Value), "an accuvote code is eight hex digits; take the code out if it is not known")
	}
	if (c.Kind == "bits") != (c.Bits != nil) {
		p.add(at, "a code of the kind bits needs bits, the places where it stands, and no other kind has them", "correct the kind, or add or remove bits")
		return
	}
	if c.Bits != nil {
		c.checkBits(at, p)
	}
	c.checkMask(at, p)
}

// checkBits holds a code of marks against its own checks.
func (c *Code) checkBits(at string, p *Problems) {
	n := len(c.Bits.Places)
	on, err := c.Bits.Parse(c.Value)
	if err != nil {
		p.add(at+"/value", err.Error(), fmt.Sprintf("write the %d bits as %d hex digits, the first place the highest bit", n, 2*((n+7)/8)))
		return
	}
	if err := c.Bits.check(); err != nil {
		p.add(at+"/bits", err.Error(), "correct ones and zeros")
		return
	}
	if !c.Bits.Holds(on) {
		p.add(at+"/value", fmt.Sprintf("%q does not pass the code's own checks (ones, zeros, parity)", c.Value), "correct the value or the checks")
	}
}

// check refuses ones and zeros that are no place.
func (b *Bits) check() error {
	for _, i := range slices.Concat(b.Ones, b.Zeros) {
		if n := len(b.Places); i < 0 || i >= n {
			return fmt.Errorf("there is no place %d: they count from 0 to %d", i, n-1)
		}
	}
	return nil
}

// Parse reads a value: one bool a place.
func (b *Bits) Parse(value string) ([]bool, error) {
	n := len(b.Places)
	if len(value) != 2*((n+7)/8) {
		return nil, fmt.Errorf("%q is not %d bits", value, n)
	}
	on := make([]bool, n)
	spare := 4*len(value) - n
	for i := range 4 * len(value) {
		d, err := strconv.ParseUint(value[i/4:i/4+1], 16, 8)
		if err != nil {
			return nil, fmt.Errorf("%q is not written in hex digits", value)
		}
		bit := d>>(3-i%4)&1 == 1
		switch {
		case i >= spare:
			on[i-spare] = bit
		case bit:
			return nil, fmt.Errorf("%q has more than %d bits", value, n)
		}
	}
	return on, nil
}

// Format writes the bits as a value: lower-case hex, the first place the highest bit.
func (b *Bits) Format(on []bool) string {
	out := make([]byte, 2*((len(on)+7)/8))
	spare := 4*len(out) - len(on)
	for i := range out {
		d := 0
		for j := range 4 {
			if k := 4*i + j - spare; k >= 0 && on[k] {
				d |= 8 >> j
			}
		}
		out[i] = "0123456789abcdef"[d]
	}
	return string(out)
}

// Holds says whether the bits pass the code's own checks.
func (b *Bits) Holds(on []bool) bool {
	if len(on) != len(b.Places) {
		return false
	}
	for _, i := range b.Ones {
		if !on[i] {
			return false
		}
	}
	for _, i := range b.Zeros {
		if on[i] {
			return false
		}
	}
	n := 0
	for _, v := range on {
		if v {
			n++
		}
	}
	return b.Parity == "" || (b.Parity == "odd") == (n%2 == 1)
}
