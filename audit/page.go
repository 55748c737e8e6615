package audit

import (
	_ "embed" // the page's text
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// Page is what the report shows. Every text in it may be a stranger's: it is escaped when it is written.
type Page struct {
	Title, Jurisdiction, Date string
	Program                   string
	Facts                     []Fact // hashes, versions and limits
	Outcomes                  []Fact // how many inputs had each
	Sheets                    int
	Refused, Duplicates       []Remark
	RefusedAll, DuplicatesAll int // how many there are, where the lists are cut
	Accounting                []Remark
	Faults                    []Fact // what was wrong with paper and scans, and on how many pages
	Totals                    *Totals
	Comparison                *Comparison      // with a machine's totals, or nil
	Records                   *SheetComparison // with a machine's records, or nil
	Cases                     []Case
	CasesAll                  int
	Near                      []Remark // marks near a limit that are no question
	NearAll                   int
	Fill                      Histogram
	Notes                     []string
}

// Fact is a name with its value.
type Fact struct{ Name, Value string }

// Remark is a thing with what is said of it.
type Remark struct{ Name, Text string }

// Case is one contest on one sheet that people must look at.
type Case struct {
	Sheet, Contest, Kind, Class, Ours, Machine, Detail string
	Marks                                              []MarkSeen
	Crops                                              []Crop
	NoCrop                                             string // why there is none
}

// Crop is a piece of a scan as a PNG. Width and Height are its pixels.
type Crop struct {
	PNG           []byte
	Caption       string
	Width, Height int
}

// URI is the picture as a data URI.
func (c Crop) URI() template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(c.PNG)) // base64 holds nothing to escape
}

// Histogram counts targets by fill: 50 bins of two percent each, the last with what is full.
type Histogram struct {
	Vote, Questionable, None [50]int
	NoneFill, VoteFill       int // the limits, ten-thousandths
}

// Add counts a target; fill is in ten-thousandths.
func (h *Histogram) Add(of *[50]int, fill int) { of[min(max(fill/200, 0), 49)]++ }

// Bar is one piece of a drawn histogram.
type Bar struct {
	X, Y, H int
	Class   string
	Title   string
}

// Bars gives the histogram as bars 12 wide in a field of 600 by 200: heights go with the number of digits (the logarithm), so
// that one odd mark among a million empty targets is seen.
func (h Histogram) Bars() []Bar {
	var out []Bar
	most := 1
	for i := range 50 {
		most = max(most, h.Vote[i]+h.Questionable[i]+h.None[i])
	}
	scale := logOf(most)
	for i := range 50 {
		all := h.Vote[i] + h.Questionable[i] + h.None[i]
		if all == 0 {
			continue
		}
		height := max(6, 190*logOf(all)/scale)
		y := 200
		for _, part := range []struct {
			n     int
			class string
		}{{h.None[i], "none"}, {h.Questionable[i], "questionable"}, {h.Vote[i], "vote"}} {
			if part.n == 0 {
				continue
			}
			tall := max(3, height*part.n/all)
			y -= tall
			out = append(out, Bar{X: i * 12, Y: y, H: tall, Class: part.class, Title: fmt.Sprintf("%d to %d %%: %d %s", 2*i, 2*i+2, part.n, part.class)})
		}
	}
	return out
}

// logOf is the logarithm to base 2, times 100, of n + 1, in whole numbers.
func logOf(n int) int {
	n++
	whole := 0
	v := n
	for v > 1 {
		v >>= 1
		whole++
	}
	return 100*whole + 100*(n-1<<whole)/(1<<whole)
}

// LimitX is where a limit stands in the histogram's field.
func (h Histogram) LimitX(limit int) int { return limit * 600 / 10000 }

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"e4": E4, "percent": percent4, "span": span2, "signed": signed, "say": sayEach, "sub": func(a, b int) int { return a - b },
	"left": func(n, list int) int { return max(n-list, 0) },
}).Parse(pageText))

// sayEach gives the text of what the lists hold.
func sayEach(v any) string {
	switch v := v.(type) {
	case Pairing:
		return v.text()
	case Unmatched:
		return v.named()
	case Unpaired:
		return v.text()
	case CVRPart:
		return v.text("All ballots")
	}
	return fmt.Sprint(v)
}

// WriteHTML writes the report as one page that needs nothing else: no script, no network, pictures within it.
func (p *Page) WriteHTML(w io.Writer) error {
	var b strings.Builder
	if err := pageTemplate.Execute(&b, p); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// Contested gives the comparison's lines contest by contest.
func (c *Comparison) Contested() [][]Line {
	var out [][]Line
	for i := range c.Lines {
		l := c.Lines[i]
		if n := len(out); n > 0 && out[n-1][0].Contest == l.Contest && out[n-1][0].Precinct == l.Precinct {
			out[n-1] = append(out[n-1], l)
			continue
		}
		out = append(out, []Line{l})
	}
	return out
}

// Contested gives the totals' lines contest by contest.
func (s *SheetComparison) Contested() [][]PartLine {
	var out [][]PartLine
	for _, l := range s.Totals {
		if n := len(out); n > 0 && out[n-1][0].Contest == l.Contest && out[n-1][0].Part == l.Part {
			out[n-1] = append(out[n-1], l)
			continue
		}
		out = append(out, []PartLine{l})
	}
	return out
}

// Contested gives a run's rows summed over its parts, contest by contest.
func (o *Totals) Contested() [][]TotalRow {
	var out [][]TotalRow
	at := map[string]int{}
	for _, r := range o.Rows {
		k, ok := at[r.Contest]
		if !ok {
			k = len(out)
			at[r.Contest] = k
			out = append(out, nil)
		}
		r.Precinct, r.Batch = "", ""
		found := false
		for i := range out[k] {
			if q := &out[k][i]; q.Choice == r.Choice && q.Party == r.Party {
				q.add(r.Clear, r.Questionable)
				q.ByHand += r.ByHand
				found = true
			}
		}
		if !found {
			out[k] = append(out[k], r)
		}
	}
	return out
}

// WriteReturn writes the comparison as an audit return, in the columns of SheetComparison.WriteReturn.
func (c *Comparison) WriteReturn(w io.Writer) error {
	rows := [][]string{returnHead}
	for i := range c.Lines {
		l := &c.Lines[i]
		rows = append(rows, append([]string{l.Precinct, "", "", ""}, l.returned()...))
	}
	return writeRows(w, rows)
}
