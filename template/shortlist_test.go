package template

import (
	"fmt"
	"image"
	"image/draw"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

func (c *crowd) load(t testing.TB, without ...string) *Set {
	t.Helper()
	e := *c.e
	e.Styles = slices.DeleteFunc(slices.Clone(e.Styles), func(s election.Style) bool { return slices.Contains(without, s.ID) })
	set, err := Load(&e, c.dir)
	require.NoError(t, err)
	return set
}

var crowdDamages = []struct {
	name   string
	damage fixtures.Damage
}{
	{"slanted and noisy", fixtures.Chain(fixtures.Warp(1, 1, 4, -3), fixtures.Noise(8, 1))},
	{"small, soft and noisy", fixtures.Chain(fixtures.Warp(-0.7, 0.97, 0, 3), fixtures.Blur(1), fixtures.Noise(12, 7), fixtures.JPEG(40))},
	{"black and white with dust", fixtures.Chain(fixtures.Warp(0.3, 1.01, 0, 3), fixtures.Threshold(150), fixtures.Specks(400, 3))},
	{"faint", fixtures.Chain(fixtures.Warp(0.3, 1, 0, 3), fixtures.Threshold(110))},
	{"dark", fixtures.Chain(fixtures.Warp(0.3, 1, 0, 3), fixtures.Threshold(210))},
	{"on its head", func(g *image.Gray) *image.Gray { return turn(fixtures.Warp(0.5, 1, 0, 0)(g), 180) }},
}

// Among 30 layouts and 30 near-twins of three of them every page finds its own style, or is refused for want of evidence.
func TestCrowdFindsItsOwn(t *testing.T) {
	c, err := newCrowd(30, 30, []int{0, 1, 2})
	require.NoError(t, err)
	set := c.load(t)
	assert.Len(t, set.leaders, 30)
	for i := range 3 {
		assert.Len(t, set.leaders[i].family.kin, 10)
	}
	assert.NotEmpty(t, set.pilots)
	refused := 0
	pages := []int{0, 1, 2, 3, 9, 17, 29}
	for i := 30; i < 60; i++ {
		pages = append(pages, i)
	}
	for n, i := range pages {
		d := crowdDamages[n%len(crowdDamages)]
		name := fmt.Sprintf("%s, %s, %s", c.styles[i].id, c.styles[i].precinct, d.name)
		m, err := set.Match(page(c.voted(i, uint64(i), d.damage), crowdDPI))
		if err != nil {
			var r *Refusal
			require.ErrorAs(t, err, &r)
			assert.Equal(t, Ambiguous, r.Reason, "%s: %s", name, r.Detail)
			refused++
			continue
		}
		assert.Equal(t, c.styles[i].id, m.Style.ID, name)
		assert.Less(t, m.ResidualPx, 0.6, name)
		for _, w := range m.Twins { // three digits that differ in the bar of an 8 are too little print to decide by
			assert.Contains(t, []string{"Precinct 3000", "Precinct 3888", "Precinct 3666"}, w.Style.Precinct, name)
		}
	}
	assert.LessOrEqual(t, refused, 3)
}

// A page whose style is missing is refused where its near-twins differ, whatever they differ in.
func TestCrowdPageWithoutItsStyleIsRefused(t *testing.T) {
	c, err := newCrowd(2, 10, []int{0})
	require.NoError(t, err)
	for _, i := range []int{0, 1, 3, 4, 7, 9} {
		set := c.load(t, c.styles[i].id)
		m, err := set.Match(page(c.voted(i, uint64(i), crowdDamages[0].damage), crowdDPI))
		if assert.Error(t, err, "%s, %s", c.styles[i].id, c.styles[i].precinct) {
			continue
		}
		t.Log("read as", m.Style.ID, m.Style.Precinct, "other", m.Other)
	}
}

// What covers or wipes out the print in which near-twins differ makes the page ambiguous, and the refusal names two of them.
func TestCrowdWithTheDifferenceHidden(t *testing.T) {
	c := &crowd{title: newPress(boldTTF, 16), small: newPress(plainTTF, 8), bold: newPress(boldTTF, 10)}
	one := c.layout(1)
	one.id, one.precinct = "one", "Precinct 1231"
	two := one
	two.id, two.precinct = "two", "Precinct 1234" // one digit
	swapped := one
	swapped.id = "swapped" // the same letters in other places
	swapped.contests = slices.Clone(one.contests)
	k := &swapped.contests[0]
	k.names = append(slices.Clone(k.names[1:]), k.names[0])
	c.styles = []crowdStyle{one, two, swapped}
	require.NoError(t, c.save())
	set := c.load(t)
	require.Len(t, set.leaders, 1)
	line := image.Rect(6.2*crowdDPI, 0.78*crowdDPI, 7.9*crowdDPI, 1.02*crowdDPI)
	names := image.Rect(0.75*crowdDPI, 1.6*crowdDPI, 2.9*crowdDPI, 3.9*crowdDPI)
	wiped := func(r image.Rectangle, grey *image.Uniform) fixtures.Damage {
		return func(g *image.Gray) *image.Gray {
			draw.Draw(g, r, grey, image.Point{}, draw.Src)
			return g
		}
	}
	tests := []struct {
		name   string
		style  int
		damage fixtures.Damage
		names  []string // those the refusal names; none where the style is found
	}{
		{"one digit", 0, nil, nil},
		{"the other digit", 1, nil, nil},
		{"order of names", 2, nil, nil},
		{"a stain on the precinct's line", 1, wiped(line, image.Black), []string{"one", "two"}},
		{"the precinct's line wiped out", 0, wiped(line, image.White), []string{"one", "two"}},
		{"a stain on the names", 0, wiped(names, image.Black), []string{"one", "swapped"}},
		{"the names wiped out", 2, wiped(names, image.White), []string{"one", "swapped"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := c.voted(tt.style, 3, nil)
			if tt.damage != nil {
				g = tt.damage(g)
			}
			m, err := set.Match(page(crowdDamages[0].damage(g), crowdDPI))
			if tt.names == nil {
				require.NoError(t, err)
				assert.Equal(t, c.styles[tt.style].id, m.Style.ID)
				assert.Empty(t, m.Twins)
				return
			}
			var r *Refusal
			require.ErrorAs(t, err, &r)
			assert.Equal(t, Ambiguous, r.Reason)
			for _, n := range tt.names {
				assert.Contains(t, r.Detail, n)
			}
		})
	}
}

// What is found at Load does not hang on how many processors there are.
func TestLoadIsTheSameOnAnyMachine(t *testing.T) {
	c, err := newCrowd(3, 4, []int{1})
	require.NoError(t, err)
	say := func(s *Set) string {
		out := ""
		for _, b := range s.blanks {
			out += fmt.Sprintln(b.style.ID, b.leader != nil, len(b.family.kin), b.family.tiles, b.differing, b.fine, b.rough, len(b.shared))
		}
		return out
	}
	many := say(c.load(t))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	assert.Equal(t, many, say(c.load(t)))
}

// cpuTime is the processor time this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heapMB() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 20
}

// A page of an election of 500 styles, 200 of them near-twins: half of those are one family. The pages are slanted by a
// degree, noisy and marked.
func BenchmarkMatch500(b *testing.B) {
	families := []int{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0, 10}
	c, err := newCrowd(300, 200, families)
	require.NoError(b, err)
	start := time.Now()
	set, err := Load(c.e, c.dir)
	require.NoError(b, err)
	b.Logf("loaded in %.1f s: %d blanks, %d laid by themselves, %d MB held", time.Since(start).Seconds(), len(set.blanks), len(set.leaders), heapMB())
	for _, bb := range []struct {
		name   string
		styles []int
	}{
		{"LayoutsOfTheirOwn", []int{20, 111, 222, 299}},
		{"SmallFamily", []int{1, 301, 307, 490}},
		{"FamilyOf100", []int{0, 304, 350, 494}},
	} {
		var pages []*image.Gray
		for i, st := range bb.styles {
			pages = append(pages, c.voted(st, uint64(i), fixtures.Chain(fixtures.Warp(1, 1, 4, -3), fixtures.Noise(8, uint64(i)))))
		}
		b.Run(bb.name, func(b *testing.B) {
			i, before := 0, cpuTime()
			defer func() {
				b.ReportMetric(float64((cpuTime()-before).Microseconds())/1000/float64(max(1, i)), "cpu-ms/page")
			}()
			for b.Loop() {
				m, err := set.Match(page(pages[i%len(pages)], crowdDPI))
				if err != nil {
					b.Fatal(err)
				}
				if want := c.styles[bb.styles[i%len(pages)]].id; m.Style.ID != want || len(m.Twins) > 0 {
					b.Fatalf("%s is read as %s, %d twins", want, m.Style.ID, len(m.Twins))
				}
				i++
			}
		})
	}
}
