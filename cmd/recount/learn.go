package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
	"recount/template"
)

// learnCommand builds blanks where nobody has any.
func learnCommand() *cli.Command {
	return &cli.Command{
		Name:      "learn",
		Usage:     "build clean blank ballots from voted pages, sorted into styles first",
		ArgsUsage: "SCANS...",
		Description: "SCANS are files, folders or zip archives of voted pages, 10 to 20 of each style. Pages laid out alike are compared\n" +
			"print by print; what only some pages of a style show is voted away. Look at every blank before it is used.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` to write: blanks, pictures of their targets, groups.csv, targets.csv"},
			&cli.IntFlag{Name: "min", Value: 5, Usage: "fewest `PAGES` of a style to build its blank from, 3 or more"},
			&cli.IntFlag{Name: "max", Value: 50, Usage: "most `PAGES` of a style to use"},
			&cli.Float64Flag{Name: "dpi", Usage: "resolution of the scans, where they do not say it"},
			&cli.StringFlag{Name: "turn", Value: "auto", Usage: "how far the blanks are turned clockwise from the first page of their group: 0, 90, 180, 270, or auto to ask the print"},
			&cli.StringSliceFlag{Name: "ignore", Usage: "`X,Y,W,H`: a place, in inches from the top left of the first page of a layout, where pages of one style differ, as by a serial number; may be repeated"},
			&cli.StringFlag{Name: "pair", Value: "auto", Usage: "how single-page files are the two sides of a sheet: auto (by name), alternate or none"},
			&cli.IntFlag{Name: "workers", Usage: "pages worked on at once (default: one a processor)"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: learnTemplate,
	}
}

func learnTemplate(c *cli.Context) error {
	if err := needs(c, "out"); err != nil {
		return err
	}
	if c.NArg() == 0 {
		return usagef("recount template learn needs scans: files, folders or zip archives of voted pages")
	}
	o, err := learnOptions(c)
	if err != nil {
		return err
	}
	p := newProgress(c.App.ErrWriter)
	o.Progress = func(step string, done, total int) { p.show(batch.Progress{Step: step, Done: done, Total: total}) }
	got, err := template.Learn(o)
	p.end()
	if err != nil && (got == nil || !errors.Is(err, template.ErrTooFewPages)) {
		return err
	}
	if c.Bool("json") {
		if perr := printJSON(c.App.Writer, got); perr != nil {
			return perr
		}
	} else if perr := printLearned(c.App.Writer, got, o.Out); perr != nil {
		return perr
	}
	if err != nil {
		return err
	}
	for _, g := range got.Groups {
		if !g.Sure {
			return errLook
		}
	}
	for _, q := range got.Pages {
		if q.Reason != "" {
			return errLook
		}
	}
	return nil
}

func learnOptions(c *cli.Context) (template.LearnOptions, error) {
	o := template.LearnOptions{Scans: c.Args().Slice(), Out: c.String("out"), Min: c.Int("min"), Max: c.Int("max"), DPI: c.Float64("dpi"),
		Turn: -1, Workers: c.Int("workers")}
	if o.Min < 3 || o.Max < o.Min || o.Max > 300 {
		return o, usagef("--min %d --max %d: at least 3 pages, at most 300, and no more at least than at most", o.Min, o.Max)
	}
	if c.IsSet("dpi") && !(o.DPI >= 50 && o.DPI <= 1300) {
		return o, usagef("--dpi %v: say 50 to 1300", o.DPI)
	}
	if o.Workers < 0 {
		return o, usagef("--workers %d: say 1 or more", o.Workers)
	}
	switch t := c.String("turn"); t {
	case "auto":
	case "0", "90", "180", "270":
		o.Turn, _ = strconv.Atoi(t)
	default:
		return o, usagef("--turn %s: say 0, 90, 180, 270 or auto", t)
	}
	for _, s := range c.StringSlice("ignore") {
		a, err := parseArea(s)
		if err != nil {
			return o, err
		}
		o.Ignore = append(o.Ignore, a)
	}
	how, err := batch.ParsePairing(c.String("pair"))
	if err != nil {
		return o, usagef("--pair: %v", err)
	}
	o.Sheets = func(names []string) [][2]string { return batch.Sheets(names, how) }
	return o, nil
}

func parseArea(s string) (template.Area, error) {
	var v [4]float64
	parts := strings.Split(s, ",")
	for i := range v {
		var err error
		if len(parts) == 4 {
			v[i], err = strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		}
		if len(parts) != 4 || err != nil || !(v[i] >= 0 && v[i] <= 50) {
			return template.Area{}, usagef("--ignore %q: say X,Y,W,H in inches, for example 6.5,0.2,1.5,0.4", s)
		}
	}
	return template.Area{X: v[0], Y: v[1], W: v[2], H: v[3]}, nil
}

// printLearned says what was made and what people must look at.
func printLearned(w io.Writer, got *template.Learned, dir string) error {
	aside := 0
	for _, p := range got.Pages {
		if p.Group == "" {
			aside++
		}
	}
	fmt.Fprintf(w, "%d pages: %d groups, %d pages in none\n", len(got.Pages), len(got.Groups), aside)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "group\tpages\tused\tfit\tresidual\ttargets\tfewest unmarked\ttop\tturned\tsure")
	for _, g := range got.Groups {
		least := "-"
		for i, q := range g.Targets {
			if n, _ := strconv.Atoi(least); i == 0 || q.Unmarked < n {
				least = strconv.Itoa(q.Unmarked)
			}
		}
		sure := "yes"
		if !g.Sure {
			sure = "no"
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%.2f\t%.2f px\t%d\t%s\t%s\t%d\t%s\n", g.Group, g.Pages, g.Used, g.Fit, g.Residual, len(g.Targets), least, g.Top, g.Turned, sure)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, g := range got.Groups {
		for _, u := range g.Unlike {
			fmt.Fprintf(w, "%s is laid out like %s and shows other print at %.1f, %.1f inches\n", g.Group, u.Group, u.X, u.Y)
		}
		for _, d := range g.Doubts {
			fmt.Fprintf(w, "%s: %s\n", g.Group, d)
		}
		for _, n := range g.Notes {
			fmt.Fprintf(w, "%s: note: %s\n", g.Group, n)
		}
	}
	for _, p := range got.Pages {
		if p.Reason != "" {
			where := ""
			if p.Group != "" {
				where = " (" + p.Group + ")"
			}
			fmt.Fprintf(w, "%s%s: %s\n", audit.Shown(p.Page), where, audit.Shown(p.Reason))
		}
	}
	for _, s := range got.Sheets {
		fmt.Fprintf(w, "%s is the front of %s on %d sheets\n", s.Front, s.Back, s.Count)
	}
	if len(got.Groups) == 0 {
		return nil
	}
	fmt.Fprintf(w, "Look at each blank and its numbered targets in %s. Then, with the styles' names put in:\n  %s\n", filepath.Clean(dir), shellWords(got.Next))
	fmt.Fprintf(w, "complete and check every row of contests.csv, and make the definition:\n  recount template new --title TITLE --contests contests.csv --out election %s\n", shellWords(got.Next[5:]))
	return nil
}

// shellWords joins arguments as a shell reads them.
func shellWords(args []string) string {
	var out []string
	for _, a := range args {
		if strings.ContainsAny(a, " '\"\\$&;()*?<>|`!#~") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}
