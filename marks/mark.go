package marks

import "strconv"

// Score is a fraction in ten-thousandths, 0 to 10000: an integer, so that comparing it with a limit gives the same answer on
// every machine.
type Score int

// String prints the score as a fraction of 1 with four decimals.
func (s Score) String() string { return strconv.FormatFloat(float64(s)/10000, 'f', 4, 64) }

// Mapping carries a point of a style's page, in inches from the blank's top left, to pixels of the scan as given.
type Mapping interface {
	Pixel(x, y float64) (px, py float64)
}

// The bits of Mark.Arms on two sides of a target.
const (
	ArmsLeft  = 1<<0 | 1<<7
	ArmsRight = 1<<3 | 1<<4
)

// Mark is what was measured at one target.
type Mark struct {
	// X, Y, W and H bound the target's white inside, in pixels of the scan as given.
	X, Y, W, H int
	// Fill is the part of the fillable inside that new ink covers.
	Fill Score
	// Outline is how much of the printed outline was found where the mapping says it is.
	Outline Score
	// Around is new ink in a ring just outside the outline, as a part of the ring's area.
	Around Score
	// Arms says in which eighths of the circle around the target new ink reaches from 0.085 to 0.13 in beyond the outline: a bit
	// for each, from the left over the top to the right and back below it. A full mark has none, a line through the target two
	// that face each other, a cross over it four.
	Arms int
	// Dark is the mean darkness of the new ink inside, between local paper (0) and the page's print (10000).
	Dark Score
	// Shade is the mean darkness of the whole fillable inside over that of the paper around the target, on the same scale: pencil
	// too light to count as ink still shades it.
	Shade Score
	// Spread is the longer extent of the new ink inside, as a part of the inside's width: a dot is small, a line across is 10000.
	Spread Score
	// Pieces counts the connected pieces of new ink inside that are larger than grain; Largest is the part of the fillable
	// inside that the largest one covers. A stroke is one piece, dust is many small ones.
	Pieces  int
	Largest Score
	// Angle is the direction of the new ink's longer axis in degrees, 0 to 179: 0 lies along the target, 45 rises to the right.
	Angle int
	// OffX and OffY are where the middle of the new ink inside lies, from the target's middle (0) to its right or lower edge
	// (10000), or its left or upper one (-10000).
	OffX, OffY Score
	// Beside is ink that the blank does not print in the place of the choice's name, or of a name to be written in, as a part
	// of that place. Who holds the whole page against its blank measures it; Measure leaves it 0.
	Beside Score
	// Back is the part of the paper behind the target, and a little around it, that the sheet's other side prints on, 10000 where
	// a target lies there. Who holds both sides' blanks measures it; Measure leaves it 0.
	Back Score
	// Overprint is the part of the fillable inside that the blank prints over: ink there cannot be told from print.
	Overprint Score
	// DX and DY are the local correction applied, in hundredths of a pixel of the scan.
	DX, DY int
	// Damage names what about the paper or the scan crosses the target (LineAcross, LineDown), or Covered where something
	// may lie over it; else it is empty.
	Damage string
	// Trace is a small picture of the mark (trace.go), or empty where there is next to no ink.
	Trace string
}
