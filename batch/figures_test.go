package batch

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/internal/turbo"
	"recount/marks"
	"recount/scanner"
	"recount/vote"
)

// `make bench` ends with the lines that TestFigures prints: the goals of speed as figures, whatever they are.
var (
	figures       = flag.Bool("figures", false, "measure and print the figures of make bench")
	figuresBinary = flag.String("figures.program", "", "the program whose start is timed")
	figuresStrips = flag.String("figures.libtiff", "", "the program of testdata/tiffstrips.c")
	figuresPeer   = flag.String("figures.peer", "", "a Python with OpenCV, to read the pages as OMRChecker does (testdata/omr.py)")
	figuresRounds = flag.Int("figures.rounds", 15, "how often own and the C library's work are timed in turn")
)

// figurePage is a drawn page of 8.5 x 11 in with 51 targets, stored as a scanner stores it.
type figurePage struct {
	press *press
	name  string
	data  []byte
}

func drawFigurePage(t *testing.T, dpi int, stored fixtures.Harm) figurePage {
	p, err := drawPress(fmt.Sprintf("figures-%d", dpi), fixtures.BallotOptions{Family: fixtures.AccuVote, Seed: 11, DPI: dpi, Styles: 1})
	require.NoError(t, err)
	style := &p.election.Styles[0]
	page := &style.Pages[0]
	side, err := fixtures.MarkPage(p.ballots.Blank(style.ID, 1), page, fixtures.Votes(p.election, page, 5, []fixtures.Kind{fixtures.Full, fixtures.Sloppy}), fixtures.Marking{Seed: 5})
	require.NoError(t, err)
	name, data, err := side.File("page", []fixtures.Harm{{Kind: fixtures.Skew, Strength: 0.15, Seed: 1}, {Kind: fixtures.Noisy, Strength: 0.1, Seed: 2}, stored})
	require.NoError(t, err)
	return figurePage{p, name, data}
}

// stages are the processor nanoseconds of a page's way, from its file's bytes to answers.
type stages struct{ decode, match, measure, decide int64 }

func (s stages) all() int64 { return s.decode + s.match + s.measure + s.decide }

// way takes the page from bytes to answers once.
func (f figurePage) way(t *testing.T) (s stages) {
	at := processorTime()
	lap := func(d *int64) {
		now := processorTime()
		*d += now - at
		at = now
	}
	require.NoError(t, scanner.Each(f.name, f.data, scanner.Limits{}, func(r scanner.PageResult) {
		lap(&s.decode)
		m, err := f.press.set.Match(r.Page)
		require.NoError(t, err)
		lap(&s.match)
		c := Candidate{Style: m.Style, Page: m.Page, Marks: marks.Measure(r.Page.Gray, marks.Blank{Gray: m.Blank, DPI: m.DPI, Drawn: m.Page.Picture.Drawn}, m.Map, m.Page.Targets)}
		for i, v := range m.Beside(m.Page.Targets) {
			c.Marks[i].Beside = marks.Score(v)
		}
		lap(&s.measure)
		vote.DecideSheet(f.press.election, m.Style, m.Page.Sheet(), readingsOf(&c), vote.DefaultLimits())
		r.Page.Release()
		lap(&s.decide)
	}))
	return s
}

// ratio times the page's way and the C library's decode of the same bytes in turn, and gives the median of the ratios.
func (f figurePage) ratio(t *testing.T, what string, library func() int64) float64 {
	var ratios []float64
	var ways []stages
	var decodes []int64
	for round := range *figuresRounds + 1 {
		own, c := f.way(t), library()
		if round == 0 {
			continue // the first takes memory
		}
		ratios, ways, decodes = append(ratios, float64(own.all())/float64(c)), append(ways, own), append(decodes, c)
	}
	ms := func(of func(stages) int64) float64 {
		var v []int64
		for _, w := range ways {
			v = append(v, of(w))
		}
		return float64(median(v)) / 1e6
	}
	fmt.Printf("%s: %d bytes; processor ms, medians of %d: decode %.2f, match %.2f, measure %.2f, decide %.2f, all %.2f; the C library's decode %.2f\n",
		what, len(f.data), len(ways), ms(func(s stages) int64 { return s.decode }), ms(func(s stages) int64 { return s.match }),
		ms(func(s stages) int64 { return s.measure }), ms(func(s stages) int64 { return s.decide }), ms(stages.all), float64(median(decodes))/1e6)
	return median(ratios)
}

func median[T cmp.Ordered](v []T) T {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// turboDecode times libjpeg-turbo on a grey JPEG, into memory that is there.
func turboDecode(t *testing.T, data []byte) func() int64 {
	hd, err := turbo.ReadHeader(data)
	require.NoError(t, err)
	g := image.NewGray(image.Rect(0, 0, hd.W, hd.H))
	return func() int64 {
		before := processorTime()
		require.NoError(t, turbo.Gray(g, data))
		return processorTime() - before
	}
}

// libtiffDecode times libtiff in a process of its own, warm.
func libtiffDecode(t *testing.T, f figurePage) func() int64 {
	file := filepath.Join(t.TempDir(), f.name)
	require.NoError(t, os.WriteFile(file, f.data, 0o600))
	return func() int64 {
		out, err := exec.Command(*figuresStrips, file, "9").Output()
		require.NoError(t, err)
		var ns []int64
		for _, line := range strings.Fields(string(out)) {
			v, err := strconv.ParseInt(line, 10, 64)
			require.NoError(t, err)
			ns = append(ns, v)
		}
		return median(ns[2:])
	}
}

// peer gives how long the page takes read as OMRChecker reads, with its marks aligned by ORB features or not at all, divided by our way:
// the median of pairs in turn.
func (f figurePage) peer(t *testing.T, align string) float64 {
	dir := t.TempDir()
	pg := &f.press.election.Styles[0].Pages[0]
	var boxes strings.Builder
	for _, t := range pg.Targets {
		fmt.Fprintln(&boxes, int((t.X-t.W/2)*pg.Picture.DPI), int((t.Y-t.H/2)*pg.Picture.DPI), int(t.W*pg.Picture.DPI), int(t.H*pg.Picture.DPI))
	}
	files := map[string][]byte{f.name: f.data, "blank.png": f.press.ballots.BlankPNG(f.press.election.Styles[0].ID, 1), "boxes": []byte(boxes.String())}
	for name, data := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	var ratios []float64
	var peers []int64
	for round := range *figuresRounds/3 + 2 {
		own := f.way(t)
		c := exec.Command(*figuresPeer, "testdata/omr.py", filepath.Join(dir, f.name), filepath.Join(dir, "blank.png"), filepath.Join(dir, "boxes"), "5", align)
		var said strings.Builder
		c.Stderr = &said
		out, err := c.Output()
		require.NoError(t, err, said.String())
		if round == 0 {
			fmt.Printf("%s, read as OMRChecker does, aligned by %s: %s", f.name, align, said.String())
			continue
		}
		var ns []int64
		for _, line := range strings.Fields(string(out)) {
			v, err := strconv.ParseInt(line, 10, 64)
			require.NoError(t, err)
			ns = append(ns, v)
		}
		peers, ratios = append(peers, median(ns[1:])), append(ratios, float64(median(ns[1:]))/float64(own.all()))
	}
	fmt.Printf("%s: %.2f processor ms\n", align, float64(median(peers))/1e6)
	return median(ratios)
}

func TestFigures(t *testing.T) {
	if !*figures {
		t.Skip("measured by make bench")
	}
	jpeg := fixtures.Harm{Kind: fixtures.Coded, Strength: 0.25}
	var lines []string
	say := func(name, format string, v float64) { lines = append(lines, fmt.Sprintf("figure %s "+format, name, v)) }
	page := drawFigurePage(t, 200, jpeg)
	say("ratio-jpeg200", "%.2f", page.ratio(t, "JPEG, 200 dpi", turboDecode(t, page.data)))
	fine := drawFigurePage(t, 300, jpeg)
	say("ratio-jpeg300", "%.2f", fine.ratio(t, "JPEG, 300 dpi", turboDecode(t, fine.data)))
	if *figuresStrips != "" {
		g4 := drawFigurePage(t, 200, fixtures.Harm{Kind: fixtures.CutDark, Strength: 0.2})
		say("ratio-g4", "%.2f", g4.ratio(t, "Group 4, 200 dpi", libtiffDecode(t, g4)))
	} else {
		fmt.Println("ratio-g4 is not measured: libtiff's program was not built")
	}
	if *figuresPeer != "" {
		say("peer-orb-jpeg200", "%.2f", page.peer(t, "orb"))
		say("peer-unaligned-jpeg200", "%.2f", page.peer(t, "none"))
		say("peer-orb-jpeg300", "%.2f", fine.peer(t, "orb"))
	}
	scaling, rate := figureRates(t, page)
	say("scaling-2-workers", "%.2f", scaling)
	say("peak-mb-per-worker", "%.1f", figurePeak(t, page))
	if *figuresBinary != "" {
		say("start-ms", "%.1f", figureStart(t))
	}
	say("pages-per-second", "%.1f", rate)
	for _, l := range lines {
		fmt.Println(l)
	}
}

// figureReader is a reader of copies of a page, as files in a folder.
func figureReader(t *testing.T, f figurePage, copies int) *reader {
	dir := t.TempDir()
	for i := range copies {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d-%s", i, f.name)), f.data, 0o600))
	}
	src, err := scanner.Open([]string{dir}, scanner.Limits{})
	require.NoError(t, err)
	t.Cleanup(func() { src.Close() })
	ins, all := inputsOf(src)
	require.NoError(t, hashInputs(t.Context(), ins, all, 1, func(int, int) {}))
	return &reader{election: f.press.election, set: f.press.set, limits: vote.DefaultLimits(), inputs: ins}
}

// readAll reads every input once, as a run does, without storing what was read.
func readAll(t *testing.T, r *reader, workers int) {
	read := func(n int) unitResult { return r.readUnit(n, unit{n}) }
	require.NoError(t, pool(context.Background(), workers, 0, len(r.inputs), read, func(u unitResult) error {
		require.NotEqual(t, Refused, u.sheets[0].outcome, u.sheets[0].reason)
		return nil
	}))
}

// figureRates gives how many times as fast two workers are as one, on two processors and on one, and the pages a second of two.
// It is the clock's time: other work on the machine makes both worse.
func figureRates(t *testing.T, f figurePage) (scaling, rate float64) {
	r := figureReader(t, f, 24)
	timed := func(workers int) float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		start := time.Now()
		readAll(t, r, workers)
		return time.Since(start).Seconds()
	}
	timed(2)
	var ratios, rates []float64
	for range max(3, *figuresRounds/3) {
		one, two := timed(1), timed(2)
		ratios, rates = append(ratios, one/two), append(rates, float64(len(r.inputs))/two)
	}
	return median(ratios), median(rates)
}

// figurePeak gives the megabytes that each of two workers adds at most to a process that has the definition in memory.
func figurePeak(t *testing.T, f figurePage) float64 {
	r := figureReader(t, f, 40)
	defer debug.SetGCPercent(debug.SetGCPercent(GCPercent)) // as the program does
	// What measuring and drawing left behind goes back first; the peak is counted from there.
	debug.FreeOSMemory()
	before := memoryLine(t, "VmRSS")
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skipf("the peak of memory cannot be reset: %v", err)
	}
	readAll(t, r, 2)
	return (memoryLine(t, "VmHWM") - before) / 2
}

// memoryLine is a line of this process's status, in megabytes.
func memoryLine(t *testing.T, name string) float64 {
	data, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			v, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			require.NoError(t, err)
			return v / 1024
		}
	}
	t.Skipf("no %s in the process's status", name)
	return 0
}

// figureStart gives the milliseconds that the program needs to say its version: the median, by the clock.
func figureStart(t *testing.T) float64 {
	var wall, cpu []float64
	for range 31 {
		start := time.Now()
		c := exec.Command(*figuresBinary, "--version")
		require.NoError(t, c.Run())
		wall = append(wall, float64(time.Since(start).Microseconds())/1e3)
		cpu = append(cpu, float64((c.ProcessState.UserTime()+c.ProcessState.SystemTime()).Microseconds())/1e3)
	}
	fmt.Printf("start: %.1f ms by the clock (least %.1f), %.1f ms of processor time\n", median(wall), slices.Min(wall), median(cpu))
	return median(wall)
}
