package marks

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"recount/election"
	"recount/fixtures"
)

// anyStrokes draws up to five strokes in and about the target, the same in inches at every resolution given.
func anyStrokes(rt *rapid.T, label string) func(p *image.Gray, dpi float64) {
	type mark struct {
		from, to [2]float64
		wide     float64
		level    uint8
	}
	var ms []mark
	for range rapid.IntRange(1, 5).Draw(rt, label+" strokes") {
		half := rapid.Float64Range(-1, 1)
		ms = append(ms, mark{
			from:  [2]float64{half.Draw(rt, "x0"), half.Draw(rt, "y0")},
			to:    [2]float64{half.Draw(rt, "x1"), half.Draw(rt, "y1")},
			wide:  rapid.Float64Range(0.012, 0.04).Draw(rt, "wide"),
			level: uint8(rapid.IntRange(10, 110).Draw(rt, "level")),
		})
	}
	return func(p *image.Gray, dpi float64) {
		for _, m := range ms {
			line(p, fixtures.Pen{Width: m.wide * dpi, Level: m.level}, dpi, m.from, m.to)
		}
	}
}

func anyShape(rt *rapid.T) election.Shape {
	return rapid.SampledFrom([]election.Shape{election.Oval, election.Box}).Draw(rt, "shape")
}

// A page that lies on its head has the same marks.
func TestTurnedPageHasTheSameFill(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shape := anyShape(rt)
		p := draw(shape, 200)
		anyStrokes(rt, "mark")(p, 200)
		up := one(p, shape, at(200))
		down := one(fixtures.Turn180()(p), shape, linear{-200, -200, float64(p.Rect.Dx()), float64(p.Rect.Dy())})
		assert.InDelta(rt, int(up.Fill), int(down.Fill), 300)
		assert.InDelta(rt, int(up.Around), int(down.Around), 300)
		assert.InDelta(rt, int(up.Outline), int(down.Outline), 300)
	})
}

// More ink is never less fill. A pixel's shift of the settling may move a score by the ink on one edge of a stroke.
func TestAddingInkNeverLowersFill(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shape := anyShape(rt)
		p := draw(shape, 200)
		anyStrokes(rt, "first")(p, 200)
		before := one(p, shape, at(200))
		anyStrokes(rt, "more")(p, 200)
		after := one(p, shape, at(200))
		assert.GreaterOrEqual(rt, after.Fill+100, before.Fill)
	})
}

// A page scanned twice as large has the same fill, but for the soft edge of each stroke: at 200 dpi a third of a pixel of it
// counts as ink on each side, half as many inches at 400.
func TestResolutionDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shape := anyShape(rt)
		marks := anyStrokes(rt, "mark")
		small, large := draw(shape, 200), draw(shape, 400)
		marks(small, 200)
		marks(large, 400)
		assert.InDelta(rt, int(one(small, shape, at(200)).Fill), int(one(large, shape, at(400)).Fill), 1000)
	})
}

// Every score is a fraction, whatever the picture and wherever the mapping points.
func TestScoresAreFractions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, h := rapid.IntRange(1, 60).Draw(rt, "w"), rapid.IntRange(1, 60).Draw(rt, "h")
		g := image.NewGray(image.Rect(0, 0, w, h))
		copy(g.Pix, rapid.SliceOfN(rapid.Byte(), w*h, w*h).Draw(rt, "pixels"))
		v := rapid.Float64Range(-400, 400)
		m := linear{v.Draw(rt, "sx"), v.Draw(rt, "sy"), v.Draw(rt, "ox"), v.Draw(rt, "oy")}
		mk := one(g, anyShape(rt), m)
		for _, s := range []Score{mk.Fill, mk.Outline, mk.Around, mk.Dark, mk.Spread, mk.Overprint} {
			assert.True(rt, s >= 0 && s <= 10000, "%+v", mk)
		}
	})
}
