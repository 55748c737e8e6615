package batch

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"recount/cvr"
	"recount/scanner"
)

// RunCheck is what was found when a finished run was gone over after the fact.
type RunCheck struct {
	Run      string         `json:"run"`
	Files    int            `json:"files"`    // of the manifest
	Inputs   int            `json:"inputs"`   // pages, and files that gave none
	Outcomes map[string]int `json:"outcomes"` // of the inputs
	Results  []FileHash     `json:"results"`  // as run.json names them
	Scans    int            `json:"scans"`    // files of the manifest whose bytes were hashed again; 0 where no scans were given
	// Decisions counts the entries of the logs of decisions that were gone over; Head is the last one's hash.
	Decisions int    `json:"decisions"`
	Head      string `json:"decisions_head,omitempty"`
	// DecidedBy is the hash of the log by which the run was decided, empty where it is as it was read; Found says that a log that was
	// gone over is that one, as it is or added to since. Another log is no fault: a decided run can be looked at again.
	DecidedBy string     `json:"decided_by,omitempty"`
	Found     bool       `json:"decided_by_found,omitempty"`
	Faults    []RunFault `json:"faults"` // the first hundred
	Faulty    int        `json:"fault_count"`
}

// RunFault is one thing that is not as the run left it. Check is a stable word: ledger, manifest, outcomes, results, scans or decisions.
type RunFault struct {
	Check string `json:"check"`
	What  string `json:"what"`
}

// Good says whether nothing was wrong.
func (c *RunCheck) Good() bool { return c.Faulty == 0 }

func (c *RunCheck) fault(check, format string, args ...any) {
	if c.Faulty++; len(c.Faults) < listed {
		c.Faults = append(c.Faults, RunFault{check, fmt.Sprintf(format, args...)})
	}
}

// VerifyRun goes over a finished run: that its ledger is whole and its manifest is the one it began with; that every line of the
// manifest has an outcome, every page one; that every result is, byte for byte, what the ledger gives and what run.json names.
// Where scans are given (the folders, files and archives that were read) it hashes them again and holds them against the manifest.
// The log of decisions in the run's folder, where there is one, and the logs named are proved: each entry unchanged, and on this run.
// Nothing is changed. An error means that the run could not be gone over at all.
func VerifyRun(ctx context.Context, dir string, scans []string, logs ...string) (*RunCheck, error) {
	l, e, err := openSettled(filepath.Join(dir, LedgerFile))
	if err != nil {
		return nil, err
	}
	defer l.close()
	id, err := l.identity()
	if err != nil {
		return nil, err
	}
	limits, err := l.limits()
	if err != nil {
		return nil, err
	}
	c := &RunCheck{Run: dir, DecidedBy: id.Decisions, Faults: []RunFault{}, Results: []FileHash{}}
	if id.Definition != e.Hash() {
		c.fault("ledger", "the definition in the ledger is not the one its hash names")
	}
	if err := c.whole(l); err != nil {
		return nil, err
	}
	ins, err := c.manifest(l, id)
	if err != nil {
		return nil, err
	}
	if err := c.accounted(l); err != nil {
		return nil, err
	}
	if c.Good() { // the results of a ledger that is not whole mean nothing
		if err := c.results(&export{ledger: l, election: e, limits: limits, id: id}); err != nil {
			return nil, err
		}
	}
	if beside := filepath.Join(dir, DecisionsFile); len(logs) == 0 {
		if _, err := os.Stat(beside); err == nil {
			logs = []string{beside}
		}
	}
	for _, path := range logs {
		c.decisions(path, id)
	}
	if len(scans) > 0 {
		if err := c.scans(ctx, ins, scans); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// DecisionsFile is the name that a log of decisions has in a run's folder, where no other is said.
const DecisionsFile = "decisions.jsonl"

// decisions proves the chain of a log, and that it is on this run. An unfinished last line is no fault: nobody was told that it stands.
func (c *RunCheck) decisions(path string, id identity) {
	log, err := cvr.LoadLog(path)
	if err == nil {
		err = log.About(id.Definition, id.Manifest)
	}
	if err != nil {
		c.fault("decisions", "%v", err)
		return
	}
	c.Decisions, c.Head = c.Decisions+len(log.Entries), log.Head
	began, err := beganAs(path, id.Decisions)
	if err != nil {
		c.fault("decisions", "%v", err)
	}
	c.Found = c.Found || began
}

// beganAs says whether a file of lines is, or was before lines were added to it, the one of the hash.
func beganAs(path, sha string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	sum, in := sha256.New(), bufio.NewReader(f)
	for sha != "" {
		line, err := in.ReadBytes('\n')
		sum.Write(line)
		if hex.EncodeToString(sum.Sum(nil)) == sha {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// whole has SQLite go over the ledger's pages, indexes and references.
func (c *RunCheck) whole(l *ledger) error {
	for _, q := range []string{`PRAGMA integrity_check`, `SELECT "table" || ' row ' || coalesce(rowid, '?') || ' has no ' || parent FROM pragma_foreign_key_check`} {
		err := l.each(q, func(scan func(...any) error) error {
			var text string
			if err := scan(&text); err != nil {
				return err
			}
			if text != "ok" {
				c.fault("ledger", "%s", text)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// manifest reads the list of inputs and holds it against the hash that the run began with.
func (c *RunCheck) manifest(l *ledger, id identity) (ins []input, err error) {
	err = l.each(`SELECT name, size, sha256, problem FROM inputs ORDER BY id`, func(scan func(...any) error) error {
		var in input
		ins = append(ins, in)
		return scan(&ins[len(ins)-1].Name, &ins[len(ins)-1].Size, &ins[len(ins)-1].sha256, &ins[len(ins)-1].problem)
	})
	if err != nil {
		return nil, err
	}
	c.Files = len(ins)
	if got := manifestHash(ins); got != id.Manifest {
		c.fault("manifest", "the list of inputs was changed: its hash is %s, the run began with %s", got, id.Manifest)
	}
	return ins, nil
}

// accounted holds the outcomes against the manifest: each line has pages numbered from 1 without a gap, or one outcome of the
// whole file, and each of them one outcome of those there are.
func (c *RunCheck) accounted(l *ledger) error {
	c.Outcomes = map[string]int{}
	for _, o := range outcomes {
		c.Outcomes[string(o)] = 0
	}
	return l.each(`SELECT i.name, i.sha256, count(p.id), count(DISTINCT p.page), coalesce(min(p.page), 0), coalesce(max(p.page), 0),
			coalesce(group_concat(p.outcome, ' '), ''), coalesce(sum(p.sha256 <> i.sha256), 0)
			FROM inputs i LEFT JOIN pages p ON p.input = i.id GROUP BY i.id ORDER BY i.id`,
		func(scan func(...any) error) error {
			var name, hash, whats string
			var n, different, first, last, others int
			if err := scan(&name, &hash, &n, &different, &first, &last, &whats, &others); err != nil {
				return err
			}
			c.Inputs += n
			for _, o := range strings.Fields(whats) {
				if _, known := c.Outcomes[o]; !known {
					c.fault("outcomes", "%s has an outcome %q, which there is not", name, o)
				}
				c.Outcomes[o]++
			}
			switch {
			case n == 0:
				c.fault("outcomes", "%s has no outcome", name)
			case different != n:
				c.fault("outcomes", "%s has %d outcomes for %d pages", name, n, different)
			case last > 0 && (first != 1 || last != n):
				c.fault("outcomes", "%s has outcomes of pages %d to %d, %d in all", name, first, last, n)
			case others > 0:
				c.fault("outcomes", "%s has %d pages of a file with another hash", name, others)
			}
			return nil
		})
}

// results writes the results anew from the ledger, beside the run and not into it, and compares.
func (c *RunCheck) results(x *export) error {
	tmp, err := os.MkdirTemp("", "recount-verify-*")
	if err != nil {
		return fmt.Errorf("verify the run: %w", err)
	}
	defer os.RemoveAll(tmp)
	x.dir = tmp
	x.answers, x.took = true, c.answered
	sum, err := x.all()
	if err != nil {
		return err
	}
	own, err := hashFile(filepath.Join(tmp, runFile))
	if err != nil {
		return err
	}
	var desc struct {
		Results []FileHash `json:"results"`
	}
	if data, err := readResult(filepath.Join(c.Run, runFile)); err != nil {
		c.fault("results", "%v", err)
	} else if err := json.Unmarshal(data, &desc); err != nil {
		c.fault("results", "%s: %v", runFile, err)
	} else {
		c.Results = desc.Results
	}
	named := map[string]string{}
	for _, f := range desc.Results {
		named[f.File] = f.SHA256
	}
	for _, f := range append(sum.Files, FileHash{runFile, own}) {
		got, err := hashFile(filepath.Join(c.Run, f.File))
		switch {
		case err != nil && f.File == runFile:
			// it was said above
		case err != nil:
			c.fault("results", "%v", err)
		case got != f.SHA256:
			c.fault("results", "%s is not what the ledger gives: it was changed, or written by another version of the program", f.File)
		case f.File != runFile && len(named) > 0 && named[f.File] != got:
			c.fault("results", "%s has not the hash that %s names", f.File, runFile)
		}
	}
	return nil
}

// answered holds the answers that the ledger keeps against those its measurements give: the results are made of the latter.
func (c *RunCheck) answered(s *storedSheet) error {
	read := &s.decided
	if s.asRead != nil {
		read = s.asRead
	}
	for i := range s.pages {
		p := &s.pages[i]
		for _, k := range read.Readings {
			if k.Page != p.number || k.Target >= len(p.answers) {
				continue
			}
			if was := p.answers[k.Target]; was.answer != string(k.Answer) || was.reason != k.Reason {
				c.fault("results", "the answer to target %d of %s is not what the ledger gives by its measurements: %q, not %q", k.Target+1, p.image, was.answer, k.Answer)
			}
		}
	}
	return nil
}

// scans hashes the scans again.
func (c *RunCheck) scans(ctx context.Context, ins []input, paths []string) error {
	src, err := scanner.Open(paths, scanner.Limits{})
	if err != nil {
		return err
	}
	defer src.Close()
	now, all := inputsOf(src)
	if err := hashInputs(ctx, now, all, 2, func(int, int) {}); err != nil {
		return err
	}
	there := map[string]*input{}
	for i := range now {
		there[now[i].Name] = &now[i]
	}
	for _, in := range ins {
		found := there[in.Name]
		switch {
		case found == nil:
			c.fault("scans", "%s is not among the scans given", in.Name)
			continue
		case found.sha256 != in.sha256:
			c.fault("scans", "%s is not what it was: %s", in.Name, scanChange(found, in))
		}
		delete(there, in.Name)
		c.Scans++
	}
	for _, in := range now { // in the scans' order
		if there[in.Name] != nil {
			c.fault("scans", "%s was not there when the run began", in.Name)
		}
	}
	return nil
}

func scanChange(now *input, then input) string {
	switch {
	case now.problem != "":
		return now.problem
	case then.problem != "":
		return "it could not be read then, and can be now"
	}
	return fmt.Sprintf("its hash is %s, and was %s", now.sha256, then.sha256)
}

// each gives the rows of a query with its arguments to f.
func (l *ledger) each(query string, f func(scan func(...any) error) error, args ...any) error {
	rows, err := l.db.Query(query, args...)
	if err != nil {
		return l.explain("read", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return l.explain("read", err)
		}
	}
	if err := rows.Err(); err != nil {
		return l.explain("read", err)
	}
	return nil
}

// hashFile is hashOf a file's bytes, read in pieces.
func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the run: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read the run: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
