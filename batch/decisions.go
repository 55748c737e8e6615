package batch

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// maxLog bounds a log of decisions, in bytes: a million entries have a third of it.
const maxLog = 1 << 30

// readLog reads a log of decisions, and gives it with the SHA-256 of its bytes.
func readLog(path string) ([]cvr.Decision, string, error) {
	data, err := readBounded(path, maxLog)
	if err != nil {
		return nil, "", fmt.Errorf("read decisions: %w", err)
	}
	ds, err := cvr.ReadDecisions(path, bytes.NewReader(data))
	if err != nil {
		return nil, "", err
	}
	return ds, hashOf(data), nil
}

// putDecisions writes a log into the ledger, in place of another. Every entry must be about a target that was read and counts.
func putDecisions(tx *sql.Tx, e *election.Election, log string, ds []cvr.Decision) error {
	if _, err := tx.Exec(`DELETE FROM decisions`); err != nil {
		return err
	}
	for i := range ds {
		d := &ds[i]
		fail := func(what, mend string) error {
			return &cvr.ReadError{File: log, Line: d.Line, Detail: what, Mend: mend}
		}
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
		target, err := d.Target(e, p)
		if err != nil {
			return fail(err.Error(), "write the names as in the definition")
		}
		entry, err := json.Marshal(d)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO decisions VALUES (?,?,?,?,?)`, i, page, target, d.Answer, string(entry)); err != nil {
			return err
		}
	}
	return nil
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
		if last && d.entry.Answer != cvr.AsRead {
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
}

// decisionCount counts what is in force, or gives nil where the run has no log.
func (l *ledger) decisionCount() (*DecisionCount, error) {
	sha, err := l.meta("decisions")
	if err != nil || sha == "" {
		return nil, err
	}
	c := &DecisionCount{SHA256: sha}
	err = l.db.QueryRow(`SELECT (SELECT count(*) FROM decisions), count(*), count(DISTINCT p.sheet) FROM
		(SELECT page, answer, max(n) FROM decisions GROUP BY page, target) d JOIN pages p ON p.id = d.page WHERE d.answer <> ?`, cvr.AsRead).Scan(&c.Entries, &c.Targets, &c.Sheets)
	if err != nil {
		return nil, l.explain("read", err)
	}
	return c, nil
}
