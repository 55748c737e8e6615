package marks

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// A blank target is empty and its outline whole, however the page was scanned.
func TestBlankTargetIsEmpty(t *testing.T) {
	grey := func(p *image.Gray) *image.Gray { return p }
	tests := []struct {
		name   string
		shape  election.Shape
		dpi    float64
		damage fixtures.Damage
	}{
		{"oval", election.Oval, 200, grey},
		{"box", election.Box, 200, grey},
		{"oval at 300 dpi", election.Oval, 300, grey},
		{"box at 300 dpi", election.Box, 300, grey},
		{"oval at 400 dpi", election.Oval, 400, grey},
		{"oval at 150 dpi", election.Oval, 150, grey},
		{"bitonal oval", election.Oval, 200, fixtures.Threshold(150)},
		{"bitonal box", election.Box, 200, fixtures.Threshold(150)},
		{"bitonal oval at 300 dpi", election.Oval, 300, fixtures.Threshold(128)},
		{"light grey paper", election.Oval, 200, paperOf(235, 20)},
		{"yellow paper, scanned to grey 200", election.Oval, 200, paperOf(200, 40)},
		{"box on yellow paper", election.Box, 200, paperOf(200, 40)},
		{"pale print", election.Oval, 200, paperOf(255, 90)},
		{"soft", election.Oval, 200, fixtures.Blur(1)},
		{"noisy", election.Oval, 200, fixtures.Noise(8, 3)},
		{"JPEG of low quality", election.Oval, 200, fixtures.JPEG(40)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mk := one(tt.damage(draw(tt.shape, tt.dpi)), tt.shape, at(tt.dpi))
			assert.Less(t, mk.Fill, Score(200), "fill")
			assert.Greater(t, mk.Outline, Score(9500), "outline")
			assert.Less(t, mk.Around, Score(200), "around")
			assert.Less(t, mk.Overprint, Score(1000), "the outline's soft edge reaches in a little at 150 dpi")
			assert.InDelta(t, (targetX-outerW/2+stroke)*tt.dpi, mk.X, 1)
			assert.InDelta(t, (targetY-outerH/2+stroke)*tt.dpi, mk.Y, 1)
			assert.InDelta(t, (outerW-2*stroke)*tt.dpi, mk.W, 1)
			assert.InDelta(t, (outerH-2*stroke)*tt.dpi, mk.H, 1)
		})
	}
}

// Drawn cleanly, a blank is not merely nearly empty.
func TestBlankTargetIsExactlyEmptyWhereNothingWasDamaged(t *testing.T) {
	for _, shape := range []election.Shape{election.Oval, election.Box} {
		mk := one(draw(shape, 200), shape, at(200))
		assert.Equal(t, Mark{X: mk.X, Y: mk.Y, W: mk.W, H: mk.H, Outline: 10000}, mk, "%s", shape)
	}
}

func TestMarksOfAHand(t *testing.T) {
	hand := func(k fixtures.Kind) func(*image.Gray, float64) {
		return func(p *image.Gray, dpi float64) { fixtures.Mark(p, oval(dpi), dpi, k, rand.New(rand.NewPCG(7, 7))) }
	}
	tests := []struct {
		name    string
		draw    func(p *image.Gray, dpi float64)
		atLeast Score
		below   Score
	}{
		{"filled", func(p *image.Gray, dpi float64) { fill(p, pen(dpi), dpi) }, 6000, 10001},
		{"filled by a hand", hand(fixtures.Full), 6000, 10001},
		{"sloppy", hand(fixtures.Sloppy), voteFill, 10001},
		{"half filled", hand(fixtures.Half), voteFill, 8000},
		{"X", hand(fixtures.Cross), voteFill, 10001},
		{"tick", hand(fixtures.Tick), voteFill, 10001},
		{"line across by a hand", hand(fixtures.Line), voteFill, 10001},
		{"line of 1 mm along the long axis", func(p *image.Gray, dpi float64) {
			line(p, fixtures.Pen{Width: dpi / 25.4, Level: 30}, dpi, [2]float64{-1.1, 0}, [2]float64{1.1, 0})
		}, voteFill, 10001},
		{"light pencil", func(p *image.Gray, dpi float64) { fill(p, pencil(dpi), dpi) }, 6000, 10001},
		{"dot", hand(fixtures.Dot), 1, voteFill},
		{"stray line beside", hand(fixtures.Stray), 0, 200},
		{"nothing", hand(fixtures.NoMark), 0, 1},
	}
	for _, dpi := range []float64{200, 300} {
		for _, shape := range []election.Shape{election.Oval, election.Box} {
			for _, tt := range tests {
				t.Run(fmt.Sprintf("%s, %s, %g dpi", tt.name, shape, dpi), func(t *testing.T) {
					p := draw(shape, dpi)
					tt.draw(p, dpi)
					mk := one(p, shape, at(dpi))
					assert.GreaterOrEqual(t, mk.Fill, tt.atLeast, "fill")
					assert.Less(t, mk.Fill, tt.below, "fill")
					assert.Greater(t, mk.Outline, Score(9000), "outline")
				})
			}
		}
	}
}

// Spread tells a dot from a line across: the one is small, the other as wide as the inside.
func TestSpread(t *testing.T) {
	p := draw(election.Oval, 200)
	line(p, pen(200), 200, [2]float64{-1.1, 0}, [2]float64{1.1, 0})
	assert.Greater(t, one(p, election.Oval, at(200)).Spread, Score(9000))

	p = draw(election.Oval, 200)
	line(p, pen(200), 200, [2]float64{0, 0}, [2]float64{0.02, 0})
	dot := one(p, election.Oval, at(200))
	assert.NotZero(t, dot.Spread)
	assert.Less(t, dot.Spread, Score(5000))
}

// A pencil covers as much as a pen and is far lighter: Fill and Dark are two things.
func TestDarkTellsPencilFromPen(t *testing.T) {
	inked, pencilled := draw(election.Oval, 200), draw(election.Oval, 200)
	fill(inked, pen(200), 200)
	fill(pencilled, pencil(200), 200)
	a, b := one(inked, election.Oval, at(200)), one(pencilled, election.Oval, at(200))
	assert.Greater(t, a.Dark, Score(6000))
	assert.Greater(t, b.Dark, Score(3000))
	assert.Less(t, 3*b.Dark, 2*a.Dark)
}

func TestInkOutside(t *testing.T) {
	tests := []struct {
		name   string
		draw   func(p *image.Gray)
		around Score // at least
	}{
		{"circle drawn around", func(p *image.Gray) { loop(p, pen(200), 200, 1.55, 1.8) }, 2500},
		{"ink left of the oval", func(p *image.Gray) { line(p, pen(200), 200, [2]float64{-1.55, -0.8}, [2]float64{-1.55, 0.8}) }, 300},
		{"underlined", func(p *image.Gray) { line(p, pen(200), 200, [2]float64{-1.2, 1.9}, [2]float64{1.2, 1.9}) }, 300},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := draw(election.Oval, 200)
			tt.draw(p)
			mk := one(p, election.Oval, at(200))
			assert.Zero(t, mk.Fill)
			assert.Zero(t, mk.Dark)
			assert.Zero(t, mk.Spread)
			assert.GreaterOrEqual(t, mk.Around, tt.around)
			assert.Greater(t, mk.Outline, Score(9500))
		})
	}
}

// Where the blank itself prints over the target, ink there cannot be told from print, and the mark says how much of it.
func TestOverprint(t *testing.T) {
	wash := func(p *image.Gray, level uint8, from, to float64) *image.Gray { // a band of grey over part of the width
		fixtures.Stroke(p, fixtures.Pen{Width: 0.3 * 200, Level: level}, fixtures.Point{X: from * 200, Y: targetY * 200}, fixtures.Point{X: to * 200, Y: targetY * 200})
		return p
	}
	tests := []struct {
		name     string
		level    uint8
		from, to float64
		least    Score
		most     Score
	}{
		{"a dark wash over all of it", 60, 0.9, 1.5, 9900, 10000},
		{"a wash over the left part", 110, 0.9, 1.05, 3000, 8000},
		{"a wash beside it", 60, 0.5, 0.8, 0, 0},
		{"a tinted panel is paper of another shade", 170, 0.9, 1.5, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			blank := wash(draw(election.Oval, 200), tt.level, tt.from, tt.to)
			mk := Measure(blank, Blank{Gray: blank, DPI: 200}, at(200), []election.Target{target(election.Oval)})[0]
			assert.GreaterOrEqual(t, mk.Overprint, tt.least)
			assert.LessOrEqual(t, mk.Overprint, tt.most)
			assert.Zero(t, mk.Fill, "print is never ink")
		})
	}
}

// A mapping a few pixels off is settled by the print around the target: the scores are those of a mapping that is right.
func TestShiftIsSettled(t *testing.T) {
	p := draw(election.Oval, 200)
	line(p, pen(200), 200, [2]float64{-0.9, 0.4}, [2]float64{0.9, -0.4})
	right := one(p, election.Oval, at(200))
	require.Greater(t, right.Fill, voteFill)
	for dy := -3; dy <= 3; dy++ {
		for dx := -3; dx <= 3; dx++ {
			mk := one(moved(p, dx, dy), election.Oval, at(200))
			name := fmt.Sprintf("shift %d,%d", dx, dy)
			assert.InDelta(t, int(right.Fill), int(mk.Fill), 50, name)
			assert.Greater(t, mk.Outline, Score(9500), name)
			assert.InDelta(t, 100*dx, mk.DX, 50, name)
			assert.InDelta(t, 100*dy, mk.DY, 50, name)
			assert.InDelta(t, right.X+dx, mk.X, 1, name)
			assert.InDelta(t, right.Y+dy, mk.Y, 1, name)
		}
	}
}

// A mapping that puts the target where none is printed says so: a low outline, whatever the fill.
func TestTargetThatIsNotThere(t *testing.T) {
	tests := []struct {
		name string
		m    Mapping
	}{
		{"a row up", linear{200, 200, 0, -50}},
		{"a row down", linear{200, 200, 0, 50}},
		{"on blank paper to the left", linear{200, 200, -120, 20}},
		{"half a target to the left", linear{200, 200, -20, 0}},
		{"beyond the picture", linear{200, 200, 3000, 0}},
	}
	for _, shape := range []election.Shape{election.Oval, election.Box} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s, %s", tt.name, shape), func(t *testing.T) {
				assert.Less(t, one(draw(shape, 200), shape, tt.m).Outline, Score(6000))
			})
		}
	}
}

// odd is a mapping given by a function.
type odd func(x, y float64) (float64, float64)

func (f odd) Pixel(x, y float64) (float64, float64) { return f(x, y) }

func TestBrokenMappings(t *testing.T) {
	tests := []struct {
		name string
		m    Mapping
	}{
		{"not a number", odd(func(x, y float64) (float64, float64) { return math.NaN(), math.NaN() })},
		{"one not a number", odd(func(x, y float64) (float64, float64) { return 200 * x, math.NaN() })},
		{"not a number at the target only", odd(func(x, y float64) (float64, float64) {
			if x == targetX && y == targetY {
				return math.NaN(), 0
			}
			return 200 * x, 200 * y
		})},
		{"infinite", odd(func(x, y float64) (float64, float64) { return math.Inf(1), math.Inf(-1) })},
		{"zero", linear{}},
		{"folded to a line", linear{sx: 200}},
		{"tiny", linear{sx: 1e-9, sy: 1e-9}},
		{"huge scale", linear{sx: 1e9, sy: 1e9}},
		{"a little beyond any scan", linear{sx: 1600, sy: 1600}},
		{"far away", linear{200, 200, 1e12, 0}},
		{"outside the picture", linear{200, 200, 5000, 5000}},
		{"outside to the other side", linear{200, 200, -5000, -5000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mk := one(draw(election.Oval, 200), election.Oval, tt.m)
			assert.Zero(t, mk.Outline)
			assert.Zero(t, mk.Fill)
		})
	}
}

// A target at the page's edge is measured as far as there is paper.
func TestTargetAtTheEdge(t *testing.T) {
	blank := draw(election.Oval, 200)
	cut := fixtures.Clone(blank.SubImage(image.Rect(int(targetX*200), 0, 480, 320)).(*image.Gray)) // its left half is gone
	mk := one(cut, election.Oval, linear{200, 200, -targetX * 200, 0})
	assert.Less(t, mk.Outline, Score(8000))
	assert.Greater(t, mk.Outline, Score(2000))
	assert.Zero(t, mk.Fill)
}

// The scan's picture may be a part of a larger one: its stride is not its width.
func TestStride(t *testing.T) {
	p := draw(election.Oval, 200)
	fill(p, pen(200), 200)
	wide := image.NewGray(image.Rect(0, 0, p.Rect.Dx()+37, p.Rect.Dy()))
	for y := range p.Rect.Dy() {
		copy(wide.Pix[y*wide.Stride:], p.Pix[y*p.Stride:y*p.Stride+p.Rect.Dx()])
	}
	part := wide.SubImage(p.Rect).(*image.Gray)
	assert.Equal(t, one(p, election.Oval, at(200)), one(part, election.Oval, at(200)))
}

func TestNoTargets(t *testing.T) {
	p := draw(election.Oval, 200)
	assert.Empty(t, Measure(p, Blank{Gray: p, DPI: 200}, at(200), nil))
	assert.NotPanics(t, func() {
		none := image.NewGray(image.Rectangle{})
		mk := Measure(none, Blank{Gray: p, DPI: 200}, at(200), []election.Target{target(election.Oval)})
		assert.Zero(t, mk[0].Outline, "a picture without pixels")
	})
}

// One target's measurement does not depend on which were measured before it.
func TestOrderDoesNotMatter(t *testing.T) {
	m, err := fixtures.New(fixtures.Options{Seed: 9})
	require.NoError(t, err)
	pg := m.Election().Styles[0].Pages[0]
	scan, _, err := m.Draw(m.Voters()[2])
	require.NoError(t, err)
	b := Blank{Gray: m.Blank(fixtures.District1, 1), DPI: 200}
	all := Measure(scan, b, at(200), pg.Targets)
	require.Len(t, all, len(pg.Targets))
	for i := len(all) - 1; i >= 0; i-- {
		assert.Equal(t, all[i], Measure(scan, b, at(200), pg.Targets[i:i+1])[0], "target %d", i)
	}
}

func TestScoreString(t *testing.T) {
	tests := []struct {
		score Score
		want  string
	}{{0, "0.0000"}, {1, "0.0001"}, {1200, "0.1200"}, {10000, "1.0000"}}
	for _, tt := range tests {
		assert.Equal(t, tt.want, tt.score.String())
	}
}
