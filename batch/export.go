package batch

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"recount/audit"
	"recount/cvr"
	"recount/election"
	"recount/marks"
	"recount/vote"
)

// runFile is the run's own description, written last: where it is, the others are whole.
const runFile = "run.json"

// export writes a run's results from its ledger. Nothing is kept in memory but one sheet and the sums.
type export struct {
	ledger   *ledger
	election *election.Election
	limits   vote.Limits
	id       identity
	dir      string

	marked *audit.Rescans   // the sheets' marks, from when the records are written
	twice  *audit.Rescanned // the sheets scanned twice
}

// exportNames are the result files in the order they are written, run.json apart.
func exportNames() []string {
	return []string{"marks.csv", "sheets.csv", "contests.csv", "totals.csv", "cvr.json", rescansFile}
}

// all writes every file and gives the run's summary.
func (x *export) all() (*Summary, error) {
	sum, err := x.summarize()
	if err != nil {
		return nil, err
	}
	writers := map[string]func(io.Writer) error{
		"marks.csv": x.marks, "sheets.csv": x.sheets, "contests.csv": x.contests, "totals.csv": x.totals, "cvr.json": x.records, rescansFile: x.rescans,
	}
	for _, name := range exportNames() {
		h, err := writeFile(filepath.Join(x.dir, name), writers[name])
		if err != nil {
			return nil, err
		}
		sum.Files = append(sum.Files, FileHash{name, h})
	}
	sum.ScannedTwice, sum.DoubledRuns = len(x.twice.Pairs), append([]audit.DoubledRun{}, x.twice.Runs...)
	_, err = writeFile(filepath.Join(x.dir, runFile), func(w io.Writer) error { return x.description(w, sum) })
	return sum, err
}

// writeFile writes a file whole or not at all, and gives its SHA-256: to a temporary name, synced, renamed. The temporary
// name is always the same, so that what a killed run left of it is written over and not left lying.
func writeFile(path string, write func(io.Writer) error) (sum string, err error) {
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp")
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(tmp)
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	h := sha256.New()
	b := bufio.NewWriterSize(&tee{f, h}, 1<<16)
	if err := write(b); err != nil {
		return "", err
	}
	if err := b.Flush(); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, path); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// tee hashes what it writes.
type tee struct {
	w io.Writer
	h hash.Hash
}

func (t *tee) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	t.h.Write(p[:n])
	return n, err
}

// table writes a query's rows as CSV under a header. row turns one row into fields.
func (x *export) table(w io.Writer, header []string, query string, row func(scan func(...any) error) ([]string, error)) error {
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	rows, err := x.ledger.db.Query(query)
	if err != nil {
		return x.ledger.explain("read", err)
	}
	defer rows.Close()
	for rows.Next() {
		fields, err := row(rows.Scan)
		if err != nil {
			return x.ledger.explain("read", err)
		}
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return x.ledger.explain("read", err)
	}
	out.Flush()
	return out.Error()
}

// markFirst are the measurements that stand before the answer in marks.csv; the others follow it.
var markFirst = []string{"x", "y", "w", "h", "fill", "outline"}

// marks writes marks.csv: one row a target read of every counted sheet.
func (x *export) marks(w io.Writer) error {
	header := slices.Concat([]string{"image", "page", "style", "side", "contest", "choice"}, markFirst, []string{"mark", "reason", "party"})
	for _, f := range marks.Fields {
		if !slices.Contains(markFirst, f.Name) {
			header = append(header, f.Name)
		}
	}
	header = append(header, "damage", "rank", "by_hand")
	return x.table(w, header, `SELECT p.image, p.page, p.style, p.label, p.number, m.target, m.answer, m.reason,
			COALESCE((SELECT d.answer FROM decisions d WHERE d.page = m.page AND d.target = m.target ORDER BY d.n DESC LIMIT 1), ''), `+markColumns("m.", "")+`
			FROM marks m JOIN pages p ON p.id = m.page ORDER BY m.page, m.target`,
		func(scan func(...any) error) ([]string, error) {
			var image, style, label, answer, reason, hand string
			var page, number, target int
			var stored storedMark
			columns := []any{&image, &page, &style, &label, &number, &target, &answer, &reason, &hand}
			if err := scan(append(columns, stored.targets()...)...); err != nil {
				return nil, err
			}
			p := x.page(style, number)
			if p == nil || target < 0 || target >= len(p.Targets) {
				return nil, fmt.Errorf("%s has a mark at a target the definition lacks", image)
			}
			contest, choice := x.names(p.Targets[target])
			mark := stored.mark()
			if hand == cvr.TakenBack {
				hand = ""
			}
			var before, after []string
			for _, f := range marks.Fields {
				text := strconv.Itoa(*f.At(&mark))
				if f.Score {
					text = marks.Score(*f.At(&mark)).String()
				}
				if slices.Contains(markFirst, f.Name) {
					before = append(before, text)
				} else {
					after = append(after, text)
				}
			}
			return slices.Concat([]string{image, strconv.Itoa(page), label, p.Side(), contest, choice.Name}, before,
				[]string{answer, reason, choice.Party}, after, []string{mark.Damage, rankOf(p.Targets[target]), hand}), nil
		})
}

// sheets writes sheets.csv: one row an input page, or a file that gave none.
func (x *export) sheets(w io.Writer) error {
	return x.table(w, []string{"image", "page", "sha256", "outcome", "reason", "style", "side", "sheet", "rotation", "skew_deg",
		"scale", "residual_px", "quality", "anchors", "anchors_used", "misfit_px", "pixels"},
		`SELECT p.image, p.page, p.sha256, p.outcome, p.reason, p.style, p.label, p.number, s.name, p.rotation, p.skew, p.scale,
			p.residual, p.quality, p.sought, p.used, p.misfit, p.pixels FROM pages p JOIN sheets s ON s.id = p.sheet ORDER BY p.id`,
		func(scan func(...any) error) ([]string, error) {
			var image, sha, outcome, reason, style, label, sheet, quality, pixels string
			var page, number, rotation, skew, scale, residual, sought, used, misfit int
			if err := scan(&image, &page, &sha, &outcome, &reason, &style, &label, &number, &sheet, &rotation, &skew, &scale,
				&residual, &quality, &sought, &used, &misfit, &pixels); err != nil {
				return nil, err
			}
			side, turn, slant, size, rest := "", "", "", "", ""
			anchors, held, worst := "", "", ""
			if p := x.page(style, number); p != nil {
				side = p.Side()
			}
			if scale != 0 { // a page that was matched
				turn, slant = strconv.Itoa(rotation), decimal(skew, 4)
				size, rest = decimal(scale, 6), decimal(residual, 3)
				anchors, held, worst = strconv.Itoa(sought), strconv.Itoa(used), decimal(misfit, 3)
			}
			return []string{image, strconv.Itoa(page), sha, outcome, reason, label, side, sheet, turn, slant, size, rest, quality, anchors, held, worst, pixels}, nil
		})
}

// contests writes contests.csv: one row a counted sheet and contest.
func (x *export) contests(w io.Writer) error {
	return x.table(w, []string{"sheet", "style", "contest", "allowed", "votes", "overvotes", "undervotes", "doubt", "write_ins", "status",
		"straight", "reason", "ranking", "rank_faults", "by_hand"},
		`SELECT s.name, (SELECT p.label FROM pages p WHERE p.sheet = s.id AND p.style <> '' ORDER BY p.id LIMIT 1), c.contest,
			c.allowed, c.votes, c.overvotes, c.undervotes, c.doubt, c.write_ins, c.status, c.straight, c.reason, c.ranking, c.rank_faults, c.by_hand
			FROM contests c JOIN sheets s ON s.id = c.sheet ORDER BY c.sheet, c.position`,
		func(scan func(...any) error) ([]string, error) {
			var sheet, label, contest, status, reason, ranking, faults string
			var n [6]int
			var straight, hand int
			if err := scan(&sheet, &label, &contest, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &status, &straight, &reason, &ranking, &faults, &hand); err != nil {
				return nil, err
			}
			if c := x.election.Contest(contest); c != nil {
				contest, ranking = c.Title, namedRanking(c, ranking)
			}
			out := []string{sheet, label, contest}
			for _, v := range n {
				out = append(out, strconv.Itoa(v))
			}
			return append(out, status, strconv.Itoa(straight), reason, ranking, faults, strconv.Itoa(hand)), nil
		})
}

// page finds a style's page, or nil.
func (x *export) page(style string, number int) *election.Page {
	s := x.election.Style(style)
	if s == nil {
		return nil
	}
	return s.Page(number)
}

// names gives a target's contest title and its choice.
func (x *export) names(t election.Target) (string, election.Choice) {
	c := x.election.Contest(t.Contest)
	if c == nil {
		return t.Contest, election.Choice{Name: t.Choice}
	}
	ch := c.Choice(t.Choice)
	if ch == nil {
		return c.Title, election.Choice{Name: t.Choice}
	}
	return c.Title, *ch
}

// decimal prints v parts of 1/10^digits without passing through a float.
func decimal(v, digits int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	unit := 1
	for range digits {
		unit *= 10
	}
	return fmt.Sprintf("%s%d.%0*d", sign, v/unit, digits, v%unit)
}
