package author

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/scanner"
	"recount/template"
)

// realSet is a set of real scans, made into an election from its blanks.
type realSet struct {
	dir, folder string
	e           *election.Election
	styleOf     map[string]string // by image
	pageOf      map[string]int
}

var sideOfID = regexp.MustCompile(`-(front|back|p\d+|side\d+)$`)

// readRealSet makes a set's election, with the codes asked for, or skips the test where there are no real scans.
func readRealSet(t *testing.T, name string, codes ...template.CodeRequest) *realSet {
	t.Helper()
	root := os.Getenv("RECOUNT_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	dir := filepath.Join(root, name)
	data, err := os.ReadFile(filepath.Join(dir, "ballots.json"))
	if err != nil {
		t.Skipf("no corpus of real scans at %s (set RECOUNT_CORPUS)", root)
	}
	var b struct {
		Templates []struct {
			ID, Side, Blank string
			DPI             float64
			Contests        []struct {
				Title   string
				VoteFor int `json:"vote_for"`
				Choices []string
				Ovals   [][4]float64
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &b))
	r := &realSet{dir: dir, folder: t.TempDir(), styleOf: map[string]string{}, pageOf: map[string]int{}}
	list, err := os.Create(filepath.Join(r.folder, "contests.csv"))
	require.NoError(t, err)
	w := csv.NewWriter(list)
	require.NoError(t, w.Write([]string{"style", "page", "contest", "vote_for", "choice", "x", "y"}))
	o := NewOptions{Title: name, Contests: list.Name(), Out: r.folder, Codes: codes}
	style, page := map[string]string{}, map[string]int{}
	for _, tp := range b.Templates {
		n := map[string]int{"front": 1, "back": 2}[tp.Side]
		if n == 0 {
			_, err := fmt.Sscanf(tp.Side, "page %d", &n)
			require.NoError(t, err)
		}
		st := sideOfID.ReplaceAllString(tp.ID, "")
		style[tp.ID], page[tp.ID] = st, n
		o.Blanks = append(o.Blanks, BlankArg{Style: st, Page: n, File: filepath.Join(dir, "blank", tp.Blank)})
		for _, c := range tp.Contests {
			for i, ch := range c.Choices {
				v := c.Ovals[i]
				require.NoError(t, w.Write([]string{st, strconv.Itoa(n), c.Title, strconv.Itoa(c.VoteFor), ch,
					fmt.Sprintf("%.4f", (v[0]+v[2]/2)/tp.DPI), fmt.Sprintf("%.4f", (v[1]+v[3]/2)/tp.DPI)}))
			}
		}
	}
	w.Flush()
	require.NoError(t, w.Error())
	require.NoError(t, list.Close())
	r.e, err = New(o)
	require.NoError(t, err)
	truth, err := os.Open(filepath.Join(dir, "truth.csv"))
	require.NoError(t, err)
	defer truth.Close()
	rows, err := csv.NewReader(truth).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		r.styleOf[row[0]], r.pageOf[row[0]] = style[row[1]], page[row[1]]
	}
	require.NotEmpty(t, r.styleOf)
	return r
}

// images are the set's scans in order.
func (r *realSet) images() []string {
	var out []string
	for name := range r.styleOf {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// match reads a scan with a set of blanks.
func (r *realSet) match(t *testing.T, s *template.Set, image string) (*template.Match, *template.Refusal) {
	t.Helper()
	path := filepath.Join(r.dir, "images", image)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	pages, err := scanner.Decode(image, data, scanner.Limits{})
	require.NoError(t, err)
	require.Len(t, pages, 1)
	m, err := s.Match(pages[0].Page)
	var refusal *template.Refusal
	if err != nil {
		require.True(t, errors.As(err, &refusal))
	}
	return m, refusal
}

// On real scans the codes printed on blanks are found, and the scans' own agree with them wherever they are readable.
func TestCorpusCodesAreRead(t *testing.T) {
	tests := []struct {
		set      string
		kind     string
		blanks   int // pages whose blank shows a code
		readable int // scans whose code is read at least
		asked    []template.CodeRequest
	}{
		{"cedar2012_primary", "accuvote", 4, 14, nil},
		{"calhoun2010primary_simplesubset", "accuvote", 3, 7, nil},
		{"juneau_named", "accuvote", 2, 12, nil},
		{"simple_durant", "accuvote", 1, 12, nil},
		{"nh-testballot", "accuvote", 2, 10, nil},
		{"nh-hudson", "accuvote", 2, 2, nil},
		{"vw-28lb-paper", "qr", 1, 8, nil},
		{"vw-oaklawn", "qr", 2, 3, nil},
		{"vw-hamilton", "qr", 5, 5, nil},
		{"vw-choctaw-mock", "qr", 4, 4, nil},
		{"oc-tutorial-hart", "", 0, 0, nil},
		// The barcode at the top left has the digits printed beside it; the one below it and the one at the right are left alone.
		{"oc-tutorial-hart", "barcode", 4, 18, []template.CodeRequest{{Kind: "barcode", Symbology: "itf", Near: &election.Place{X: 0.45, Y: 1.9}}}},
	}
	for _, tt := range tests {
		t.Run(tt.set, func(t *testing.T) {
			r := readRealSet(t, tt.set, tt.asked...)
			s, err := template.Load(r.e, r.folder)
			require.NoError(t, err)
			if tt.kind == "barcode" {
				assert.Equal(t, `barcode itf "11010440200049"`, template.SayCode(r.e.Style("hart-A").Page(2).Code))
			}
			blanks := 0
			for _, st := range r.e.Styles {
				for _, pg := range st.Pages {
					if pg.Code != nil {
						blanks++
						assert.Equal(t, tt.kind, pg.Code.Kind)
						t.Log(st.ID, pg.Number, template.SayCode(pg.Code))
					}
				}
			}
			assert.Equal(t, tt.blanks, blanks)
			read := 0
			for _, image := range r.images() {
				m, refusal := r.match(t, s, image)
				if assert.Nil(t, refusal, image) && m.Code != nil {
					read++
				} else {
					t.Log("not read:", image, r.styleOf[image], r.pageOf[image])
				}
			}
			assert.GreaterOrEqual(t, read, tt.readable)
		})
	}
}

// A page whose style is not in the election is refused, however alike its twin is: cedar's differ in a line and the code,
// calhoun's in whether the card and the line are printed at all, choctaw's in the QR code and how finely they were rendered.
func TestCorpusPageWithoutItsStyleIsRefused(t *testing.T) {
	for _, set := range []string{"cedar2012_primary", "calhoun2010primary_simplesubset", "vw-choctaw-mock"} {
		t.Run(set, func(t *testing.T) {
			r := readRealSet(t, set)
			byCode := 0
			for i := range r.e.Styles {
				missing := r.e.Styles[i].ID
				e := *r.e
				e.Styles = slices.Delete(slices.Clone(r.e.Styles), i, i+1)
				s, err := template.Load(&e, r.folder)
				require.NoError(t, err)
				for _, image := range r.images() {
					if r.styleOf[image] != missing {
						continue
					}
					m, refusal := r.match(t, s, image)
					if !assert.True(t, m == nil, "%s is %s", image, missing) {
						t.Log("read as", m.Style.ID, "code", m.Code, "other", m.Other)
						continue
					}
					t.Log(image, missing, refusal)
					if refusal.Reason == template.WrongCode {
						byCode++
					}
				}
			}
			assert.Positive(t, byCode)
		})
	}
}
