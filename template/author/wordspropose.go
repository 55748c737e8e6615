package author

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"recount/election"
	"recount/internal/proof"
	"recount/template"
)

// ProposedFile is the name of the contest list that Make writes for a person to confirm where it refuses a list's order.
const ProposedFile = "contests-proposed.csv"

// NamesError says that rows of the contest list would get targets that other names, or other contests, stand beside.
// Proposed is a contest list with the places that the names, or the page's layout, speak for; Pictures show it.
type NamesError struct {
	Pairings []Pairing // of the pages that are refused
	Proposed string
	Pictures []string
}

// Error names the pages, the rows and the mend.
func (e *NamesError) Error() string {
	var b strings.Builder
	b.WriteString("the contest list's order is not the page's:")
	for _, p := range e.Pairings {
		fmt.Fprintf(&b, "\n  style %s page %d: ", p.Style, p.Page)
		if len(p.Against) > 0 {
			fmt.Fprintf(&b, "paired %s, %d of %d rows would get a target that another name or contest stands beside (%s): %s", p.Order, len(p.Against), p.Rows, p.Words, few(p.Against))
		} else {
			fmt.Fprintf(&b, "paired %s, it is not clear which target is whose: %s", p.Order, p.Doubt)
		}
	}
	fmt.Fprintf(&b, "\nlook at %s; where every name is right use %s as the contest list, else correct its x and y first", strings.Join(e.Pictures, ", "), e.Proposed)
	return b.String()
}

// pairPage pairs a page's rows with the places found, and checks the names.
func pairPage(o NewOptions, arg BlankArg, e *election.Election, pg *election.Page, xy bool, places []template.Found, g *image.Gray, dpi float64) (paired, error) {
	p := paired{Pairing: Pairing{Style: arg.Style, Page: arg.Page}, places: places}
	rows := listedOf(e, pg)
	switch {
	case len(rows) == 0:
		return p, nil
	case xy: // a person gave the places; the names are only told of, and no picture is read for it
		v, _, err := hear(rows, places, g, dpi, sourcesOf(arg.File, g, dpi, places, nil))
		if err != nil {
			return p, err
		}
		p.Order, p.Rows = byPlaces, len(rows)
		p.tell(rows, v)
		return p, nil
	}
	got, err := pairInOrder(rows, places, g, dpi, sourcesOf(arg.File, g, dpi, places, o.OCR))
	got.Style, got.Page = arg.Style, arg.Page
	if err != nil || got.proposed == nil {
		return got, err
	}
	var labels []proof.Label
	for i, f := range got.proposed {
		labels = append(labels, f.Label(strconv.Itoa(i+1)+" "+short(rows[i].contestTitle, 22)+": "+short(rows[i].choice, 30)))
	}
	img, err := proof.Draw(g, dpi, labels)
	if err != nil {
		return got, err
	}
	got.picture = filepath.Join(o.Out, fmt.Sprintf("proposed-%s-p%d.png", election.Slug(arg.Style), arg.Page))
	return got, proof.WritePNG(got.picture, img)
}

// refusePairs gives a *NamesError where a page's pairing is refused, with the whole list and the places to confirm.
func refusePairs(o NewOptions, rows []election.Row, pairs []paired) error {
	refused := &NamesError{Proposed: filepath.Join(o.Out, ProposedFile)}
	of := map[[2]string]paired{}
	for _, p := range pairs {
		of[[2]string{p.Style, strconv.Itoa(p.Page)}] = p
		if p.proposed != nil {
			refused.Pairings = append(refused.Pairings, p.Pairing)
			refused.Pictures = append(refused.Pictures, p.picture)
		}
	}
	if len(refused.Pairings) == 0 {
		return nil
	}
	rules := slices.ContainsFunc(rows, func(r election.Row) bool { return r.Rank > 0 || r.KindText() != "" })
	head := slices.Clone(draftHeader)
	if rules {
		head = append(head, "rank", "kind")
	}
	table := [][]string{head}
	next := map[[2]string]int{}
	for _, r := range rows {
		key := [2]string{r.Style, strconv.Itoa(r.Page)}
		p, i := of[key], next[key]
		next[key]++
		row := []string{r.Style, key[1], r.Contest, strconv.Itoa(r.VoteFor), r.Choice, r.Party, r.Candidate, "", "", ""}
		places := p.places
		if p.proposed != nil {
			places = p.proposed
			if p.shares[i] >= 0 {
				row[9] = strconv.Itoa(p.shares[i])
			}
		}
		row[7], row[8] = inchText(places[i].X), inchText(places[i].Y)
		if rules {
			rank := ""
			if r.Rank > 0 {
				rank = strconv.Itoa(r.Rank)
			}
			row = append(row, rank, r.KindText())
		}
		table = append(table, row)
	}
	var buf bytes.Buffer
	if err := csv.NewWriter(&buf).WriteAll(table); err != nil {
		return fmt.Errorf("propose a contest list: %w", err)
	}
	if err := election.WriteFile(refused.Proposed, buf.Bytes()); err != nil {
		return err
	}
	return refused
}
