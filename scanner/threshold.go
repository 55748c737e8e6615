package scanner

import "image"

// Threshold gives the grey below which a pixel counts as ink. Paper is the strongest grey of the upper half, ink the grey
// that the darkest half percent of pixels reaches; the threshold lies in the middle, but never so near the paper that its
// grain turns to ink (an almost empty page has no ink to speak of), nor so dark that faint print is lost. A page of black and
// white only gives 128; one with next to nothing in the upper half is cut by Otsu's method.
func Threshold(g *image.Gray) uint8 {
	var four [4][256]int // neighbours are often alike, and a count waits for the one before it
	total := 0
	eachRow(g, func(_ int, row []uint8) {
		total += len(row)
		for len(row) >= 4 {
			four[0][row[0]]++
			four[1][row[1]]++
			four[2][row[2]]++
			four[3][row[3]]++
			row = row[4:]
		}
		for _, v := range row {
			four[0][v]++
		}
	})
	hist := four[0]
	for v := range hist {
		hist[v] += four[1][v] + four[2][v] + four[3][v]
	}
	if hist[0]+hist[255] == total {
		return 128
	}
	upper := 0
	for _, n := range hist[128:] {
		upper += n
	}
	if upper*20 < total { // under 5 %: a very dark scan
		return otsu(&hist, total)
	}
	paper, best := 255, -1
	for v := 128; v < 256; v++ { // five greys together, so that one favoured by a JPEG does not win alone
		sum := 0
		for i := v - 2; i <= min(v+2, 255); i++ {
			sum += hist[i]
		}
		if sum >= best {
			paper, best = v, sum
		}
	}
	ink, seen := 0, hist[0]
	for seen*200 < total && ink < 255 {
		ink++
		seen += hist[ink]
	}
	return uint8(min(max((paper+ink)/2, paper/3), paper*3/4))
}

// otsu cuts where the variance between the two classes is largest; of equals the first.
func otsu(hist *[256]int, total int) uint8 {
	sum := 0.0
	for v, n := range hist {
		sum += float64(v) * float64(n)
	}
	best, cut := -1.0, 128
	dark, darkSum := 0.0, 0.0
	for v, n := range hist {
		if light := float64(total) - dark; dark > 0 && light > 0 {
			d := darkSum/dark - (sum-darkSum)/light
			if between := dark * light * d * d; between > best {
				best, cut = between, v
			}
		}
		dark += float64(n)
		darkSum += float64(v) * float64(n)
	}
	return uint8(cut)
}

// Bits gives the page's pixels as ink and paper, cut at Threshold. They may be the page's own: nobody may change them.
func (p *Page) Bits() *Bits {
	if ink := p.Ink(); ink != nil {
		return ink
	}
	if p.Bitonal {
		return FromGray(p.Gray, 128)
	}
	return FromGray(p.Gray, Threshold(p.Gray))
}
