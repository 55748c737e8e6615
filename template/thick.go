package template

import "math/bits"

// thickPatch grows the patch's ink by n pixels in every direction.
func thickPatch(p patch, n int) patch {
	for n > 0 {
		k := min(n, 4)
		thickRows(&p.rows, k)
		n -= k
	}
	p.ink = 0
	for _, r := range p.rows {
		p.ink += bits.OnesCount64(r)
	}
	return p
}

// thickRows grows the rows' ink by n pixels, 1 to 4, in every direction: along the rows first, then down the columns.
func thickRows(rows *[64]uint64, n int) {
	var pad [64 + 8]uint64 // four white rows above and below
	for j, w := range rows {
		for k := range n {
			if k == 2 && n == 4 { // what reaches two pixels is moved by two more
				w |= w<<2 | w>>2
				break
			}
			w |= w<<1 | w>>1
		}
		pad[4+j] = w
	}
	for j := range rows {
		w := pad[j+4]
		for k := 1; k <= n; k++ {
			w |= pad[j+4-k] | pad[j+4+k]
		}
		rows[j] = w
	}
}
