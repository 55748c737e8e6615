package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"recount/election"
	"recount/template"
	"recount/template/author"
)

// checked is what `template check` found, as JSON.
type checked struct {
	Election string        `json:"election"` // the file
	Title    string        `json:"title"`
	Contests int           `json:"contests"`
	Pages    []checkedPage `json:"pages"`
	Proofs   []string      `json:"proofs"`
}

// checkedPage is one style's page. Code is what its printed code says, OtherBarcodes those of its blank that are not used.
type checkedPage struct {
	Style         string   `json:"style"`
	Page          int      `json:"page"`
	Side          string   `json:"side"`
	Targets       int      `json:"targets"`
	Width         int      `json:"width"`
	Height        int      `json:"height"`
	DPI           float64  `json:"dpi"`
	Code          string   `json:"code,omitempty"`
	OtherBarcodes []string `json:"other_barcodes,omitempty"`
}

func checkTemplate(c *cli.Context) error {
	if err := needs(c, "election"); err != nil {
		return err
	}
	if err := noArguments(c); err != nil {
		return err
	}
	file := c.String("election")
	e, err := election.Load(file)
	if err != nil {
		return err
	}
	codes, err := template.PrintedCodes(e, filepath.Dir(file))
	if err != nil {
		return err
	}
	out := c.String("out")
	if out == "" {
		out = filepath.Join(filepath.Dir(file), "proof")
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return fmt.Errorf("make the folder for the proofs: %w", err)
	}
	proofs, err := author.Proof(e, filepath.Dir(file), out)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, checkedOf(e, file, codes, proofs))
	}
	if err := describeElection(c, e, file); err != nil {
		return err
	}
	for _, p := range codes {
		if p.Says != "" {
			fmt.Fprintf(c.App.Writer, "  style %s page %d: printed code %s\n", p.Style, p.Page, p.Says)
		}
		for _, o := range p.Others {
			fmt.Fprintf(c.App.Writer, "  style %s page %d: barcode not used: %s\n", p.Style, p.Page, o)
		}
	}
	_, err = fmt.Fprintf(c.App.Writer, "Look at the proofs before reading scans:\n  %s\n", strings.Join(proofs, "\n  "))
	return err
}

func checkedOf(e *election.Election, file string, codes []template.PageCode, proofs []string) checked {
	r := checked{Election: file, Title: e.Title, Contests: len(e.Contests), Proofs: proofs}
	for i, s := range e.Styles {
		for j := range s.Pages {
			p, code := &e.Styles[i].Pages[j], codes[len(r.Pages)]
			r.Pages = append(r.Pages, checkedPage{Style: s.ID, Page: p.Number, Side: p.Side(), Targets: len(p.Targets),
				Width: p.Picture.Width, Height: p.Picture.Height, DPI: p.Picture.DPI, Code: code.Says, OtherBarcodes: code.Others})
		}
	}
	return r
}
