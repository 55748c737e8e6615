package marks

import (
	"image"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
)

func TestArmsHaveSides(t *testing.T) {
	p := draw(election.Oval, 200)
	line(p, pen(200), 200, [2]float64{-2.4, 0.1}, [2]float64{2.4, 0.1})
	got := one(p, election.Oval, at(200)).Arms
	assert.NotZero(t, got&ArmsLeft)
	assert.NotZero(t, got&ArmsRight)
	assert.Zero(t, got&^(ArmsLeft|ArmsRight))
}

func TestArms(t *testing.T) {
	tests := []struct {
		name string
		draw func(p *image.Gray)
		want int
	}{
		{"empty", func(*image.Gray) {}, 0},
		{"filled", func(p *image.Gray) { fill(p, pen(200), 200) }, 0},
		{"filled and crossed over", func(p *image.Gray) {
			fill(p, pen(200), 200)
			line(p, pen(200), 200, [2]float64{-2.6, -2.9}, [2]float64{2.6, 2.9})
			line(p, pen(200), 200, [2]float64{-2.6, 2.9}, [2]float64{2.6, -2.9})
		}, 4},
		{"struck through downwards", func(p *image.Gray) {
			line(p, pen(200), 200, [2]float64{0.1, -3.2}, [2]float64{0.1, 3.2})
		}, 2},
		{"a tick whose end flies away", func(p *image.Gray) {
			line(p, pen(200), 200, [2]float64{-0.5, 0}, [2]float64{0, 0.8}, [2]float64{1.6, -3})
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := draw(election.Oval, 200)
			tt.draw(p)
			assert.Equal(t, tt.want, bits.OnesCount(uint(one(p, election.Oval, at(200)).Arms)))
		})
	}
}
