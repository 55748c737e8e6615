package author

import (
	"fmt"
	"image"
	"strings"

	"recount/template"
)

// Pairing says how the rows of a contest list were paired with the targets of one page, and what the words printed beside
// them say of it. A person reads it before the definition is used.
type Pairing struct {
	Style string `json:"style"`
	Page  int    `json:"page"`
	Rows  int    `json:"rows"`
	// Order is how rows and targets were paired: by the list's x and y, or in an order of the page.
	Order string `json:"order"`
	// Words is where the names on the page were read from: the PDF's text, Tesseract and its version, or "" where none
	// could be read.
	Words string `json:"words"`
	// Named rows have a name to look for (lines to write a name on have none); Confirmed have it beside their target.
	Named     int `json:"named"`
	Confirmed int `json:"confirmed"`
	// Missing are the rows whose name was not found beside their target, Against those whose name stands clearly better
	// elsewhere, as text.
	Missing []string `json:"missing"`
	Against []string `json:"against"`
	// Doubt says what else speaks against the order, or "".
	Doubt string `json:"doubt"`
}

// String is the pairing as a line or more of text.
func (p Pairing) String() string {
	s := fmt.Sprintf("style %s page %d: %d rows paired by %s", p.Style, p.Page, p.Rows, p.Order)
	if p.Order != byPlaces {
		s = fmt.Sprintf("style %s page %d: %d rows paired %s", p.Style, p.Page, p.Rows, p.Order)
	}
	switch {
	case p.Words == "":
		s += "; no names could be read on the blank to check it with"
	case p.Named == 0:
		s += "; the list has no name to check it with"
	default:
		s += fmt.Sprintf("; %d of %d names stand beside their targets (%s)", p.Confirmed, p.Named, p.Words)
	}
	if len(p.Missing) > 0 {
		s += ", not found: " + few(p.Missing)
	}
	if len(p.Against) > 0 {
		s += "\n  LOOK: these names stand beside other targets: " + few(p.Against)
	}
	if p.Doubt != "" {
		s += "\n  LOOK: " + p.Doubt
	}
	return s
}

// few joins the first of many.
func few(all []string) string {
	const most = 8
	if len(all) > most {
		return strings.Join(all[:most], "; ") + fmt.Sprintf("; and %d more", len(all)-most)
	}
	return strings.Join(all, "; ")
}

// paired is a page's pairing with what a proposal needs, where the pairing is refused.
type paired struct {
	Pairing
	places   []template.Found // row by row
	proposed []template.Found // row by row, where the pairing is refused
	shares   []int            // how much of each row's name stands at the proposed place, percent; -1 where it has none
	picture  string           // shows what is proposed
}

// pairInOrder pairs a list without places with the places found, in reading order, and checks the names with the sources of words,
// best first. It never takes an order that the names contradict.
func pairInOrder(rows []listed, places []template.Found, g *image.Gray, dpi float64, from []source) (paired, error) {
	banded, fits, sure := bands(rows, places)
	straddle := straddling(rows, places)
	p := paired{places: places}
	p.Order, p.Rows = byColumns, len(rows)
	v, words, err := hear(rows, places, g, dpi, from)
	if err != nil {
		return p, err
	}
	if v.from != "" && v.confirmed == v.named && len(v.against) == 0 {
		p.tell(rows, v)
		return p, nil
	}
	if fits && v.from != "" {
		// A party grid: taken only where every name on the list stands where the grid's order puts it.
		if b := judge(rows, banded, words, g, dpi); b.named > 0 && b.confirmed == b.named && len(b.against) == 0 {
			b.from = v.from
			p.places, p.Order = banded, byBands
			p.tell(rows, b)
			return p, nil
		}
	}
	p.tell(rows, v)
	switch {
	case len(v.against) > 0:
		best := propose(rows, places, v)
		for i, j := range best {
			p.proposed = append(p.proposed, places[j])
			share := -1
			if !rows[i].writeIn {
				share = int(100*v.share[i][j] + 0.5)
			}
			p.shares = append(p.shares, share)
		}
	case v.confirmed*2 >= v.named && v.named > 0: // the names speak for it, and none against
	case torn(rows, straddle) && fits && sure:
		p.places, p.Order = banded, byBands
		p.Doubt = fmt.Sprintf("down the columns, %d contests would be torn apart between two columns, so the page was taken for a party grid", straddle)
	case torn(rows, straddle) && fits:
		p.proposed, p.shares = banded, make([]int, len(rows))
		for i := range p.shares {
			p.shares[i] = -1
		}
		p.Doubt = fmt.Sprintf("down the columns, %d contests would be torn apart between two columns; the page may be a party grid", straddle)
	case straddle > 0:
		p.Doubt = fmt.Sprintf("%d contests would lie in more than one column", straddle)
	case fits && columns(places) > 2:
		p.Doubt = "a party grid, contest by contest across the page, would fit as well"
	}
	return p, nil
}

func columns(places []template.Found) int {
	n := 0
	for _, c := range columnsOf(places) {
		n = max(n, c+1)
	}
	return n
}

// hear judges the pairing by the first source whose words bear at least half of the names out, else by the one that bears
// out, or contradicts, the most. Its from is "" where no source has words.
func hear(rows []listed, places []template.Found, g *image.Gray, dpi float64, from []source) (testimony, []Word, error) {
	var best testimony
	var heard []Word
	top := -1
	for _, s := range from {
		words, err := s.words()
		if err != nil {
			return best, nil, err
		}
		if len(words) == 0 {
			continue
		}
		v := judge(rows, places, words, g, dpi)
		v.from = s.name
		known := 0 // names that stand beside some target
		for i, j := range v.best {
			if !rows[i].writeIn && v.share[i][j] >= nameFound {
				known++
			}
		}
		if known > top {
			best, heard, top = v, words, known
		}
		if 2*known >= v.named {
			break
		}
	}
	return best, heard, nil
}

// tell notes what the words say of a pairing.
func (p *paired) tell(rows []listed, v testimony) {
	p.Words, p.Named, p.Confirmed, p.Missing, p.Against = v.from, v.named, v.confirmed, []string{}, []string{}
	if v.untold > 0 {
		p.Doubt = fmt.Sprintf("%d rows, such as Yes and No, have names of several contests, and their contests' titles were not found above them", v.untold)
	}
	if v.from == "" {
		for _, r := range rows {
			if !r.writeIn {
				p.Named++
			}
		}
		return
	}
	against := map[int]bool{}
	for _, i := range v.against {
		against[i] = true
		p.Against = append(p.Against, fmt.Sprintf("%s: %s", short(rows[i].contestTitle, 30), short(rows[i].choice, 40)))
	}
	for i, r := range rows {
		if !r.writeIn && v.share[i][i] < nameFound && !against[i] {
			p.Missing = append(p.Missing, short(r.contestTitle, 30)+": "+short(r.choice, 40))
		}
	}
}
