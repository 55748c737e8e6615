package template

import (
	"image"
	"testing"

	"recount/fixtures"
)

// A page of 40 layouts and 20 near-twins: quick to set up, for comparing two versions in turn.
func BenchmarkMatch60(b *testing.B) {
	c, err := newCrowd(40, 20, []int{0, 0, 0, 1})
	if err != nil {
		b.Fatal(err)
	}
	set, err := Load(c.e, c.dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct {
		name   string
		styles []int
	}{{"Own", []int{20, 11, 22, 29}}, {"Family", []int{0, 40, 44, 49}}} {
		var pages []*image.Gray
		for i, st := range bb.styles {
			pages = append(pages, c.voted(st, uint64(i), fixtures.Chain(fixtures.Warp(1, 1, 4, -3), fixtures.Noise(8, uint64(i)))))
		}
		b.Run(bb.name, func(b *testing.B) {
			i, before := 0, cpuTime()
			for b.Loop() {
				if _, err := set.Match(page(pages[i%len(pages)], crowdDPI)); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.ReportMetric(float64((cpuTime()-before).Microseconds())/1000/float64(max(1, i)), "cpu-ms/page")
		})
	}
}
