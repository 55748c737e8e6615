package template

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// What is wrong with a page is named, and nothing is where nothing is wrong.
func TestFaults(t *testing.T) {
	town := drawnTown(t)
	front, _ := town.sheet(t, 0)
	rule := func(x0, y0, x1, y1, wide float64, level uint8) fixtures.Damage {
		return func(g *image.Gray) *image.Gray {
			g = fixtures.Clone(g)
			w, h := float64(g.Rect.Dx()), float64(g.Rect.Dy())
			fixtures.Stroke(g, fixtures.Pen{Width: wide, Level: level}, fixtures.Point{X: x0 * w, Y: y0 * h}, fixtures.Point{X: x1 * w, Y: y1 * h})
			return g
		}
	}
	tests := []struct {
		name   string
		damage fixtures.Damage
		want   []FaultKind
	}{
		{"as printed", func(g *image.Gray) *image.Gray { return g }, nil},
		{"noisy", fixtures.Noise(10, 4), nil},
		{"bitonal", fixtures.Threshold(140), nil},
		{"fold", rule(0, 0.41, 1, 0.415, 3, 40), []FaultKind{Fold}},
		{"streak", rule(0.53, 0, 0.53, 1, 3, 0), []FaultKind{Streak}},
		{"fold and streak", func(g *image.Gray) *image.Gray {
			return rule(0, 0.4, 1, 0.4, 3, 0)(rule(0.3, 0, 0.3, 1, 3, 0)(g))
		}, []FaultKind{Fold, Streak}},
		{"upside down with a fold", func(g *image.Gray) *image.Gray { return fixtures.Turn180()(rule(0, 0.3, 1, 0.3, 3, 40)(g)) }, []FaultKind{Fold}},
		{"short line", rule(0.3, 0.41, 0.6, 0.41, 3, 40), nil},
		{"a third of the page covered", func(g *image.Gray) *image.Gray {
			g = fixtures.Clone(g)
			for y := g.Rect.Dy() * 2 / 3; y < g.Rect.Dy(); y++ {
				clear255(g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()])
			}
			return g
		}, []FaultKind{MissingPrint}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := town.set.Match(page(tt.damage(front), 200))
			require.NoError(t, err)
			var got []FaultKind
			for _, f := range m.Faults {
				got = append(got, f.Kind)
			}
			assert.Equal(t, tt.want, got)
			require.NotNil(t, m.Strays)
		})
	}
}

func TestFaultCrosses(t *testing.T) {
	across := Fault{Kind: Fold, X0: 0, Y0: 100, X1: 1000, Y1: 110}
	down := Fault{Kind: Streak, X0: 500, Y0: 0, X1: 500, Y1: 1000}
	tests := []struct {
		name       string
		f          Fault
		x, y, w, h int
		want       bool
	}{
		{"fold over it", across, 480, 98, 40, 20, true},
		{"fold above it", across, 480, 120, 40, 20, false},
		{"fold, further along its slope", across, 900, 106, 40, 6, true},
		{"streak over it", down, 480, 300, 40, 20, true},
		{"streak beside it", down, 510, 300, 40, 20, false},
		{"missing print is nowhere", Fault{Kind: MissingPrint}, 0, 0, 10, 10, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, tt.f.Crosses(tt.x, tt.y, tt.w, tt.h)) })
	}
}

func clear255(p []uint8) {
	for i := range p {
		p[i] = 255
	}
}
