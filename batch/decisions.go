package batch

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// maxLog bounds a log of decisions, in bytes: a million entries have a third of it.
const maxLog = 1 << 30

// decisionLog is a log as it is applied: the decisions on targets, oldest first, and what else it says.
type decisionLog struct {
	file      string
	sha256    string
	targets   []cvr.Decision
	at        []int                // of targets: the target on its page, from 0, or -1 where names tell it
	notBallot []cvr.LogEntry       // refused pages that are no ballots
	hand      byHand               // what it says of whole pages and sheets
	about     func(identity) error // says whether it is of another run
	Entries   int                  `json:"entries"`
	Waiting   int                  `json:"waiting"`
}

// readLog reads a log of decisions: one of a review desk, whose chain must hold, or a plain list.
func readLog(path string) (*decisionLog, error) {
	data, err := readBounded(path, maxLog)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	if len(data) == 0 {
		return nil, &cvr.ReadError{File: path, Detail: "is empty: every decision log has a first line, so this one was lost or cut", Mend: "name the log's own file, or count without --log"}
	}
	l := &decisionLog{file: path, sha256: hashOf(data), about: func(identity) error { return nil }}
	if !cvr.IsLog(data) {
		l.targets, err = cvr.ReadDecisions(path, bytes.NewReader(data))
		l.Entries, l.at = len(l.targets), slices.Repeat([]int{-1}, len(l.targets))
		return l, err
	}
	chain, err := cvr.ReadLog(path, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if chain.Torn > 0 {
		return nil, fmt.Errorf("read decisions: %s ends in an entry that was never finished: open it in the review once, which takes it off", path)
	}
	l.about = func(id identity) error { return chain.About(id.Definition, id.Manifest) }
	s := cvr.NewStanding(chain)
	l.Entries, l.Waiting = len(chain.Entries), len(s.Open())
	for _, in := range s.InForce() {
		switch in.Act {
		case cvr.ActTarget:
			for _, d := range s.Verdict(in.Subject()).Last { // where two people must agree, the words of both
				l.targets, l.at = append(l.targets, d.Decision()), append(l.at, d.Target-1)
			}
		case cvr.ActNotBallot:
			l.notBallot = append(l.notBallot, in)
		case cvr.ActPage:
			l.hand.entered = append(l.hand.entered, in)
		case cvr.ActSameSheet:
			l.hand.same = append(l.hand.same, in)
		default:
			return nil, &cvr.ReadError{File: path, Line: in.N + 1, Detail: fmt.Sprintf("an entry of the kind %q, which decide does not apply", in.Act), Mend: "take it back in the review, or count without --log"}
		}
	}
	return l, nil
}

// put writes the log into the ledger, in place of another. Every entry must be about a target that was read and counts, or a page
// that was refused.
func (l *decisionLog) put(tx *sql.Tx, e *election.Election) error {
	if _, err := tx.Exec(`DELETE FROM decisions`); err != nil {
		return err
	}
	counts, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT OR REPLACE INTO meta VALUES ('log', ?)`, string(counts)); err != nil {
		return err
	}
	for i := range l.targets {
		if err := l.putTarget(tx, e, i); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE pages SET reason = substr(reason, ?) WHERE outcome = ? AND substr(reason, 1, ?) = ?`,
		len(notBallot)+1, string(Refused), len(notBallot), notBallot); err != nil {
		return err
	}
	for _, d := range l.notBallot {
		r, err := tx.Exec(`UPDATE pages SET reason = ? || reason WHERE image = ? AND outcome = ?`, notBallot, d.Image, string(Refused))
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return l.fail(d.N+1, fmt.Sprintf("the run refused no image %q", d.Image), "give the log of this run")
		}
	}
	return nil
}

// notBallot begins the reason of a refused page that a person calls no ballot.
const notBallot = "by-hand: no ballot; "

func (l *decisionLog) fail(line int, what, mend string) error {
	return &cvr.ReadError{File: l.file, Line: line, Detail: what, Mend: mend}
}

// putTarget writes entry i of those on targets.
func (l *decisionLog) putTarget(tx *sql.Tx, e *election.Election, i int) error {
	d := &l.targets[i]
	fail := func(what, mend string) error { return l.fail(d.Line, what, mend) }
	var page int64
	var sha, outcome, style string
	var number int
	err := tx.QueryRow(`SELECT id, sha256, outcome, style, number FROM pages WHERE image = ?`, d.Image).Scan(&page, &sha, &outcome, &style, &number)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fail(fmt.Sprintf("the run has no image %q", d.Image), "give the log of this run, with the images' names as in marks.csv")
	case err != nil:
		return err
	case d.SHA256 != "" && d.SHA256 != sha:
		return fail(fmt.Sprintf("image %q is another file than the one that was looked at", d.Image), "give the log of this run, or look at the image again")
	case outcome != string(Counted) && outcome != string(Questions):
		return fail(fmt.Sprintf("image %q does not count (%s)", d.Image, outcome), "take the entry out: what was not read has no target to decide")
	}
	var p *election.Page
	if s := e.Style(style); s != nil {
		p = s.Page(number)
	}
	if p == nil {
		return fail(fmt.Sprintf("image %q shows no targets", d.Image), "take the entry out")
	}
	target := l.at[i]
	if target < 0 {
		if target, err = d.Target(e, p); err != nil {
			return fail(err.Error(), "write the names as in the definition")
		}
	}
	if target >= len(p.Targets) || l.at[i] >= 0 && (p.Targets[target].Contest != d.Contest || p.Targets[target].Choice != d.Choice) {
		return fail(fmt.Sprintf("target %d of image %q is not contest %q, choice %q", target+1, d.Image, d.Contest, d.Choice), "give the log of this run")
	}
	entry, err := json.Marshal(d)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO decisions VALUES (?,?,?,?,?)`, i, page, target, d.Answer, string(entry))
	return err
}

// storedDecision is one entry of the log with the target that it is about.
type storedDecision struct {
	target int
	entry  cvr.Decision
}

// decisions are the log's entries by page; nil where nobody decided anything.
func (l *ledger) decisions() (map[int64][]storedDecision, error) {
	rows, err := l.db.Query(`SELECT n, page, target, entry FROM decisions ORDER BY n`)
	if err != nil {
		return nil, l.explain("read", err)
	}
	defer rows.Close()
	var out map[int64][]storedDecision
	for rows.Next() {
		var n int
		var page int64
		var d storedDecision
		var entry string
		if err := rows.Scan(&n, &page, &d.target, &entry); err != nil {
			return nil, l.explain("read", err)
		}
		if err := json.Unmarshal([]byte(entry), &d.entry); err != nil {
			return nil, fmt.Errorf("read ledger %s: a decision: %w", l.path, err)
		}
		d.entry.Line = n // its place in the log
		if out == nil {
			out = map[int64][]storedDecision{}
		}
		out[page] = append(out[page], d)
	}
	return out, rows.Err()
}

// rulings are what stands of a page's decisions: the last on each target, but for those taken back.
func rulings(page int, ds []storedDecision) (out []vote.Ruling) {
	for i, d := range ds {
		last := true
		for _, later := range ds[i+1:] {
			last = last && later.target != d.target
		}
		if last && d.entry.Answer != cvr.TakenBack {
			out = append(out, vote.Ruling{Page: page, Target: d.target, Answer: vote.Answer(d.entry.Answer), Reason: d.entry.Reason})
		}
	}
	return out
}

// DecisionCount is what people decided by hand in a run.
type DecisionCount struct {
	SHA256  string `json:"sha256"`  // of the log
	Entries int    `json:"entries"` // in the log, those taken back or decided anew too
	Targets int    `json:"targets_by_hand"`
	Sheets  int    `json:"sheets_by_hand"`
	Waiting int    `json:"waiting"` // subjects that wait for a second person, or that two people dispute: not in force
}

// String says it for a person: "2 targets on 1 sheet, from a log of 3 entries; 1 waits for a second person or is disputed".
func (d *DecisionCount) String() string {
	many := func(n int, one, more string) string {
		if n == 1 {
			return "1 " + one
		}
		return fmt.Sprintf("%d %s", n, more)
	}
	s := fmt.Sprintf("%s on %s, from a log of %s", many(d.Targets, "target", "targets"), many(d.Sheets, "sheet", "sheets"), many(d.Entries, "entry", "entries"))
	if d.Waiting > 0 {
		s += "; " + many(d.Waiting, "waits for a second person or is disputed", "wait for a second person or are disputed")
	}
	return s
}

// decisionCount counts what is in force, or gives nil where the run has no log.
func (l *ledger) decisionCount() (*DecisionCount, error) {
	sha, err := l.meta("decisions")
	if err != nil || sha == "" {
		return nil, err
	}
	c := &DecisionCount{SHA256: sha}
	text, err := l.meta("log")
	if err != nil {
		return nil, err
	}
	var counts decisionLog
	if err := json.Unmarshal([]byte(text), &counts); err != nil {
		return nil, fmt.Errorf("read ledger %s: the log's counts: %w", l.path, err)
	}
	c.Entries, c.Waiting = counts.Entries, counts.Waiting
	err = l.db.QueryRow(`SELECT count(*), count(DISTINCT p.sheet) FROM
		(SELECT page, answer, max(n) FROM decisions GROUP BY page, target) d JOIN pages p ON p.id = d.page WHERE d.answer <> ?`, cvr.TakenBack).Scan(&c.Targets, &c.Sheets)
	if err != nil {
		return nil, l.explain("read", err)
	}
	return c, nil
}
