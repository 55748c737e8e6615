package template

import (
	"math"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"recount/scanner"
)

// noised is a page with every n-th pixel turned.
func noised(b *scanner.Bits, n int) *scanner.Bits {
	out := b.Clone()
	for i := 0; i < b.W*b.H; i += n {
		out.Set(i%b.W, i/b.W, !out.At(i%b.W, i/b.W))
	}
	return out
}

// What is found near, or by comparing only what can be the best, is what a search of every shift finds.
func TestShortSearchesFindWhatTheLongOneFinds(t *testing.T) {
	b := blots(260, 220, 9)
	page := noised(b, 37)
	surely := 0
	rapid.Check(t, func(rt *rapid.T) {
		x, y := rapid.IntRange(-20, 200).Draw(rt, "x"), rapid.IntRange(-20, 170).Draw(rt, "y")
		off := shift{rapid.IntRange(-9, 9).Draw(rt, "dx"), rapid.IntRange(-9, 9).Draw(rt, "dy")}
		p := patchAt(b, x, y)
		if p.ink < alignPrint {
			return
		}
		from := shift{x - off.dx, y - off.dy}
		const r = 8
		if f, ok := searchNear(page, &p, from.dx, from.dy, r, shift{off.dx + rapid.IntRange(-3, 3).Draw(rt, "ex"), off.dy}); ok {
			surely++
			all := search(page, &p, from.dx, from.dy, r)
			assert.LessOrEqual(rt, all.second, all.like-0.1)
			all.second = 0
			assert.Equal(rt, all, f)
		}
		var s slid
		s.slide(page, from.dx, from.dy)
		dx, dy := s.settle(&p)
		all := searchWithin(page, &p, from.dx, from.dy, tileReach, 0)
		assert.Equal(rt, [2]float64{math.Round(all.dx), math.Round(all.dy)}, [2]float64{float64(dx), float64(dy)})

		q := p // a kin's print, with other letters in some rows
		for j := range rapid.IntRange(0, 40).Draw(rt, "rows") {
			q.rows[10+j] = patchAt(b, x/2, y/2).rows[j]
		}
		q.ink = 0
		for _, w := range q.rows {
			q.ink += bits.OnesCount64(w)
		}
		by, lead := s.costs(&p)
		_, own := s.costs(&q)
		assert.Equal(rt, own, s.costsLike(&q, &p, &by, lead))
		v := variant{thickened: thickenPrint(q)}
		v.lie(&s, &own)
		if q.ink >= alignPrint {
			all = searchWithin(page, &q, from.dx, from.dy, tileReach, 0)
			assert.Equal(rt, [3]float64{math.Round(all.dx), math.Round(all.dy), all.like}, [3]float64{float64(v.dx), float64(v.dy), v.like})
		}
	})
	require.Positive(t, surely)
}

// Ink grows as if every pixel were asked, up to the patch's edge.
func TestThickRows(t *testing.T) {
	b := blots(64, 64, 4)
	p := patchAt(b, 0, 0)
	for n := 1; n <= 4; n++ {
		got := p.rows
		thickRows(&got, n)
		grown := b.Grow(n)
		for j, w := range got {
			assert.Equal(t, grown.Window(0, j), w, "%d pixels, row %d", n, j)
		}
	}
	assert.Equal(t, thickPatch(p, 6), thickPatch(thickPatch(p, 4), 2))
}

// What is known beforehand of two prints weighs a place as the prints themselves do, in either order.
func TestContrastIsWhatDiffers(t *testing.T) {
	b, o := blots(300, 200, 5), blots(300, 200, 6)
	for i := range 40 {
		x, y := 5*i, 3*i
		first, second := thickenPrint(patchAt(b, x, y)), thickenPrint(patchAt(o, x, y))
		page := patchAt(noised(b, 11), x, y)
		v := &view{page: page, near: grow(page)}
		shown := 0
		for j, w := range first.print.rows {
			shown += bits.OnesCount64(w & v.near.rows[j])
		}
		c, back := contrastOf(first, second, nil), contrastOf(second, first, nil)
		got := c.weigh(v, first.print.ink, shown, false)
		var want evidence
		fineA, fineB := only(&first.print, &second.thick1), only(&second.print, &first.thick1)
		onlyA, onlyB := only(&first.print, &second.thick2), only(&second.print, &first.thick2)
		require.False(t, stained(&page, &fineA, &fineB, &first.thick2, &second.thick2))
		want.fine.weigh(&page, &fineA, &fineB)
		want.coarse.weigh(&v.near, &onlyA, &onlyB)
		assert.Equal(t, want, got)
		assert.Equal(t, got, back.weigh(v, first.print.ink, shown, true).swapped())
		assert.Equal(t, fineA.ink+fineB.ink, c.weigh(nil, 0, 0, false).fine.all)
	}
}
