package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"recount/audit"
	"recount/batch"
	"recount/vote"
)

// inspectCommand looks closely at one page.
func inspectCommand() *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Usage:     "look closely at one page: what it is and why, every target with its score and answer",
		ArgsUsage: "IMAGE",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "election", Usage: "definition `FILE`"},
			&cli.IntFlag{Name: "page", Value: 1, Usage: "page of a multi-page file"},
			&cli.StringFlag{Name: "target", Usage: "only the targets of this `NAME`, and why each got its answer: a number of the list, or a part of \"contest: choice\""},
			&cli.StringFlag{Name: "out", Usage: "write the annotated picture, or with --target the enlarged targets, to this PNG `FILE`"},
			limitsFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: inspectPage,
	}
}

func inspectPage(c *cli.Context) error {
	if err := needs(c, "election"); err != nil {
		return err
	}
	if c.NArg() != 1 {
		return usagef("recount inspect needs one picture, and %d are named", c.NArg())
	}
	if out := c.String("out"); out != "" && !strings.HasSuffix(strings.ToLower(out), ".png") {
		return usagef("--out %s: name a .png file", out)
	} else if out != "" {
		if err := absent(out); err != nil {
			return err
		}
	}
	limits, err := readLimits(c.String("limits"))
	if err != nil {
		return err
	}
	in, err := batch.Inspect(c.String("election"), c.Args().First(), c.Int("page"), limits)
	if err != nil {
		return err
	}
	if c.IsSet("target") {
		return explainTargets(c, in)
	}
	if out := c.String("out"); out != "" {
		if err := in.WriteAnnotated(out); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		err = printJSON(c.App.Writer, in)
	} else {
		err = printInspection(c.App.Writer, in)
	}
	if err != nil {
		return err
	}
	if in.Refused != "" || in.Count(vote.Questionable) > 0 {
		return errLook
	}
	return nil
}

// explainTargets says why some of the page's targets got their answers.
func explainTargets(c *cli.Context, in *batch.Inspection) error {
	if in.Refused != "" {
		return fmt.Errorf("%s was refused, so it has no targets: %s", in.Image, in.Refused)
	}
	found := in.Find(c.String("target"))
	if len(found) == 0 {
		return usagef("--target %q: the page has no such target; without --target they are listed with their numbers", c.String("target"))
	}
	if out := c.String("out"); out != "" {
		if err := in.WriteCloseup(out, found); err != nil {
			return err
		}
	}
	var some []batch.InspectedTarget
	questions := false
	for _, i := range found {
		some = append(some, in.Targets[i])
		questions = questions || in.Targets[i].Answer == vote.Questionable
	}
	if c.Bool("json") {
		if err := printJSON(c.App.Writer, some); err != nil {
			return err
		}
	} else {
		for k, t := range some {
			if _, err := fmt.Fprintf(c.App.Writer, "%d  %s: %s\n   %s\n", found[k]+1, t.Contest, t.Name(), t.Why); err != nil {
				return err
			}
		}
	}
	if questions {
		return errLook
	}
	return nil
}

func printInspection(w io.Writer, in *batch.Inspection) error {
	fmt.Fprintf(w, "%s: page %d of %d, %dx%d pixels\nsha256 %s\n", audit.Shown(in.Image), in.Page, in.Pages, in.Width, in.Height, in.SHA256)
	if in.Refused != "" {
		_, err := fmt.Fprintf(w, "refused: %s\n", audit.Shown(in.Refused))
		return err
	}
	fmt.Fprintf(w, "style %s, page %d (%s), turned %d degrees, skew %s degrees, scale %s\n", in.Style, in.Number, in.Side,
		in.Rotation, in.SkewDeg, in.Scale)
	fmt.Fprintf(w, "%d of %d anchors used, residual %s px, worst %s px\n", in.Used, in.Anchors, in.Residual, in.Worst)
	for _, t := range in.Tried {
		fmt.Fprintf(w, "  tried %s page %d, turned %d: fit %.3f\n", t.Style, t.Page, t.Rotation, t.Fit)
	}
	if in.Code != "" {
		fmt.Fprintf(w, "printed code: %s\n", in.Code)
	}
	if len(in.Twins) > 0 {
		fmt.Fprintf(w, "looks the same as %s: only the sheet's other page can tell\n", strings.Join(in.Twins, ", "))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tmark\tfill\toutline\taround\tx\ty\tcontest\tchoice\treason")
	for i, g := range in.Targets {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", i+1, g.Answer, g.Fill, g.Outline, g.Around, g.X, g.Y, g.Contest, g.Name(), g.Reason)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, g := range in.Contests {
		fmt.Fprintf(w, "%s: %s, %d of %d votes", g.Contest, g.Status, g.Votes, g.Allowed)
		if g.Doubt > 0 {
			fmt.Fprintf(w, ", %d in doubt", g.Doubt)
		}
		if g.Straight > 0 {
			fmt.Fprintf(w, ", %d of them by the straight-party vote", g.Straight)
		}
		if g.Ranking != "" {
			fmt.Fprintf(w, "; ranks %s", g.Ranking)
		}
		if g.RankFaults != "" {
			fmt.Fprintf(w, " (%s)", g.RankFaults)
		}
		if g.Reason != "" {
			fmt.Fprintf(w, ": %s", g.Reason)
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%d vote, %d questionable, %d none\n", in.Count(vote.Vote), in.Count(vote.Questionable), in.Count(vote.None))
	return err
}
