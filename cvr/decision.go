package cvr

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"recount/election"
	"recount/vote"
)

// Decision is one entry of a plain list of decisions: what a person says one target of a sheet is. The list is only ever added to;
// of the entries on one target the last stands. docs/OUTPUT.md has its form. What a review desk writes is a Log.
type Decision struct {
	Image   string `json:"image"`            // the page's name, as marks.csv has it
	SHA256  string `json:"sha256,omitempty"` // of the image's file, lower-case hex; where given, it must be that of the run
	Contest string `json:"contest"`          // the contest's id, or its title
	Choice  string `json:"choice"`           // the choice's id, or its name
	Party   string `json:"party,omitempty"`  // tells choices of one name apart
	Rank    int    `json:"rank,omitempty"`   // of the target in a ranked contest
	Answer  string `json:"answer"`           // vote, none, questionable, or as-read
	Before  string `json:"before,omitempty"` // the answer that the person saw; told to people, not used
	Reason  string `json:"reason"`           // as the person gave it
	Who     string `json:"who"`              // as the person typed it
	When    string `json:"when,omitempty"`   // RFC 3339 with a zone, as given
	Line    int    `json:"-"`                // of the log it was read from
}

// The bounds of a log of decisions.
const (
	maxDecisions    = 1_000_000
	maxDecisionLine = 64 << 10 // bytes
	maxDecisionText = 4096     // bytes of a field
)

// Check says what is wrong with the decision by itself, or nil.
func (d *Decision) Check() error {
	for _, f := range []struct {
		name, value string
		need        bool
	}{{"image", d.Image, true}, {"sha256", d.SHA256, false}, {"contest", d.Contest, true}, {"choice", d.Choice, true}, {"party", d.Party, false},
		{"answer", d.Answer, true}, {"before", d.Before, false}, {"reason", d.Reason, true}, {"who", d.Who, true}, {"when", d.When, false}} {
		switch {
		case f.need && strings.TrimSpace(f.value) == "":
			return fmt.Errorf("%s is empty", f.name)
		case len(f.value) > maxDecisionText:
			return fmt.Errorf("%s is longer than %d bytes", f.name, maxDecisionText)
		case !utf8.ValidString(f.value), strings.ContainsFunc(f.value, func(r rune) bool { return unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t' }):
			return fmt.Errorf("%s holds what is no text", f.name)
		}
	}
	if !slices.Contains([]string{string(vote.Vote), string(vote.None), string(vote.Questionable), TakenBack}, d.Answer) {
		return fmt.Errorf("answer %.40q is none of vote, none, questionable and as-read", d.Answer)
	}
	if d.Rank < 0 || d.Rank > maxRank {
		return fmt.Errorf("rank %d is none", d.Rank)
	}
	if d.SHA256 != "" && (len(d.SHA256) != 64 || strings.Trim(d.SHA256, "0123456789abcdef") != "") {
		return fmt.Errorf("sha256 %.80q is not 64 lower-case hex digits", d.SHA256)
	}
	if _, err := time.Parse(time.RFC3339, d.When); d.When != "" && err != nil {
		return fmt.Errorf("when %.40q is no time such as 2026-11-04T20:15:00-05:00", d.When)
	}
	return nil
}

// Target finds the target that the decision is about on a style's page. The error says why it names none, or several.
func (d *Decision) Target(e *election.Election, p *election.Page) (int, error) {
	found := -1
	for i, t := range p.Targets {
		c := e.Contest(t.Contest)
		if c == nil || c.ID != d.Contest && c.Title != d.Contest {
			continue
		}
		ch := c.Choice(t.Choice)
		if ch == nil || ch.ID != d.Choice && ch.Name != d.Choice || d.Party != "" && ch.Party != d.Party || t.Rank != d.Rank {
			continue
		}
		if found >= 0 {
			return -1, fmt.Errorf("contest %q, choice %q names more than one target of page %d: give ids, the party or the rank", d.Contest, d.Choice, p.Number)
		}
		found = i
	}
	if found < 0 {
		return -1, fmt.Errorf("page %d of the image's style has no target of contest %q, choice %q%s", p.Number, d.Contest, d.Choice, also(d))
	}
	return found, nil
}

// also says by what else a decision names its target.
func also(d *Decision) string {
	s := ""
	if d.Party != "" {
		s += fmt.Sprintf(", party %q", d.Party)
	}
	if d.Rank > 0 {
		s += fmt.Sprintf(", rank %d", d.Rank)
	}
	return s
}

// WriteDecision adds one entry to a plain list: a JSON object on a line of its own.
func WriteDecision(w io.Writer, d *Decision) error {
	if err := d.Check(); err != nil {
		return fmt.Errorf("write decision: %w", err)
	}
	line, err := encode(d)
	if err != nil {
		return fmt.Errorf("write decision: %w", err)
	}
	if len(line) >= maxDecisionLine {
		return fmt.Errorf("write decision: it is longer than %d bytes", maxDecisionLine)
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write decision: %w", err)
	}
	return nil
}

// text says the decision for a person.
func (d *Decision) text() string {
	s := d.Contest + ", " + d.Choice + also(d) + ": "
	if d.Before != "" {
		s += d.Before + " to "
	}
	s += d.Answer
	if d.Reason != "" {
		s += ": " + d.Reason
	}
	return s
}

// Decision is the entry on a target as one of a plain list has it.
func (d *LogEntry) Decision() Decision {
	return Decision{Image: d.Image, SHA256: d.SHA256, Contest: d.Contest, Choice: d.Choice, Rank: d.Rank, Answer: d.Answer, Before: d.Before, Reason: d.Reason, Who: d.Who, When: d.When, Line: d.N + 1}
}

// parseDecision reads a line of JSON.
func parseDecision(line []byte) (d Decision, err error) {
	dec := json.NewDecoder(strings.NewReader(string(line)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return d, fmt.Errorf("there is text after the entry")
	}
	return d, d.Check()
}
