package scanner

import "math"

// ScanDPIs are the resolutions that scanners and renderers use.
var ScanDPIs = []float64{72, 75, 96, 100, 120, 144, 150, 200, 240, 300, 400, 600}

// papers are the ballot papers seen, in inches.
var papers = [][2]float64{{8.5, 11}, {8.5, 13}, {8.5, 14}, {8.5, 17}, {8.5, 18}, {8.5, 19}, {8.5, 20}, {8.5, 22}, {8.27, 11.69}, {11, 17}}

// LikelyDPIs lists the resolutions at which a picture of w x h pixels is about a paper's size, likeliest first.
func LikelyDPIs(w, h int) []float64 {
	type cand struct{ dpi, off float64 }
	var cs []cand
	for _, d := range ScanDPIs {
		wi, hi := float64(min(w, h))/d, float64(max(w, h))/d
		off := math.Inf(1)
		for _, p := range papers {
			// A scan is a little larger than its paper more often than smaller.
			ow, oh := wi/p[0]-1, hi/p[1]-1
			if ow > -0.04 && ow < 0.06 && oh > -0.04 && oh < 0.06 {
				off = math.Min(off, math.Abs(ow)+math.Abs(oh))
			}
		}
		if !math.IsInf(off, 1) {
			cs = append(cs, cand{d, off})
		}
	}
	var out []float64
	for len(cs) > 0 {
		best := 0
		for i := range cs {
			if cs[i].off < cs[best].off {
				best = i
			}
		}
		out = append(out, cs[best].dpi)
		cs = append(cs[:best], cs[best+1:]...)
	}
	return out
}

// BelievableDPI gives the resolution a picture claims, or 0 where at that resolution it would be no ballot's size: picture
// editors write 72 or 96 into whatever they save. Ballots are 8.5 inches wide; cards and tabloid sheets are allowed for.
func BelievableDPI(w, h int, dpi float64) float64 {
	if short := float64(min(w, h)) / max(dpi, 1); dpi <= 0 || short < 5.5 || short > 12.5 {
		return 0
	}
	return dpi
}
