package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"recount/vote"
)

// chartBatches is how many batches the chart draws one by one: those unlike the others first, then the largest.
const chartBatches = 12

// The sizes of the chart's parts.
const (
	chartWide   = 7.5 * vg.Inch
	chartMain   = 3.1 * vg.Inch
	chartSmall  = 2.1 * vg.Inch
	chartEdge   = 0.1 * vg.Inch // around each panel
	chartAcross = 2
)

// The answers' colours: apart in lightness too, so that they stay apart in grey print.
var (
	noneColour         = color.NRGBA{0xc3, 0xcc, 0xd6, 0xff}
	questionableColour = color.NRGBA{0xd9, 0x77, 0x06, 0xff}
	voteColour         = color.NRGBA{0x12, 0x3f, 0x7a, 0xff}
	limitColour        = color.NRGBA{0xa3, 0x12, 0x12, 0xff}
	inkColour          = color.NRGBA{0x1b, 0x1f, 0x24, 0xff}
)

// FillChart draws how full the run's targets are, all of them and batch by batch, with the limits of none and vote, as an SVG.
func FillChart(batches []BatchCount, l vote.Limits) ([]byte, error) {
	all := BatchCount{}
	for i := range batches {
		all.Sheets += batches[i].Sheets
		all.Fill.Plus(&batches[i].Fill)
	}
	shown := chartOf(batches)
	rows := (len(shown) + chartAcross - 1) / chartAcross
	high := chartMain + vg.Length(rows)*chartSmall
	svg := vgsvg.NewWith(vgsvg.UseWH(chartWide, high))
	page := draw.New(svg)
	main := fillPanel("All targets of "+sheetsText(all.Sheets), &all.Fill, l, true)
	drawPanel(draw.Crop(page, 0, 0, high-chartMain, 0), main)
	for i, b := range shown {
		small := fillPanel(batchTitle(b), &b.Fill, l, false)
		if len(b.Odd) > 0 {
			small.Title.TextStyle.Color = limitColour
		}
		row, column := vg.Length(i/chartAcross), vg.Length(i%chartAcross)
		wide := chartWide / chartAcross
		drawPanel(draw.Crop(page, column*wide, (column+1)*wide-chartWide, high-chartMain-(row+1)*chartSmall, -chartMain-row*chartSmall), small)
	}
	var out bytes.Buffer
	if _, err := svg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("draw the histogram of fill: %w", err)
	}
	// Few readers of the file have the face that it was laid out with; others are as wide, or nearly.
	return bytes.ReplaceAll(out.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")), nil
}

// chartOf chooses the batches to be drawn, in their order; none where there is one alone.
func chartOf(batches []BatchCount) []*BatchCount {
	if len(batches) < 2 {
		return nil
	}
	shown := make([]*BatchCount, len(batches))
	for i := range batches {
		shown[i] = &batches[i]
	}
	slices.SortStableFunc(shown, func(a, b *BatchCount) int {
		return cmp.Or(cmp.Compare(min(len(b.Odd), 1), min(len(a.Odd), 1)), cmp.Compare(b.Targets(), a.Targets()))
	})
	shown = shown[:min(len(shown), chartBatches)]
	slices.SortFunc(shown, func(a, b *BatchCount) int { return cmp.Compare(a.Name, b.Name) })
	return shown
}

func batchTitle(b *BatchCount) string {
	name := b.Name
	if name == "" {
		name = "in no folder"
	}
	// A name may hold anything; an XML text may not.
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 32 {
		name = "..." + string(r[len(r)-29:])
	}
	name += ": " + sheetsText(b.Sheets)
	if len(b.Odd) > 0 {
		name += ", unlike the others"
	}
	return name
}

func sheetsText(n int) string {
	if n == 1 {
		return "1 sheet"
	}
	return strconv.Itoa(n) + " sheets"
}

// fillPanel is one histogram.
func fillPanel(title string, f *FillCount, l vote.Limits, large bool) *plot.Plot {
	p := plot.New()
	face := func(size vg.Length) font.Font { return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size} }
	small, letters := vg.Points(7.5), vg.Points(8)
	if large {
		small, letters = vg.Points(8.5), vg.Points(9.5)
	}
	p.Title.Text = title
	p.Title.TextStyle.Font = face(letters + 1)
	p.Title.Padding = vg.Points(16)
	p.X.Label.Text = "part of the target that new ink covers"
	for _, s := range []*text.Style{&p.X.Label.TextStyle, &p.Legend.TextStyle} {
		s.Font = face(letters)
	}
	p.X.Tick.Label.Font, p.Y.Tick.Label.Font = face(small), face(small)
	p.X.Min, p.X.Max = 0, 101
	p.X.Tick.Marker = plot.TickerFunc(percentTicks)
	most := uint32(9)
	for i := range fillBins {
		most = max(most, f.Vote[i], f.Questionable[i], f.None[i])
	}
	p.Y.Min, p.Y.Max = barFoot, math.Pow(10, math.Ceil(math.Log10(float64(most)+0.5)))
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plot.TickerFunc(powerTicks)
	p.X.Padding, p.Y.Padding = 0, vg.Points(2)
	p.Add(fillBars{f}, limitLine{float64(l.NoneFill) / 100, "none " + percent4(int(l.NoneFill)), face(small), true},
		limitLine{float64(l.VoteFill) / 100, "vote " + percent4(int(l.VoteFill)), face(small), false})
	if large {
		p.Legend.Top = true
		p.Legend.XOffs, p.Legend.YOffs = -vg.Points(6), -vg.Points(2)
		p.Legend.Add("none", swatch{noneColour})
		p.Legend.Add("questionable", swatch{questionableColour})
		p.Legend.Add("vote", swatch{voteColour})
	}
	return p
}

// drawPanel draws a histogram within its edges, and what its upright axis is beside it: the library takes the middle of an axis of
// logarithms for that of its numbers, and would shrink the field to make room for a name there.
func drawPanel(c draw.Canvas, p *plot.Plot) {
	style := p.X.Label.TextStyle
	wide := style.FontExtents().Height
	inner := draw.Crop(c, chartEdge+wide, -chartEdge, chartEdge, -chartEdge)
	style.Rotation, style.XAlign, style.YAlign = math.Pi/2, text.XCenter, text.YBottom
	p.Draw(inner)
	field := p.DataCanvas(inner)
	c.FillText(style, vg.Point{X: c.Min.X + chartEdge + wide, Y: (field.Min.Y + field.Max.Y) / 2}, "targets (logarithmic)")
}

// percentTicks are every ten percent, with numbers on every second.
func percentTicks(low, high float64) (out []plot.Tick) {
	for v := 0; v <= 100; v += 10 {
		label := ""
		if v%20 == 0 {
			label = strconv.Itoa(v) + " %"
		}
		out = append(out, plot.Tick{Value: float64(v), Label: label})
	}
	return out
}

// powerTicks are the powers of ten.
func powerTicks(low, high float64) (out []plot.Tick) {
	for v := 1; float64(v) <= high*1.001; v *= 10 {
		label := strconv.Itoa(v)
		for i := len(label) - 3; i > 0; i -= 3 {
			label = label[:i] + "," + label[i:]
		}
		out = append(out, plot.Tick{Value: float64(v), Label: label})
	}
	return out
}

// barFoot is where bars stand on an axis of logarithms: under 1, so that a single target is seen.
const barFoot = 0.6

// fillBars draws the bars: in each bin those of the three answers, the tallest behind, all from the foot, so that each is read off the axis.
type fillBars struct{ f *FillCount }

// Plot draws the bars.
func (b fillBars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	type bar struct {
		n      uint32
		colour color.Color
	}
	for i := range fillBins {
		bars := []bar{{b.f.None[i], noneColour}, {b.f.Questionable[i], questionableColour}, {b.f.Vote[i], voteColour}}
		slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(b.n, a.n) })
		for _, one := range bars {
			if one.n == 0 {
				continue
			}
			left, right, foot, top := x(float64(i)), x(float64(i+1)), y(barFoot), y(float64(one.n))
			box := []vg.Point{{X: left, Y: foot}, {X: right, Y: foot}, {X: right, Y: top}, {X: left, Y: top}}
			c.FillPolygon(one.colour, box)
			c.StrokeLines(draw.LineStyle{Color: inkColour, Width: vg.Points(0.25)}, append(box, box[0]))
		}
	}
}

// limitLine is a limit: a dashed line with its name above the field.
type limitLine struct {
	at   float64
	name string
	face font.Font
	left bool // the name ends at the line, else it begins there
}

// Plot draws the line.
func (l limitLine) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	top := c.Max.Y + vg.Points(4)
	c.StrokeLine2(draw.LineStyle{Color: limitColour, Width: vg.Points(0.9), Dashes: []vg.Length{vg.Points(3), vg.Points(2)}}, x(l.at), c.Min.Y, x(l.at), top)
	style := text.Style{Color: limitColour, Font: l.face, Handler: plot.DefaultTextHandler, XAlign: text.XLeft}
	at := x(l.at) - vg.Points(1)
	if l.left {
		style.XAlign, at = text.XRight, x(l.at)+vg.Points(1)
	}
	c.FillText(style, vg.Point{X: at, Y: top + vg.Points(1)}, l.name)
}

// swatch is a colour in the legend.
type swatch struct{ colour color.Color }

// Thumbnail draws the swatch.
func (s swatch) Thumbnail(c *draw.Canvas) {
	box := []vg.Point{{X: c.Min.X, Y: c.Min.Y}, {X: c.Max.X, Y: c.Min.Y}, {X: c.Max.X, Y: c.Max.Y}, {X: c.Min.X, Y: c.Max.Y}}
	c.FillPolygon(s.colour, box)
	c.StrokeLines(draw.LineStyle{Color: inkColour, Width: vg.Points(0.25)}, append(box, box[0]))
}
