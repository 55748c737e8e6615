package template

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"recount/fixtures"
	"recount/scanner"
)

// anyAffine draws a mapping that a scanner can make: 50 to 400 pixels an inch, any turn, a little sheared, shifted.
func anyAffine(rt *rapid.T) affine {
	s := rapid.Float64Range(50, 400).Draw(rt, "scale")
	a := rapid.Float64Range(-math.Pi, math.Pi).Draw(rt, "turn")
	k := rapid.Float64Range(0.95, 1.05).Draw(rt, "stretch")
	h := rapid.Float64Range(-0.04, 0.04).Draw(rt, "shear")
	sin, cos := math.Sincos(a)
	shift := rapid.Float64Range(-2000, 2000)
	return affine{A: s * cos, B: -s * k * sin, D: s * sin, E: s * k * cos}.
		after(affine{A: 1, B: h, E: 1}).
		plus(shift.Draw(rt, "dx"), shift.Draw(rt, "dy"))
}

func (m affine) plus(dx, dy float64) affine {
	m.C += dx
	m.F += dy
	return m
}

func anyPoint(rt *rapid.T) (float64, float64) {
	return rapid.Float64Range(0, 8.5).Draw(rt, "x"), rapid.Float64Range(0, 22).Draw(rt, "y")
}

func TestAffineInverse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := anyAffine(rt)
		inv, ok := m.inverse()
		require.True(rt, ok)
		x, y := anyPoint(rt)
		bx, by := inv.at(m.at(x, y))
		assert.InDelta(rt, x, bx, 1e-9)
		assert.InDelta(rt, y, by, 1e-9)
		assert.InDelta(rt, 1, m.scale()*inv.scale(), 1e-9)
	})
	for _, flat := range []affine{{}, {A: 200}, {A: 1, B: 2, D: 2, E: 4}, {C: 5, F: 7}} {
		_, ok := flat.inverse()
		assert.False(t, ok, "%v folds the plane flat", flat)
	}
}

func TestAffineAfter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m, n := anyAffine(rt), anyAffine(rt)
		x, y := anyPoint(rt)
		wx, wy := m.at(n.at(x, y))
		gx, gy := m.after(n).at(x, y)
		assert.InDelta(rt, wx, gx, 1e-6)
		assert.InDelta(rt, wy, gy, 1e-6)
	})
}

// pairsOf maps n places of a letter page.
func pairsOf(m affine, n int, r *rand.Rand) []pair {
	ps := make([]pair, n)
	for i := range ps {
		p := pair{x: 0.3 + 7.9*r.Float64(), y: 0.3 + 10.4*r.Float64(), w: 0.5 + 0.5*r.Float64()}
		p.px, p.py = m.at(p.x, p.y)
		ps[i] = p
	}
	return ps
}

func TestFitAffineFindsTheMapping(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := anyAffine(rt)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		got, ok := fitAffine(pairsOf(m, 20, r))
		require.True(rt, ok)
		x, y := anyPoint(rt)
		wx, wy := m.at(x, y)
		gx, gy := got.at(x, y)
		assert.InDelta(rt, wx, gx, 1e-4)
		assert.InDelta(rt, wy, gy, 1e-4)
	})
}

func TestFitAffineRefuses(t *testing.T) {
	tests := []struct {
		name string
		ps   []pair
	}{
		{"none", nil},
		{"one", []pair{{1, 1, 200, 200, 1}}},
		{"two", []pair{{1, 1, 200, 200, 1}, {2, 3, 400, 600, 1}}},
		{"one place three times", []pair{{1, 1, 200, 200, 1}, {1, 1, 201, 200, 1}, {1, 1, 200, 201, 1}}},
		{"on a line", []pair{{1, 1, 200, 200, 1}, {2, 2, 400, 400, 1}, {3, 3, 600, 600, 1}, {7.1, 7.1, 1420, 1420, 1}}},
		{"on an upright line", []pair{{1, 1, 200, 200, 1}, {1, 2, 200, 400, 1}, {1, 9, 200, 1800, 1}}},
		{"without weight", []pair{{1, 1, 200, 200, 0}, {2, 1, 400, 200, 0}, {1, 2, 200, 400, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, ok := fitAffine(tt.ps)
			assert.False(t, ok)
		})
	}
}

// With four of ten pairs wild the mapping is found, the wild ones are named, and twice alike.
func TestRobustAffine(t *testing.T) {
	truth := affine{A: 169, B: -3, C: 20, D: 3.2, E: 170, F: -15}
	for _, n := range []int{20, 40, 200} {
		for seed := range uint64(10) {
			r := rand.New(rand.NewPCG(seed, uint64(n)))
			ps := pairsOf(truth, n, r)
			for i := range ps {
				ps[i].px += 0.3 * r.NormFloat64()
				ps[i].py += 0.3 * r.NormFloat64()
			}
			wild := map[int]bool{}
			for _, i := range r.Perm(n)[:n*4/10] {
				a := 2 * math.Pi * r.Float64()
				d := 15 + 60*r.Float64()
				ps[i].px += d * math.Cos(a)
				ps[i].py += d * math.Sin(a)
				wild[i] = true
			}
			m, agree, ok := robustAffine(ps, 3)
			require.True(t, ok, "%d pairs, seed %d", n, seed)
			for i, p := range ps {
				assert.Equal(t, !wild[i], agree[i], "%d pairs, seed %d, pair %d", n, seed, i)
				x, y := truth.at(p.x, p.y)
				gx, gy := m.at(p.x, p.y)
				assert.Less(t, math.Hypot(gx-x, gy-y), 1.0, "%d pairs, seed %d", n, seed)
			}
			again, _, _ := robustAffine(ps, 3)
			assert.Equal(t, m, again)
		}
	}
}

func TestRobustAffineRefuses(t *testing.T) {
	mirrored := affine{A: -170, E: 170, C: 1445}
	line := []pair{{1, 1, 170, 170, 1}, {1, 2, 170, 340, 1}, {1, 3, 170, 510, 1}, {1, 5, 170, 850, 1}}
	tests := []struct {
		name string
		ps   []pair
	}{
		{"none", nil},
		{"two", []pair{{1, 1, 200, 200, 1}, {2, 3, 400, 600, 1}}},
		{"on a line", line},
		{"mirrored", pairsOf(mirrored, 12, rand.New(rand.NewPCG(1, 1)))},
		{"mirrored, many", pairsOf(mirrored, 50, rand.New(rand.NewPCG(1, 1)))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, agree, ok := robustAffine(tt.ps, 3)
			assert.False(t, ok)
			assert.Nil(t, agree)
		})
	}
}

func TestPlausible(t *testing.T) {
	turned := func(deg, sx, sy, shear float64) affine {
		s, c := math.Sincos(deg * math.Pi / 180)
		return affine{A: c, B: -s, D: s, E: c}.after(affine{A: sx, B: shear * sy, E: sy})
	}
	tests := []struct {
		name string
		m    affine
		want bool
	}{
		{"upright", turned(0, 170, 170, 0), true},
		{"turned", turned(90, 170, 170, 0), true},
		{"on its head and slanted", turned(177, 200, 200, 0), true},
		{"a fax", turned(0, 204, 196, 0), true},
		{"stretched by a tenth", turned(3, 170, 187, 0), true},
		{"a little sheared", turned(0, 170, 170, 0.03), true},
		{"stretched by a fifth", turned(0, 170, 204, 0), false},
		{"sheared", turned(0, 170, 170, 0.1), false},
		{"mirrored", affine{A: -170, E: 170}, false},
		{"flat", affine{A: 170}, false},
		{"nothing", affine{}, false},
		{"tiny", turned(0, 0.5, 0.5, 0), false},
		{"not a number", affine{A: math.NaN(), E: 170}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, plausible(tt.m)) })
	}
}

// The slant of ruled lines is found to a tenth of a degree, as far as it is looked for.
func TestSkew(t *testing.T) {
	rules := fixtures.Paper(1445, 1000) // 8.5 inches at planeDPI
	for y := 120.0; y < 900; y += 45 {
		fixtures.Bar(rules, 150, y, 1300, y+3)
	}
	for x := 160.0; x < 1300; x += 160 {
		fixtures.Bar(rules, x, 120, x+3, 880)
	}
	for _, deg := range []float64{-7, -4.5, -2, -0.7, -0.1, 0, 0.1, 0.5, 1.3, 3, 5.2, 7} {
		b := scanner.FromGray(fixtures.Warp(deg, 1, 0, 0)(rules), 128)
		got := skew(rowStrips(b), columnStrips(b)) * 180 / math.Pi
		assert.InDelta(t, deg, got, 0.1, "%g degrees", deg)
	}
	empty := scanner.NewBits(850, 1100)
	assert.Zero(t, skew(rowStrips(empty), columnStrips(empty)), "an empty page lies straight")
	tiny := scanner.NewBits(10, 10)
	assert.Zero(t, skew(rowStrips(tiny), columnStrips(tiny)))
}
