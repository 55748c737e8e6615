package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"recount/election"
)

// WriteDrawn draws a reference picture for each page that has none (its Picture.SHA256 is empty) into dir, whose Picture
// must say width, height and dpi, and fills in the picture's file, hash and Drawn. A file name that is given already is
// kept; it must lie inside dir. The same definition gives the same bytes.
func WriteDrawn(e *election.Election, dir string) error {
	taken := map[string]bool{}
	for _, s := range e.Styles {
		for _, p := range s.Pages {
			taken[strings.ToLower(p.Picture.File)] = true
		}
	}
	for i := range e.Styles {
		st := &e.Styles[i]
		for j := range st.Pages {
			pg := &st.Pages[j]
			if pg.Picture.SHA256 != "" {
				continue
			}
			if pg.Picture.File == "" {
				base := fmt.Sprintf("blanks/%s-p%d", election.Slug(st.ID), pg.Number)
				name := base + ".png"
				for n := 2; taken[strings.ToLower(name)]; n++ { // two styles may have one slug
					name = fmt.Sprintf("%s-%d.png", base, n)
				}
				taken[strings.ToLower(name)] = true
				pg.Picture.File = name
			}
			if err := writeDrawn(pg, dir); err != nil {
				return fmt.Errorf("style %s page %d: %w", st.ID, pg.Number, err)
			}
		}
	}
	return nil
}

func writeDrawn(pg *election.Page, dir string) error {
	pic := &pg.Picture
	if !election.CleanFile(pic.File) {
		return fmt.Errorf("picture %q is not a clean relative name; name a file inside the definition's folder", pic.File)
	}
	if !(pic.DPI >= 30 && pic.DPI <= 2400 && pic.Width >= 1 && pic.Height >= 1 && float64(pic.Width)*float64(pic.Height) <= maxDrawn) {
		return fmt.Errorf("cannot draw a picture of %d x %d pixels at %g dpi; give the page's picture its width, height and dpi", pic.Width, pic.Height, pic.DPI)
	}
	g := DrawBlank(pg, float64(pic.Width)/pic.DPI, float64(pic.Height)/pic.DPI, pic.DPI)
	var buf bytes.Buffer
	if err := png.Encode(&buf, g); err != nil {
		return fmt.Errorf("encode %s: %w", pic.File, err)
	}
	path := filepath.Join(dir, filepath.FromSlash(pic.File))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := election.WriteFile(path, buf.Bytes()); err != nil {
		return err
	}
	sum := sha256.Sum256(buf.Bytes())
	pic.SHA256, pic.Drawn = hex.EncodeToString(sum[:]), true
	return nil
}
