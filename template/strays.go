package template

import (
	"math/bits"

	"recount/scanner"
)

// tileSize is the size of the tiles in which the blank is laid on a page: a word of packed bits.
const tileSize = 64

// nearPrint is how many pixels of the plane print may move or thicken from scan to scan before it counts as other ink: two
// are a hundredth of an inch.
const nearPrint = 2

// compared is a page held against its blank, pixel for pixel of the plane.
type compared struct {
	strays *scanner.Bits // ink the blank does not print there
	lost   *scanner.Bits // print that is not on the page
	print  *scanner.Bits // the blank's print, targets and all, as the page should show it
	near   *scanner.Bits // what lies within nearPrint of print or of ink
}

// compare lays the whole blank on the page, tile by tile, each moved by the pixel or two that make it most like the page, and
// takes away what agrees. It is done once for a mapping.
func (f *fit) compare(pl *plane) compared {
	if f.held.print == nil || f.heldBy != f.m || f.heldOn != pl {
		f.held, f.heldBy, f.heldOn = f.lay(pl), f.m, pl
	}
	return f.held
}

func (f *fit) lay(pl *plane) compared {
	print, inked := scanner.NewBits(pl.bits.W, pl.bits.H), pl.bits.Grow(nearPrint)
	for ty := 0; ty < pl.bits.H; ty += tileSize {
		for tx := 0; tx < pl.bits.W; tx += tileSize {
			x, y := float64(tx)+tileSize/2, float64(ty)+tileSize/2
			p, ok := f.tileOf(f.blank.full.bits, pl, x, y, 0)
			if !ok || p.ink == 0 {
				continue
			}
			if !liesOn(&p, inked, tx, ty) {
				p, _ = f.tileOf(f.blank.full.bits, pl, x, y, tileReach)
			}
			for j := range min(tileSize, pl.bits.H-ty) {
				print.Row(ty + j)[tx/tileSize] = p.rows[j]
			}
		}
	}
	clip(print)
	printed := print.Grow(nearPrint)
	c := compared{strays: pl.bits.Without(printed), lost: print.Without(inked), print: print, near: printed}
	c.near.Join(inked)
	inked.Release()
	pl.made = append(pl.made, c.strays, c.lost, c.print, c.near)
	return c
}

// liesOn says whether all but a sixty-fourth of a tile's print lies on the page's ink or near it, where the mapping puts it: then it
// need not be moved.
func liesOn(p *patch, inked *scanner.Bits, tx, ty int) bool {
	off := 0
	for j := range min(tileSize, inked.H-ty) {
		off += bits.OnesCount64(p.rows[j] &^ inked.Row(ty + j)[tx/tileSize])
	}
	return off*64 <= p.ink
}

// clip clears what lies past the width in the last word of each row.
func clip(b *scanner.Bits) {
	if r := b.W % tileSize; r != 0 {
		for y := range b.H {
			row := b.Row(y)
			row[len(row)-1] &= 1<<r - 1
		}
	}
}
