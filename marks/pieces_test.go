package marks

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
)

func TestShapeOfInk(t *testing.T) {
	tests := []struct {
		name    string
		draw    func(p *image.Gray)
		pieces  int
		angle   int // -1: any
		offX    Score
		offY    Score
		largest bool // all of the ink is one piece
	}{
		{"line along", func(p *image.Gray) { line(p, pen(200), 200, [2]float64{-1, 0}, [2]float64{1, 0}) }, 1, 0, 0, 0, true},
		{"line rising to the right", func(p *image.Gray) { line(p, pen(200), 200, [2]float64{-0.5, 0.75}, [2]float64{0.5, -0.75}) }, 1, 45, 0, 0, true},
		{"line falling to the right", func(p *image.Gray) { line(p, pen(200), 200, [2]float64{-0.5, -0.75}, [2]float64{0.5, 0.75}) }, 1, 135, 0, 0, true},
		{"line down", func(p *image.Gray) { line(p, pen(200), 200, [2]float64{0, -1}, [2]float64{0, 1}) }, 1, 90, 0, 0, true},
		{"two dots", func(p *image.Gray) {
			line(p, pen(200), 200, [2]float64{-0.5, 0}, [2]float64{-0.49, 0})
			line(p, pen(200), 200, [2]float64{0.5, 0}, [2]float64{0.51, 0})
		}, 2, 0, 0, 0, false},
		{"dot at the right", func(p *image.Gray) { line(p, pen(200), 200, [2]float64{0.5, 0}, [2]float64{0.51, 0}) }, 1, -1, 6200, 0, true},
		{"dot low", func(p *image.Gray) { line(p, pen(200), 200, [2]float64{0, 0.4}, [2]float64{0.01, 0.4}) }, 1, -1, 0, 5800, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := draw(election.Oval, 200)
			tt.draw(p)
			mk := one(p, election.Oval, at(200))
			assert.Equal(t, tt.pieces, mk.Pieces, "pieces")
			if tt.angle >= 0 {
				assert.LessOrEqual(t, min((mk.Angle-tt.angle+360)%180, (tt.angle-mk.Angle+360)%180), 8, "angle %d", mk.Angle)
			}
			assert.InDelta(t, int(tt.offX), int(mk.OffX), 900, "across")
			assert.InDelta(t, int(tt.offY), int(mk.OffY), 900, "down")
			if tt.largest {
				assert.Equal(t, mk.Fill, mk.Largest)
			} else {
				assert.InDelta(t, int(mk.Fill)/2, int(mk.Largest), 150)
			}
		})
	}
}
