package author

import (
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/template"
)

// listOf are rows of a list: "Contest: Choice".
func listOf(texts ...string) []listed {
	e := &election.Election{}
	pg := &election.Page{}
	for _, s := range texts {
		c, ch, _ := strings.Cut(s, ": ")
		if e.Contest(c) == nil {
			e.Contests = append(e.Contests, election.Contest{ID: c, Title: c, VoteFor: 1})
		}
		con := e.Contest(c)
		con.Choices = append(con.Choices, election.Choice{ID: s, Name: ch})
		pg.Targets = append(pg.Targets, election.Target{Contest: c, Choice: s})
	}
	return listedOf(e, pg)
}

// said are words that a test's page bears: each text begins at a place and is a tenth of an inch high.
func said(texts map[at2]string) []source {
	var words []Word
	for p, s := range texts {
		x := p.x
		for _, w := range strings.Fields(s) {
			wide := 0.07 * float64(len(w))
			words = append(words, Word{Text: w, X: x + wide/2, Y: p.y, W: wide, H: 0.1, Confidence: 90})
			x += wide + 0.06
		}
	}
	return []source{{"a test", func() ([]Word, error) { return words, nil }}}
}

// Names printed beside the targets bear a list's order out, or refuse it and propose another.
func TestPairInOrderChecksNames(t *testing.T) {
	column := []template.Found{{X: 1, Y: 2}, {X: 1, Y: 2.5}, {X: 1, Y: 3}, {X: 5, Y: 2}, {X: 5, Y: 2.5}}
	names := map[at2]string{{1.2, 2}: "Ann Alder", {1.2, 2.5}: "Bo Birch", {1.2, 3}: "Write-in", {5.2, 2}: "Yes", {5.2, 2.5}: "No",
		{1, 1.6}: "Mayor", {5, 1.6}: "Shall the town buy a plough"}
	grid := []template.Found{{X: 2, Y: 2}, {X: 2, Y: 3}, {X: 4, Y: 2}, {X: 4, Y: 3}, {X: 6, Y: 2}, {X: 6, Y: 3}} // in reading order
	gridNames := map[at2]string{{1, 2}: "Ann Alder", {3, 2}: "Bo Birch", {1, 3}: "Cy Cedar", {3, 3}: "Di Dogwood"}
	gridList := []string{"Mayor: Ann Alder", "Mayor: Bo Birch", "Mayor: Write-in", "Clerk: Cy Cedar", "Clerk: Di Dogwood", "Clerk: Write-in"}
	tests := []struct {
		name     string
		places   []template.Found
		words    map[at2]string
		list     []string
		order    string
		proposed []int // of places; nil where the order is taken
		against  int
		missing  int
		doubt    string
	}{
		{"the page's order", column, names, []string{"Mayor: Ann Alder", "Mayor: Bo Birch", "Mayor: Write-in", "Plough: Yes", "Plough: No"}, byColumns, nil, 0, 0, ""},
		{"as a reader misreads them", column, map[at2]string{{1.2, 2}: "Ann Alber", {1.2, 2.5}: "Bo Birch"}, []string{"Mayor: Ann Alder", "Mayor: Bo Birch", "Mayor: Write-in", "Plough: Yes", "Plough: No"}, byColumns, nil, 0, 2, ""},
		{"two swapped", column, names, []string{"Mayor: Bo Birch", "Mayor: Ann Alder", "Mayor: Write-in", "Plough: Yes", "Plough: No"}, byColumns, []int{1, 0, 2, 3, 4}, 2, 0, ""},
		{"one family's names swapped", column, map[at2]string{{1.2, 2}: "John A. Smith", {1.2, 2.5}: "Jane B. Smith"}, []string{"Mayor: Jane B. Smith", "Mayor: John A. Smith", "Mayor: Write-in", "Plough: Yes", "Plough: No"}, byColumns, []int{1, 0, 2, 3, 4}, 2, 2, ""},
		{"contests swapped", column, names, []string{"Plough: Yes", "Plough: No", "Mayor: Ann Alder", "Mayor: Bo Birch", "Mayor: Write-in"}, byColumns, []int{3, 4, 0, 1, 2}, 5, 0, ""},
		{"a name that is not printed", column, names, []string{"Mayor: Ann Alder", "Mayor: Zoe Zander", "Mayor: Write-in", "Plough: Yes", "Plough: No"}, byColumns, nil, 0, 1, ""},
		{"a party grid", grid, gridNames, gridList, byBands, nil, 0, 0, ""},
		{"a party grid in another order", grid, gridNames, []string{"Mayor: Bo Birch", "Mayor: Ann Alder", "Mayor: Write-in", "Clerk: Cy Cedar", "Clerk: Di Dogwood", "Clerk: Write-in"}, byColumns, []int{2, 0, 4, 1, 3, 5}, 4, 0, ""},
		{"a party grid without words", grid, nil, gridList, byBands, nil, 0, 0, "party grid"},
		{"a party grid with two to a column, without words", []template.Found{{X: 2, Y: 2}, {X: 2, Y: 2.3}, {X: 2, Y: 3}, {X: 4, Y: 2}, {X: 4, Y: 3}, {X: 4, Y: 3.3}, {X: 6, Y: 2}, {X: 6, Y: 3}},
			nil, []string{"Mayor: A", "Mayor: B", "Mayor: C", "Mayor: D", "Clerk: E", "Clerk: F", "Clerk: G", "Clerk: H"}, byColumns, []int{0, 1, 3, 6, 2, 4, 5, 7}, 0, 0, "may be a party grid"},
		{"questions without their titles", []template.Found{{X: 1, Y: 2}, {X: 1, Y: 2.5}, {X: 1, Y: 4}, {X: 1, Y: 4.5}},
			map[at2]string{{1.2, 2}: "Yes", {1.2, 2.5}: "No", {1.2, 4}: "Yes", {1.2, 4.5}: "No"}, []string{"Park: Yes", "Park: No", "Pool: Yes", "Pool: No"}, byColumns, nil, 0, 0, "titles were not found"},
		{"questions in another order", []template.Found{{X: 1, Y: 2}, {X: 1, Y: 2.5}, {X: 1, Y: 4}, {X: 1, Y: 4.5}},
			map[at2]string{{1, 1.7}: "Buy the Park", {1.2, 2}: "Yes", {1.2, 2.5}: "No", {1, 3.7}: "Mend the Pool", {1.2, 4}: "Yes", {1.2, 4.5}: "No"},
			[]string{"Pool: Yes", "Pool: No", "Park: Yes", "Park: No"}, byColumns, []int{2, 3, 0, 1}, 4, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			places := append([]template.Found(nil), tt.places...)
			for i := range places {
				places[i].W, places[i].H = 0.2, 0.12
			}
			g := image.NewGray(image.Rect(0, 0, 850, 600))
			for i := range g.Pix {
				g.Pix[i] = 255
			}
			p, err := pairInOrder(listOf(tt.list...), places, g, 100, said(tt.words))
			require.NoError(t, err)
			assert.Equal(t, tt.order, p.Order)
			assert.Len(t, p.Against, tt.against)
			assert.Len(t, p.Missing, tt.missing)
			assert.Contains(t, p.Doubt, tt.doubt)
			if tt.doubt == "" {
				assert.Empty(t, p.Doubt)
			}
			if tt.proposed == nil {
				assert.Nil(t, p.proposed)
				return
			}
			var want []template.Found
			for _, j := range tt.proposed {
				want = append(want, places[j])
			}
			assert.Equal(t, want, p.proposed)
		})
	}
}

// A printed rule, and another target, keep a neighbour's text from being a target's name.
func TestRulesKeepNamesApart(t *testing.T) {
	d := fixtures.NewDrawing(8.5, 4, 100)
	targets := []template.Found{{X: 3, Y: 2, W: 0.2, H: 0.12}, {X: 3, Y: 2.5, W: 0.2, H: 0.12}}
	ls := []Word{{Text: "Ann Alder", X: 1.5, Y: 2, W: 1, H: 0.1}, {Text: "Bo Birch", X: 1.5, Y: 2.5, W: 1, H: 0.1},
		{Text: "Cy Cedar", X: 4, Y: 2, W: 1, H: 0.1}, {Text: "Di Dogwood", X: 4, Y: 2.5, W: 1, H: 0.1}}
	_, side := linesBeside(ls, targets, rulesOf(d.Gray, 100))
	assert.Equal(t, 1.0, side, "the nearer names, without a rule")
	d.Bar(3.3, 1.8, 3.32, 2.7)
	beside, side := linesBeside(ls, targets, rulesOf(d.Gray, 100))
	assert.Equal(t, -1.0, side)
	assert.Equal(t, []int{0, 1}, beside)
}

func TestAssign(t *testing.T) {
	tests := []struct {
		name  string
		value [][]float64
		want  []int
	}{
		{"none", nil, []int{}},
		{"one", [][]float64{{-3}}, []int{0}},
		{"a greedy choice would lose", [][]float64{{5, 4, 0}, {5, 0, 0}, {0, 0, 1}}, []int{1, 0, 2}},
		{"all alike", [][]float64{{1, 1}, {1, 1}}, nil},
		{"negative", [][]float64{{-1, -9}, {-9, -1}}, []int{0, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := assign(tt.value)
			if tt.want == nil {
				assert.ElementsMatch(t, []int{0, 1}, got)
				return
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestNamesAreComparedByTheirWords(t *testing.T) {
	tests := []struct {
		name, printed string
		least, most   float64
	}{
		{"José Núñez", "JOSE NUNEZ", 1, 1},
		{"O'Donnell, Justin", "Justin O’Donnell", 1, 1},
		{"Edward Randolph (Democratic)", "Edward Randolph", 1, 1},
		{"Ann Alder", "Amn Alder", 0.6, 0.9},
		{"Yes", "Yeti", 0, 0},
		{"Ann Alder", "Bo Birch", 0, 0},
		{"Samuel Livermore", "SamuelLivermore", 0.9, 1},
		{"Joseph R. Biden and Kamala D. Harris", "JOSEPH R. BIDEN KAMALA D. HARRIS", 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name+" as "+tt.printed, func(t *testing.T) {
			var printed []printedToken
			for _, tok := range tokensOf(tt.printed) {
				printed = append(printed, printedToken{tok, 1})
			}
			got := likeness{}.share(nameTokens(tt.name), printed, telling([][]string{nameTokens(tt.name)}))
			assert.GreaterOrEqual(t, got, tt.least)
			assert.LessOrEqual(t, got, tt.most)
		})
	}
}

// A PDF whose text contradicts the list is refused with a proposal, and the proposal, confirmed, makes the definition.
func TestMakeRefusesAnotherOrderAndProposesOne(t *testing.T) {
	text := textAt(map[at2]string{{1.3, 2.05}: "Choice Apple", {1.3, 3.05}: "Choice Bean", {1.3, 4.05}: "Choice Corn"})
	file := savePDF(t, pdfWith(letter, "", boxesAt(at2{1, 2}, at2{1, 3}, at2{1, 4})+text))
	dir := t.TempDir()
	list := filepath.Join(dir, "contests.csv")
	write := func(names ...string) {
		s := "style,page,contest,vote_for,choice,party,candidate\n"
		for _, n := range names {
			s += fmt.Sprintf("style,1,Mayor,1,Choice %s,,\n", n)
		}
		require.NoError(t, os.WriteFile(list, []byte(s), 0o644))
	}
	o := NewOptions{Title: "T", Contests: list, Out: filepath.Join(dir, "out"), Blanks: []BlankArg{{"style", 1, file}}}
	write("Corn", "Apple", "Bean")
	_, err := Make(o)
	var names *NamesError
	require.ErrorAs(t, err, &names)
	for _, s := range []string{"style style page 1", "3 of 3 rows", "Choice Corn", names.Proposed, ProposedFile, "proposed-style-p1.png"} {
		assert.Contains(t, err.Error(), s)
	}
	require.Len(t, names.Pictures, 1)
	decodePNG(t, names.Pictures[0])
	assert.NoFileExists(t, filepath.Join(o.Out, DefinitionFile))

	o.Contests = names.Proposed
	made, err := Make(o)
	require.NoError(t, err)
	require.Len(t, made.Pairings, 1)
	assert.Equal(t, byPlaces, made.Pairings[0].Order)
	assert.Equal(t, 3, made.Pairings[0].Confirmed)
	for i, y := range []float64{4, 2, 3} { // the list's order
		assert.InDelta(t, y, made.Election.Styles[0].Pages[0].Targets[i].Y, 0.01)
	}
	// Places that the names contradict are taken, for a person gave them, and told of.
	data, err := os.ReadFile(names.Proposed)
	require.NoError(t, err)
	wrong := strings.NewReplacer("Corn", "Apple", "Apple", "Corn").Replace(string(data))
	require.NoError(t, os.WriteFile(list, []byte(wrong), 0o644))
	o.Contests = list
	made, err = Make(o)
	require.NoError(t, err)
	assert.Len(t, made.Pairings[0].Against, 2)
	assert.Contains(t, made.Pairings[0].String(), "LOOK")

	write("Apple", "Bean", "Corn")
	made, err = Make(o)
	require.NoError(t, err)
	assert.Equal(t, 3, made.Pairings[0].Confirmed)
	assert.Equal(t, textLayer, made.Pairings[0].Words)
	assert.False(t, math.IsNaN(made.Election.Styles[0].Pages[0].Targets[0].X))
}
