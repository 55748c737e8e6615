package batch

import (
	"context"
	"database/sql"
	"fmt"
	"path"
	"slices"

	"recount/audit"
	"recount/election"
)

// build makes the index in one transaction, so that it is whole or not there. The zones of a wall are 0 for none, 1 questionable, 2 vote.
func (x *Index) build(progress func(Progress)) error {
	steps := []struct {
		name string
		do   func(*sql.Tx) error
	}{{"tables", x.buildTables}, {"walls", x.buildWall}, {"questions", x.buildTargets}, {"pages", x.buildPages}, {"sheets", x.buildSheets}, {"rescans", x.buildPairs}}
	tx, err := x.db.BeginTx(context.Background(), nil)
	if err != nil {
		return x.explain(err)
	}
	defer tx.Rollback()
	for i, s := range steps {
		progress(Progress{Step: "index", Done: i, Total: len(steps)})
		if err := s.do(tx); err != nil {
			return fmt.Errorf("index %s: make %s: %w", x.path, s.name, err)
		}
	}
	if _, err := tx.Exec(`INSERT INTO main.meta VALUES ('made', ?)`, x.identity()); err != nil {
		return x.explain(err)
	}
	if err := tx.Commit(); err != nil {
		return x.explain(err)
	}
	progress(Progress{Step: "index", Done: len(steps), Total: len(steps)})
	return nil
}

// buildTables lays the tables out and writes what follows from the definition.
func (x *Index) buildTables(tx *sql.Tx) error {
	if _, err := tx.Exec(indexTables); err != nil {
		return err
	}
	e := x.run.Election
	type key struct {
		contest, choice string
		rank            int
	}
	slots, contests := map[key]int{}, map[string]int{}
	n := 0
	for i := range e.Contests {
		c := &e.Contests[i]
		contests[c.ID] = i
		for _, ch := range c.Choices {
			for rank := min(c.Ranks, 1); rank <= c.Ranks; rank++ {
				n++
				slots[key{c.ID, ch.ID, rank}] = n
				if _, err := tx.Exec(`INSERT INTO slots VALUES (?,?,?,?,0,0,0)`, n, c.ID, ch.ID, rank); err != nil {
					return err
				}
			}
		}
	}
	for _, s := range e.Styles {
		for _, p := range s.Pages {
			for i, t := range p.Targets {
				if _, err := tx.Exec(`INSERT INTO places VALUES (?,?,?,?,?)`, s.ID, p.Number, i, slots[key{t.Contest, t.Choice, t.Rank}], contests[t.Contest]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// buildWall walks through all marks, the one long walk there is.
func (x *Index) buildWall(tx *sql.Tx) error {
	if _, err := tx.Exec(`INSERT INTO wall SELECT pl.slot, CASE m.answer WHEN 'vote' THEN 2 WHEN 'none' THEN 0 ELSE 1 END, m.fill, m.page, m.target
		FROM run.pages p CROSS JOIN run.marks m ON m.page = p.id CROSS JOIN places pl ON pl.style = p.style AND pl.number = p.number AND pl.target = m.target
		ORDER BY 1, 2, 3, 4, 5`); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE slots SET none = (SELECT count(*) FROM wall WHERE slot = id AND zone = 0),
		questionable = (SELECT count(*) FROM wall WHERE slot = id AND zone = 1), vote = (SELECT count(*) FROM wall WHERE slot = id AND zone = 2)`)
	return err
}

// cutReason gives the typed part of a reason.
const cutReason = `substr(%[1]s, 1, instr(%[1]s || ':', ':') - 1)`

// buildTargets finds the targets to look at, with seeks into the walls.
func (x *Index) buildTargets(tx *sql.Tx) error {
	if err := x.weigh(tx); err != nil {
		return err
	}
	reason := fmt.Sprintf(cutReason, "m.reason")
	voteFill, noneFill := int(x.run.Limits.VoteFill), int(x.run.Limits.NoneFill)
	for _, q := range []struct {
		kind Kind
		from string // gives name, weight, page, target
		args []any
	}{
		{KindQuestion, `SELECT ` + reason + ` AS name, CASE WHEN t.status = 'overvote' THEN 1000000 ELSE 0 END + c.weight AS weight, w.page, w.target
			FROM slots s CROSS JOIN wall w ON w.slot = s.id AND w.zone = 1 CROSS JOIN contests c ON c.contest = s.contest
			CROSS JOIN run.marks m ON m.page = w.page AND m.target = w.target CROSS JOIN run.pages p ON p.id = w.page
			LEFT JOIN run.contests t ON t.sheet = p.sheet AND t.contest = s.contest`, nil},
		// As the report: votes under one and a half times the fill of a vote, empty targets over two thirds of that of none.
		{KindNear, `SELECT 'vote' AS name, c.weight AS weight, w.page, w.target FROM slots s CROSS JOIN wall w ON w.slot = s.id AND w.zone = 2 AND w.fill < ?
			CROSS JOIN contests c ON c.contest = s.contest`, []any{(3*voteFill + 1) / 2}},
		{KindNear, `SELECT 'none' AS name, c.weight AS weight, w.page, w.target FROM slots s CROSS JOIN wall w ON w.slot = s.id AND w.zone = 0 AND w.fill > ?
			CROSS JOIN contests c ON c.contest = s.contest`, []any{2 * noneFill / 3}},
		// Of several rows SQLite gives the one that min() is of.
		{KindOvervote, `SELECT t.contest AS name, c.weight AS weight, w.page AS page, w.target AS target, min(w.page * 100000 + w.target)
			FROM run.contests t CROSS JOIN contests c ON c.contest = t.contest CROSS JOIN run.pages p ON p.sheet = t.sheet
			CROSS JOIN run.marks w ON w.page = p.id AND w.answer = 'vote'
			CROSS JOIN places pl ON pl.style = p.style AND pl.number = p.number AND pl.target = w.target AND pl.contest = c.id
			WHERE t.status = 'overvote' GROUP BY t.sheet, t.position`, nil},
	} {
		if err := x.put(tx, q.kind, q.from, q.args...); err != nil {
			return err
		}
	}
	for _, c := range x.run.Election.Contests {
		for _, ch := range c.Choices {
			if ch.WriteIn {
				if err := x.put(tx, KindWriteIn, `SELECT s.contest AS name, c.weight AS weight, w.page, w.target FROM slots s CROSS JOIN wall w ON w.slot = s.id AND w.zone = 2
					CROSS JOIN contests c ON c.contest = s.contest WHERE s.contest = ? AND s.choice = ?`, c.ID, ch.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// put adds the items that a query gives, and their groups.
func (x *Index) put(tx *sql.Tx, kind Kind, from string, args ...any) error {
	k := kindNumber(kind)
	if _, err := tx.Exec(`CREATE TEMP TABLE found AS `+from, args...); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	for _, s := range []string{
		`INSERT INTO groups (kind, name, n) SELECT ?1, name, count(*) FROM found WHERE true GROUP BY name ORDER BY name ON CONFLICT (kind, name) DO UPDATE SET n = n + excluded.n`,
		`INSERT INTO items SELECT ?1, g.id, 0, f.weight, f.page, f.target FROM found f JOIN groups g ON g.kind = ?1 AND g.name = f.name ORDER BY 2, 4, 5, 6`,
	} {
		if _, err := tx.Exec(s, k); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	_, err := tx.Exec(`DROP TABLE found`)
	return err
}

// buildPages lists the pages that were refused or are duplicates.
func (x *Index) buildPages(tx *sql.Tx) error {
	reason := fmt.Sprintf(cutReason, "reason")
	if err := x.put(tx, KindRefused, `SELECT `+reason+` AS name, 0 AS weight, id AS page, -1 AS target FROM run.pages WHERE outcome = ?`, string(Refused)); err != nil {
		return err
	}
	return x.put(tx, KindDuplicate, `SELECT 'same bytes' AS name, 0 AS weight, id AS page, -1 AS target FROM run.pages WHERE outcome = ?`, string(Duplicate))
}

// buildSheets lists the sheets by what people ask for.
func (x *Index) buildSheets(tx *sql.Tx) error {
	for _, s := range []string{
		`INSERT INTO sheets SELECT style, outcome, id FROM run.sheets ORDER BY 1, 2, 3`,
		`INSERT INTO outcomes SELECT outcome, id FROM run.sheets ORDER BY 1, 2`,
		`INSERT INTO counted (sheet) SELECT id FROM run.sheets WHERE outcome IN ('counted','questions') ORDER BY id`,
	} {
		if _, err := tx.Exec(s); err != nil {
			return err
		}
	}
	rows, err := tx.Query(`SELECT name FROM run.sheets`)
	if err != nil {
		return err
	}
	defer rows.Close()
	folders := map[string]int{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		folders[path.Dir(name)]++
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for name, n := range folders {
		if _, err := tx.Exec(`INSERT INTO folders VALUES (?,?)`, name, n); err != nil {
			return err
		}
	}
	return nil
}

// buildPairs takes the sheets that may be one, scanned twice, from the run's own list.
func (x *Index) buildPairs(tx *sql.Tx) error {
	pairs, looked, err := x.run.Rescans()
	if err != nil {
		return err
	}
	if !looked {
		_, err := tx.Exec(`INSERT INTO main.meta VALUES ('pairs', 'not looked for')`)
		return err
	}
	for _, p := range pairs {
		if _, err := tx.Exec(`INSERT INTO pairs (sheet, other, marks, bits) VALUES (?,?,?,?)`, p.Sheet, p.Other, p.Marks, p.Bits); err != nil {
			return err
		}
	}
	return nil
}

// weigh orders the contests by how much their questions could matter: open questions against the margin in clear votes.
func (x *Index) weigh(tx *sql.Tx) error {
	e := x.run.Election
	type weighed struct{ at, open, margin int }
	all := make([]weighed, len(e.Contests))
	for i := range e.Contests {
		c := &e.Contests[i]
		w := weighed{at: i, margin: leadOf(x.run.Totals, e, c)}
		if err := tx.QueryRow(`SELECT total(questionable) FROM slots WHERE contest = ?`, c.ID).Scan(&w.open); err != nil {
			return err
		}
		all[i] = w
	}
	// a.open / (a.margin + 1) > b.open / (b.margin + 1), without fractions. A contest that nobody can lose comes last.
	slices.SortStableFunc(all, func(a, b weighed) int {
		if (a.margin < 0) != (b.margin < 0) {
			return b.margin - a.margin
		}
		return b.open*(a.margin+1) - a.open*(b.margin+1)
	})
	for weight, w := range all {
		if _, err := tx.Exec(`INSERT INTO contests VALUES (?,?,?,?,?)`, w.at, e.Contests[w.at].ID, weight, w.open, w.margin); err != nil {
			return err
		}
	}
	return nil
}

// leadOf is how many clear votes lie between a contest's last winner and its first loser, or -1 where all win. The lines of one
// person are added up.
func leadOf(t *audit.Totals, e *election.Election, c *election.Contest) int {
	label := audit.Label(e, c)
	votes := map[string]int{}
	person := map[string]string{}
	for i := range c.Choices {
		ch := &c.Choices[i]
		if ch.WriteIn {
			continue
		}
		person[ch.Name] = ch.Person()
		votes[ch.Person()] += 0
	}
	for _, r := range t.Rows {
		if who, ok := person[r.Choice]; ok && r.Contest == label {
			votes[who] += r.Clear
		}
	}
	var all []int
	for _, n := range votes {
		all = append(all, n)
	}
	slices.Sort(all)
	slices.Reverse(all)
	seats := max(c.VoteFor, 1)
	if len(all) <= seats {
		return -1
	}
	return all[seats-1] - all[seats]
}
