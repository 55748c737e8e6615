package template

import (
	"fmt"
	"slices"

	"recount/election"
)

// PageCode is what the codes printed on one style page's blank say.
type PageCode struct {
	Style string
	Page  int
	Says  string // the definition's code, for people; empty where it names none
	// Others are barcodes of the blank that the definition does not name, each "itf "0123" at (x, y)" in inches.
	Others []string
}

// PrintedCodes holds the codes of the definition in dir against its pictures, page by page in the definition's order, and
// lists the barcodes that it makes no use of. It is an error when a picture does not show its page's code.
func PrintedCodes(e *election.Election, dir string) ([]PageCode, error) {
	var out []PageCode
	for i := range e.Styles {
		st := &e.Styles[i]
		for j := range st.Pages {
			pg := &st.Pages[j]
			g, err := Picture(dir, pg.Picture)
			if err != nil {
				return nil, fmt.Errorf("style %s page %d: %w", st.ID, pg.Number, err)
			}
			b := &blank{style: st, page: pg, gray: g, dpi: pg.Picture.DPI}
			if err := b.placeCode(); err != nil {
				return nil, fmt.Errorf("style %s page %d: %w", st.ID, pg.Number, err)
			}
			c := PageCode{Style: st.ID, Page: pg.Number, Says: SayCode(pg.Code)}
			symbology, text, _ := pg.Code.Barcode()
			for _, o := range barcodes(g, b.dpi) {
				if o.symbology != symbology || o.text != text {
					c.Others = append(c.Others, sayBars([]bars{o}))
				}
			}
			slices.Sort(c.Others)
			out = append(out, c)
		}
	}
	return out, nil
}
