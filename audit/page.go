package audit

import (
	_ "embed" // the page's text
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
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
	Near                      []NearLimit  // what lies nearest each limit
	Batches                   []BatchCount // how they differ from one another
	Chart                     []byte       // FillChart's SVG
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

// nearShown is how many of the targets nearest a limit the page lists on each side.
const nearShown = 3

// Shores are the targets nearest a limit, from under it to over it.
func (l NearLimit) Shores() []NearTarget {
	out := slices.Clone(l.Below[:min(len(l.Below), nearShown)])
	slices.Reverse(out)
	return append(out, l.Above[:min(len(l.Above), nearShown)]...)
}

// ChartURI is the chart as a data URI.
func (p *Page) ChartURI() template.URL {
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(p.Chart)) // base64 holds nothing to escape
}

//go:embed page.html
var pageText string

// pageTemplate is parsed when the first report is written: most commands write none.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"e4": E4, "percent": percent4, "span": span2, "signed": signed, "say": sayEach, "sub": func(a, b int) int { return a - b },
		"left": func(n, list int) int { return max(n-list, 0) },
	}).Parse(pageText))
})

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
	if err := pageTemplate().Execute(&b, p); err != nil {
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
		if n := len(out); n > 0 && out[n-1][0].Contest == l.Contest && out[n-1][0].portion() == l.portion() {
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
				if q.Person != nil && r.Person != nil {
					q.Person.add(r.Person.Clear, r.Person.Questionable)
				}
				found = true
			}
		}
		if !found {
			if r.Person != nil {
				r.Person = &Count{r.Person.Clear, r.Person.Questionable}
			}
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
		rows = append(rows, append([]string{l.Precinct, "", l.Batch, ""}, l.returned()...))
	}
	return writeRows(w, rows)
}
