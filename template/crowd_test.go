package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"recount/election"
	"recount/fixtures"
)

const crowdDPI = 200

var plainTTF, boldTTF = goregular.TTF, gobold.TTF

// press sets type for many pages: each letter of a face is drawn once and then stamped.
type press struct {
	face    font.Face
	letters map[rune]stamp
}

type stamp struct {
	mask    *image.Alpha
	at      image.Point
	advance int
}

func newPress(ttf []byte, pt float64) *press {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: pt, DPI: crowdDPI})
	if err != nil {
		panic(err)
	}
	return &press{face: face, letters: map[rune]stamp{}}
}

// line sets one line from x on, in inches, with its baseline at y.
func (p *press) line(g *image.Gray, x, y float64, s string) {
	px, py := int(x*crowdDPI), int(y*crowdDPI)
	for _, r := range s {
		st, ok := p.letters[r]
		if !ok {
			dr, mask, at, adv, _ := p.face.Glyph(fixed.P(0, 0), r)
			m := image.NewAlpha(dr)
			for y := dr.Min.Y; y < dr.Max.Y; y++ {
				for x := dr.Min.X; x < dr.Max.X; x++ {
					_, _, _, a := mask.At(at.X+x-dr.Min.X, at.Y+y-dr.Min.Y).RGBA()
					m.Pix[m.PixOffset(x, y)] = uint8(a >> 8)
				}
			}
			st = stamp{mask: m, at: dr.Min, advance: adv.Round()}
			p.letters[r] = st
		}
		b := st.mask.Rect
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if a := st.mask.Pix[st.mask.PixOffset(x, y)]; a > 0 && image.Pt(px+x, py+y).In(g.Rect) {
					i := g.PixOffset(px+x, py+y)
					g.Pix[i] = min(g.Pix[i], 255-a)
				}
			}
		}
		px += st.advance
	}
}

// crowdContest is one contest of a drawn layout, its names in the order they are printed in.
type crowdContest struct {
	title string
	names []string
}

// crowdStyle is one style of a crowd: what is printed on its only page.
type crowdStyle struct {
	id       string
	precinct string
	contests []crowdContest
}

// crowd draws an election of many styles: layouts that share their frame, heading and instructions, and near-twins of them.
type crowd struct {
	title, small, bold *press
	styles             []crowdStyle
	e                  *election.Election
	dir                string
}

var (
	crowdGiven  = []string{"Abel", "Bettina", "Caspar", "Dorothea", "Edwin", "Florence", "Gideon", "Harriet", "Ivo", "Josephine", "Kenelm", "Lavinia", "Morris", "Nerissa", "Osbert", "Philippa"}
	crowdSur    = []string{"Amberley", "Brackwater", "Coldfield", "Dunmarsh", "Elderthorn", "Fernworthy", "Greycliff", "Hollowell", "Inglebrook", "Jessamine", "Kettleby", "Larkmoor", "Mossgrove", "Netherby", "Oakhanger", "Pennyfeather", "Quillfern", "Ravenscroft"}
	crowdOffice = []string{"Governor", "Senator", "Mayor", "Town Clerk", "Treasurer", "Sheriff", "Assessor", "Judge of Probate", "Board of Education", "Council District", "Constable", "Registrar", "Library Board", "Water District", "Fire Commissioner"}
)

// layout makes a layout of its own; the same seed gives the same one.
func (c *crowd) layout(seed uint64) crowdStyle {
	r := rand.New(rand.NewPCG(seed, 99))
	st := crowdStyle{id: fmt.Sprintf("s%03d", len(c.styles)), precinct: fmt.Sprintf("Precinct %04d", 1000+7*seed)}
	for i := range 9 + r.IntN(3) {
		k := crowdContest{title: crowdOffice[r.IntN(len(crowdOffice))]}
		if i == 0 {
			k.title = crowdOffice[0] // all vote for governor
		}
		for range 2 + r.IntN(5) {
			k.names = append(k.names, crowdGiven[r.IntN(len(crowdGiven))]+" "+crowdSur[r.IntN(len(crowdSur))])
		}
		st.contests = append(st.contests, k)
	}
	return st
}

// twin is a style that differs from another in its precinct's number, in the order of one contest's names, or in one name.
func (c *crowd) twin(of crowdStyle, n int) crowdStyle {
	t := of
	t.id = fmt.Sprintf("s%03d", len(c.styles))
	t.contests = append([]crowdContest(nil), of.contests...)
	k := &t.contests[n/3%len(t.contests)]
	k.names = append([]string(nil), k.names...)
	switch n % 3 {
	case 0:
		t.precinct = fmt.Sprintf("Precinct %04d", 3000+37*n)
	case 1: // the same letters in other places
		k.names = append(k.names[1:], k.names[0])
		t.precinct = fmt.Sprintf("Precinct %04d", 5000+n) // else the third turn round would be the first
	default:
		k.names[0] = crowdGiven[(n*5+3)%len(crowdGiven)] + " " + crowdSur[(n*7+1)%len(crowdSur)]
		t.precinct = fmt.Sprintf("Precinct %04d", 7000+n)
	}
	return t
}

// draw prints a style's blank and gives its targets.
func (c *crowd) draw(st crowdStyle) (*image.Gray, []election.Target) {
	g := fixtures.Paper(8.5*crowdDPI, 11*crowdDPI)
	bar := func(x0, y0, x1, y1 float64) {
		fixtures.Bar(g, x0*crowdDPI, y0*crowdDPI, x1*crowdDPI, y1*crowdDPI)
	}
	fixtures.Box(g, 0.4*crowdDPI, 0.4*crowdDPI, 8.1*crowdDPI, 10.6*crowdDPI, 0.02*crowdDPI)
	c.title.line(g, 2.6, 0.75, "OFFICIAL BALLOT")
	c.small.line(g, 2.9, 0.95, "General Election, County of Ashbury")
	c.bold.line(g, 6.3, 0.95, st.precinct)
	c.small.line(g, 0.5, 1.2, "To vote, fill in the oval beside the name completely. To vote for a person not printed here, write the name on the line.")
	bar(0.4, 1.3, 8.1, 1.31)
	for _, x := range []float64{2.96, 5.53} {
		bar(x, 1.3, x+0.01, 10.6)
	}
	var ts []election.Target
	x, y := 0.5, 1.5
	for i, k := range st.contests {
		if y+0.5+0.3*float64(len(k.names)+1) > 10.5 {
			if x += 2.565; x > 7 {
				break
			}
			y = 1.5
		}
		c.bold.line(g, x, y, k.title)
		c.small.line(g, x, y+0.17, "Vote for One")
		y += 0.42
		for j, name := range append(k.names[:len(k.names):len(k.names)], "") {
			t := election.Target{Contest: fmt.Sprint("c", i), Choice: fmt.Sprint(j), X: x + 0.12, Y: y - 0.04, W: fixtures.OvalW - 2*fixtures.OvalLine, H: fixtures.OvalH - 2*fixtures.OvalLine, Shape: election.Oval}
			fixtures.Ellipse(g, fixtures.Point{X: t.X * crowdDPI, Y: t.Y * crowdDPI}, fixtures.OvalW*crowdDPI, fixtures.OvalH*crowdDPI, fixtures.OvalLine*crowdDPI)
			ts = append(ts, t)
			if name == "" {
				bar(x+0.3, y, x+2.2, y+0.006)
			} else {
				c.small.line(g, x+0.3, y, name)
			}
			y += 0.3
		}
		bar(x-0.1, y-0.05, x+2.46, y-0.045)
		y += 0.2
	}
	c.small.line(g, 3.2, 10.8, "Vote both sides if there is a back")
	return g, ts
}

// newCrowd draws an election of the given number of layouts and of twins, spread over the first families of them.
func newCrowd(layouts, twins int, families []int) (*crowd, error) {
	c := &crowd{title: newPress(boldTTF, 16), small: newPress(plainTTF, 8), bold: newPress(boldTTF, 10)}
	for i := range layouts {
		c.styles = append(c.styles, c.layout(uint64(i)))
	}
	for i := range twins {
		c.styles = append(c.styles, c.twin(c.styles[families[i%len(families)]], i))
	}
	return c, c.save()
}

// save writes the blanks and makes the definition.
func (c *crowd) save() error {
	dir, err := os.MkdirTemp(scratch, "crowd-*")
	if err != nil {
		return err
	}
	c.dir = dir
	c.e = &election.Election{Format: election.Format, Title: "Crowd", Styles: make([]election.Style, len(c.styles))}
	pics := make([]*image.Gray, len(c.styles))
	for i, st := range c.styles {
		var ts []election.Target
		pics[i], ts = c.draw(st)
		c.e.Styles[i] = election.Style{ID: st.id, Precinct: st.precinct, Pages: []election.Page{{Number: 1, Targets: ts}}}
	}
	var wg sync.WaitGroup
	next := make(chan int)
	errs := make([]error, len(pics))
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				errs[i] = c.savePicture(i, pics[i])
			}
		})
	}
	for i := range pics {
		next <- i
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *crowd) savePicture(i int, g *image.Gray) error {
	var buf bytes.Buffer
	if err := fixtures.EncodePNG(&buf, g, crowdDPI); err != nil {
		return err
	}
	sum := sha256.Sum256(buf.Bytes())
	name := c.styles[i].id + ".png"
	c.e.Styles[i].Pages[0].Picture = election.Picture{File: name, SHA256: hex.EncodeToString(sum[:]), DPI: crowdDPI, Width: g.Rect.Dx(), Height: g.Rect.Dy()}
	return os.WriteFile(filepath.Join(c.dir, name), buf.Bytes(), 0o644)
}

// voted is a style's page as a voter left it and a scanner saw it.
func (c *crowd) voted(i int, seed uint64, damage fixtures.Damage) *image.Gray {
	g, ts := c.draw(c.styles[i])
	r := rand.New(rand.NewPCG(seed, 7))
	for j, t := range ts {
		if j%4 == int(seed%4) {
			o := fixtures.Oval{X: t.X * crowdDPI, Y: t.Y * crowdDPI, W: fixtures.OvalW * crowdDPI, H: fixtures.OvalH * crowdDPI}
			fixtures.Mark(g, o, crowdDPI, fixtures.Full, r)
		}
	}
	if damage == nil {
		return g
	}
	return damage(g)
}
