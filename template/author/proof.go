package author

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"path/filepath"
	"strconv"
	"strings"

	"recount/election"
	"recount/internal/proof"
	"recount/template"
)

// Proof draws every style page of the definition in dir with each target outlined and named, into out, and gives the
// files written. A person looks at them before an election is read.
func Proof(e *election.Election, dir, out string) ([]string, error) {
	var files []string
	for i := range e.Styles {
		st := &e.Styles[i]
		for j := range st.Pages {
			pg := &st.Pages[j]
			g, err := template.Picture(dir, pg.Picture)
			if err != nil {
				return files, fmt.Errorf("style %s page %d: %w", st.ID, pg.Number, err)
			}
			var labels []proof.Label
			for n, t := range pg.Targets {
				labels = append(labels, proof.Label{X: t.X, Y: t.Y, W: t.W, H: t.H, Text: strconv.Itoa(n+1) + " " + targetName(e, t)})
			}
			img, err := proof.Draw(g, pg.Picture.DPI, labels)
			if err != nil {
				return files, err
			}
			name := filepath.Join(out, fmt.Sprintf("proof-%s-p%d.png", election.Slug(st.ID), pg.Number))
			if err := proof.WritePNG(name, img); err != nil {
				return files, err
			}
			files = append(files, name)
		}
	}
	return files, nil
}

func targetName(e *election.Election, t election.Target) string {
	c := e.Contest(t.Contest)
	if c == nil {
		return t.Contest
	}
	name := t.Choice
	if ch := c.Choice(t.Choice); ch != nil {
		name = ch.Name
		if party := " (" + ch.Party + ")"; ch.Party != "" && !strings.HasSuffix(name, party) {
			name += party
		}
	}
	name = short(name, 30)
	if t.Rank > 0 {
		name = fmt.Sprintf("%d=%s", t.Rank, short(name, 12)) // as in contests.csv; a grid of ranks has no room for more
	}
	return short(c.Title, 22) + ": " + name
}

func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// show writes what was found on a blank whose targets do not match the list: a picture with every place numbered, and the
// places as a table to copy x and y from.
func (e *MismatchError) show(out string, g *image.Gray, dpi float64, places []template.Found) error {
	var labels []proof.Label
	table := [][]string{{"number", "x", "y", "w", "h", "shape"}}
	for i, f := range places {
		labels = append(labels, f.Label(strconv.Itoa(i+1)))
		num := func(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }
		table = append(table, []string{strconv.Itoa(i + 1), num(f.X), num(f.Y), num(f.W), num(f.H), string(f.Shape)})
	}
	var buf bytes.Buffer
	if err := csv.NewWriter(&buf).WriteAll(table); err != nil {
		return fmt.Errorf("list the places found: %w", err)
	}
	img, err := proof.Draw(g, dpi, labels)
	if err != nil {
		return err
	}
	base := filepath.Join(out, fmt.Sprintf("mismatch-%s-p%d", election.Slug(e.Blank.Style), e.Blank.Page))
	e.Picture, e.Places = base+".png", base+".csv"
	if err := proof.WritePNG(e.Picture, img); err != nil {
		return err
	}
	return election.WriteFile(e.Places, buf.Bytes())
}

// paletted is a two-colour copy of a bitonal picture, which PNG keeps as one bit a pixel.
func paletted(g *image.Gray) *image.Paletted {
	p := image.NewPaletted(g.Rect, color.Palette{color.Gray{Y: 0}, color.Gray{Y: 255}})
	for i, v := range g.Pix {
		if v >= 128 {
			p.Pix[i] = 1
		}
	}
	return p
}
