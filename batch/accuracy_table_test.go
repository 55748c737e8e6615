package batch

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"recount/vote"
)

// score is one row of the table.
type score struct {
	Pages   int `json:"pages"`
	Refused int `json:"refused"`
	Targets int `json:"targets"`
	Wrong   int `json:"wrong"`
	Flagged int `json:"flagged"`
	Clear   int `json:"clear"`
	// Inked are the empty targets that nothing crosses and yet measure blankInk and more.
	Inked   int            `json:"inked,omitempty"`
	Reasons map[string]int `json:"reasons,omitempty"`
}

// blankInk is the fill that no empty target of a sound scan may reach.
const blankInk = 200

func (s *score) add(o *score) {
	s.Pages, s.Refused, s.Targets, s.Wrong = s.Pages+o.Pages, s.Refused+o.Refused, s.Targets+o.Targets, s.Wrong+o.Wrong
	s.Flagged, s.Clear, s.Inked = s.Flagged+o.Flagged, s.Clear+o.Clear, s.Inked+o.Inked
	for r, n := range o.Reasons {
		if s.Reasons == nil {
			s.Reasons = map[string]int{}
		}
		s.Reasons[r] += n
	}
}

// readDrawing reads the page and holds every answer against the truth. said hears of each that is not as it should be.
func readDrawing(d *drawing, said func(string, ...any)) score {
	sc := score{Pages: 1, Reasons: map[string]int{}}
	r := ReadPage(d.press.set, d.scan)
	if r.Refused != nil {
		sc.Refused++
		reason, _, _ := strings.Cut(reasonText(r.Refused), ":")
		sc.Reasons[reason]++
		said("refused: %v", r.Refused)
		return sc
	}
	var c *Candidate
	for i := range r.Candidates {
		if r.Candidates[i].Style.ID == d.style.ID && r.Candidates[i].Page.Number == d.page.Number {
			c = &r.Candidates[i]
		}
	}
	if c == nil {
		sc.Targets, sc.Wrong = len(d.page.Targets), len(d.page.Targets)
		said("WRONG: style %s page %d was read as %s page %d", d.style.ID, d.page.Number, r.Candidates[0].Style.ID, r.Candidates[0].Page.Number)
		return sc
	}
	sheet := vote.DecideSheet(d.press.election, c.Style, c.Page.Sheet(), readingsOf(c), vote.DefaultLimits())
	for i, k := range sheet.Readings {
		spot := d.side.Spots[i]
		sc.Targets++
		if spot.Truth != "marginal" {
			sc.Clear++
		}
		if spot.Truth == "none" && spot.Kind == "" && len(spot.Crossed) == 0 && k.Mark.Fill >= blankInk {
			sc.Inked++
		}
		bad := spot.Truth == "vote" && k.Answer == vote.None || k.Answer == vote.Vote && spot.Truth != "vote" && spot.Truth != "marginal"
		switch {
		case bad:
			sc.Wrong++
			sc.Reasons[fmt.Sprintf("wrong: %s is %s", spot.Kind, k.Answer)]++
			said("WRONG: target %d at %.0f,%.0f is %q (%s, crossed by %v), read as %s: fill %v outline %v around %v dark %v spread %v pieces %d largest %v arms %08b beside %v damage %q",
				i, spot.X, spot.Y, spot.Kind, spot.Truth, spot.Crossed, k.Answer, k.Mark.Fill, k.Mark.Outline, k.Mark.Around, k.Mark.Dark, k.Mark.Spread, k.Mark.Pieces, k.Mark.Largest, k.Mark.Arms, k.Mark.Beside, k.Mark.Damage)
		case k.Answer == vote.Questionable && (spot.Truth == "vote" || spot.Truth == "none"):
			sc.Flagged++
			reason, _, _ := strings.Cut(k.Reason, ":")
			sc.Reasons[fmt.Sprintf("%s %s: %s", spot.Truth, spot.Kind, reason)]++
			said("flagged: target %d at %.0f,%.0f is %q, crossed by %v: %s | ink %d fill %v outline %v around %v dark %v shade %v spread %v", i, spot.X, spot.Y, spot.Kind,
				spot.Crossed, k.Reason, spot.Level, k.Mark.Fill, k.Mark.Outline, k.Mark.Around, k.Mark.Dark, k.Mark.Shade, k.Mark.Spread)
		}
	}
	return sc
}

// printAccuracy prints the table, one row a damage and strength, and the figures.
func printAccuracy(table map[string]*score, all *score, seconds float64) {
	var rows []string
	for r := range table {
		rows = append(rows, r)
	}
	sort.Strings(rows)
	if i := slices.Index(rows, "everyday"); i >= 0 {
		rows = slices.Concat([]string{"everyday"}, rows[:i], rows[i+1:])
	}
	fmt.Printf("%-24s %8s %8s %9s %8s %6s  %s\n", "damage, strength", "pages", "refused", "targets", "flagged", "wrong", "most often")
	for _, r := range append(rows, "all") {
		sc := table[r]
		if r == "all" {
			sc = all
		}
		fmt.Printf("%-24s %8d %8d %9d %8d %6d  %s\n", r, sc.Pages, sc.Refused, sc.Targets, sc.Flagged, sc.Wrong, sc.most())
	}
	day := table["everyday"]
	if day == nil {
		day = &score{}
	}
	fmt.Printf("figure targets %d\nfigure wrong %d\nfigure flagged %d\nfigure refused-pages %d\n", all.Targets, all.Wrong, all.Flagged, all.Refused)
	fmt.Printf("figure everyday-targets %d\nfigure everyday-flagged %d\nfigure everyday-pages %d\nfigure everyday-refused-pages %d\nfigure everyday-blanks-inked %d\nfigure seconds %.0f\n",
		day.Targets, day.Flagged, day.Pages, day.Refused, day.Inked, seconds)
}

// most names the commonest reasons.
func (s *score) most() string {
	var names []string
	for r := range s.Reasons {
		names = append(names, r)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := s.Reasons[names[i]], s.Reasons[names[j]]
		return a > b || a == b && names[i] < names[j]
	})
	for i, r := range names {
		names[i] = fmt.Sprintf("%s %d", r, s.Reasons[r])
	}
	return strings.Join(names[:min(3, len(names))], ", ")
}
