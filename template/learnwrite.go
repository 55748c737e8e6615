package template

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"math"
	"path/filepath"
	"strconv"

	"recount/election"
)

// write leaves the two tables in the folder.
func (r *Learned) write(dir string) error {
	num := func(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }
	pages := [][]string{{"page", "group", "used", "rotation", "fit", "residual_px", "reason"}}
	for _, p := range r.Pages {
		row := []string{p.Page, p.Group, strconv.FormatBool(p.Used), "", "", "", p.Reason}
		if p.Group != "" {
			row[3], row[4], row[5] = strconv.Itoa(p.Rotation), num(p.Fit), num(p.Residual)
		}
		pages = append(pages, row)
	}
	targets := [][]string{{"group", "number", "x", "y", "w", "h", "shape", "unmarked", "doubt"}}
	for _, g := range r.Groups {
		for _, t := range g.Targets {
			targets = append(targets, []string{g.Group, strconv.Itoa(t.Number), num(t.X), num(t.Y), num(t.W), num(t.H), t.Shape, strconv.Itoa(t.Unmarked), t.Doubt})
		}
	}
	for _, f := range []struct {
		name string
		rows [][]string
	}{{"groups.csv", pages}, {"targets.csv", targets}} {
		var buf bytes.Buffer
		if err := csv.NewWriter(&buf).WriteAll(f.rows); err != nil {
			return fmt.Errorf("learn: %s: %w", f.name, err)
		}
		if err := election.WriteFile(filepath.Join(dir, f.name), buf.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// writeSized writes a PNG that says its resolution, in pixels an inch; the standard library's encoder leaves it out.
func writeSized(path string, g *image.Gray, dpi float64) error {
	var buf bytes.Buffer
	if err := png.Encode(&buf, g); err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	const head = 8 + 25 // signature and IHDR
	body := []byte("pHYs")
	perMetre := uint32(math.Round(dpi / 0.0254))
	body = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(body, perMetre), perMetre)
	body = append(body, 1)
	data := append([]byte(nil), buf.Bytes()[:head]...)
	data = binary.BigEndian.AppendUint32(data, 9)
	data = append(data, body...)
	data = binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(body))
	return election.WriteFile(path, append(data, buf.Bytes()[head:]...))
}
