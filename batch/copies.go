package batch

import (
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"slices"
	"strings"

	"recount/scanner"
	"recount/vote"
)

// A scan may stand among the inputs twice: the file copied, or read and saved again in another format, which gives other bytes and
// the same pixels. Either way it is one scan, and counts once. Which of two counts is decided by the run's order, never by who
// was done first.

// samePixels ends the reason of a duplicate that is none byte for byte.
const samePixels = ": the same pixels in other bytes"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// pixelsOf names a page's size and grey pixels: two check sums, both of which processors reckon as fast as memory is read (a
// cryptographic hash would cost a page a seventh of its time). A name shared proves nothing: the pixels are then compared.
func pixelsOf(g *image.Gray) string {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	a, b := crc32.Update(0, castagnoli, size), crc32.ChecksumIEEE(size)
	for y := range h {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		a, b = crc32.Update(a, castagnoli, row), crc32.Update(b, crc32.IEEETable, row)
	}
	return hex.EncodeToString(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, a), b))
}

// proof says whether a page has the pixels of a page of an input, which bear the same name. It errs where that cannot be known.
type proof func(p *pageCells, input, page int) (bool, error)

// alikeStored says whether a page has the pixels of a page of an input. What cannot be read again is not alike.
func (r *reader) alikeStored(p *pageCells, input, page int) (bool, error) {
	return r.samePixels(p.Input, p.Index, input, page)
}

// samePixels says whether two pages with one name of their pixels have the same pixels indeed. It errs where a store does not answer.
func (r *reader) samePixels(inputA, pageA, inputB, pageB int) (bool, error) {
	if inputB < 0 || inputB >= len(r.inputs) {
		return false, nil
	}
	a, err := r.picture(inputA, pageA)
	if err != nil {
		return false, err
	}
	b, err := r.picture(inputB, pageB)
	return err == nil && equalPixels(a, b), err
}

// equalPixels says whether two pictures are there and the same.
func equalPixels(a, b *image.Gray) bool {
	if a == nil || b == nil || a.Rect != b.Rect {
		return false
	}
	for y := range a.Rect.Dy() {
		if w := a.Rect.Dx(); string(a.Pix[y*a.Stride:y*a.Stride+w]) != string(b.Pix[y*b.Stride:y*b.Stride+w]) {
			return false
		}
	}
	return true
}

// picture decodes a page of an input once more, or gives nil where it cannot be or is no longer what it was. It errs where a store does
// not answer.
func (r *reader) picture(input, page int) (*image.Gray, error) {
	in := &r.inputs[input]
	data, err := in.Bytes()
	if scanner.ReasonOf(err) == scanner.Unreachable {
		return nil, err
	}
	if len(data) == 0 || hashOf(data) != in.sha256 { // nothing comes with any other error
		return nil, nil
	}
	pages, _ := scanner.Decode(in.Name, data, scanner.Limits{})
	if page < 1 || page > len(pages) || pages[page-1].Page == nil {
		return nil, nil
	}
	return pages[page-1].Page.Gray, nil
}

// holder is a counted sheet that holds a page's scan.
type holder struct {
	sheet string
	bytes bool // byte for byte
}

// spotCopies looks for the sheet's pages among those already counted. A sheet all of whose pages read are, by their bytes or
// pixels, pages of one earlier sheet is that sheet again, and not counted. Where only a marked page is, the sheet counts, but a
// person must look: no scanner gives the same bytes twice. alike proves that a page has the pixels of an input's page.
func spotCopies(tx *sql.Tx, s *sheetCells, alike proof) error {
	if s.Outcome != Counted && s.Outcome != Questions {
		return nil
	}
	var common []holder
	var note string
	first := true
	for i := range s.Pages {
		p := &s.Pages[i]
		if p.Style == "" {
			continue // nothing of it counts
		}
		found, err := sheetsWith(tx, p, alike)
		if err != nil {
			return err
		}
		if len(found) > 0 && p.marked() && note == "" {
			how := byBytes
			if !found[0].bytes {
				how = byPixels
			}
			note = sameScanText(p.Image, how, found[0].sheet)
		}
		if first {
			common, first = found, false
			continue
		}
		var both []holder
		for _, c := range common {
			if k := slices.IndexFunc(found, func(t holder) bool { return t.sheet == c.sheet }); k >= 0 {
				both = append(both, holder{c.sheet, c.bytes && found[k].bytes})
			}
		}
		common = both
	}
	switch {
	case len(common) > 0:
		s.Outcome, s.Reason = Duplicate, "duplicate of "+common[0].sheet
		if !common[0].bytes {
			s.Reason += samePixels
		}
		for i := range s.Pages {
			if p := &s.Pages[i]; p.Outcome != Refused {
				p.Outcome, p.Reason = Duplicate, s.Reason
			}
		}
	case note != "":
		s.Outcome, s.Reason = Questions, noted(note, s.Reason)
		for i := range s.Pages {
			if p := &s.Pages[i]; p.Outcome == Counted || p.Outcome == Questions {
				p.Outcome, p.Reason = Questions, noted(note, p.Reason)
			}
		}
	}
	return nil
}

// How a page that is another sheet's scan is told, and what its note begins and ends with.
const (
	byBytes, byPixels          = "is byte for byte", "has the pixels of"
	sameScanStart, sameScanEnd = "same-scan: ", ", whose other page differs"
)

func sameScanText(image, how, sheet string) string {
	return fmt.Sprintf("%s%s %s a page of sheet %s%s", sameScanStart, image, how, sheet, sameScanEnd)
}

// sameScan puts a sheet in question of which a marked page is an earlier sheet's scan.
func (s *sheetResult) sameScan(note string) {
	s.outcome, s.reason = Questions, noted(note, s.reason)
	for i := range s.pages {
		if p := &s.pages[i]; p.outcome == Counted || p.outcome == Questions {
			p.outcome, p.reason = Questions, noted(note, p.reason)
		}
	}
}

// noted is a reason behind the note.
func noted(note, reason string) string { return strings.TrimSuffix(note+"; "+reason, "; ") }

// mostAlike is how many pages that share the name of a page's pixels and not its bytes are looked at: there is one, or none.
const mostAlike = 8

// sheetsWith gives the counted sheets that hold the page's scan, earliest first.
func sheetsWith(tx *sql.Tx, p *pageCells, alike proof) ([]holder, error) {
	rows, err := tx.Query(`SELECT s.name, p.sha256 = ?1 AND p.page = ?2, p.input, p.page FROM pages p JOIN sheets s ON s.id = p.sheet
		WHERE (p.sha256 = ?1 AND p.page = ?2 OR p.pixels = ?3 AND p.pixels <> '') AND s.outcome IN ('counted','questions') ORDER BY s.id`,
		p.SHA256, p.Index, p.Pixels)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []holder
	tried := 0
	for rows.Next() {
		var t holder
		var input, page int
		if err := rows.Scan(&t.sheet, &t.bytes, &input, &page); err != nil {
			return nil, err
		}
		if !t.bytes {
			if tried++; alike == nil || tried > mostAlike {
				continue
			}
			if same, err := alike(p, input, page); err != nil {
				return nil, err
			} else if !same {
				continue
			}
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// marked says whether any target of the page was marked, clearly or not.
func marked(d *vote.Sheet, p *pageResult) bool {
	if d == nil || p.chosen == nil {
		return false
	}
	for _, r := range d.Readings {
		if r.Page == p.chosen.Page.Number && r.Answer != vote.None {
			return true
		}
	}
	return false
}
