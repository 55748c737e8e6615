package batch

import (
	"encoding/json"
	"fmt"
	"io"

	"recount/audit"
)

// Summary is what a run came to.
type Summary struct {
	Inputs   int            `json:"inputs"` // pages, and files that gave none
	InFiles  int            `json:"files"`
	Outcomes map[string]int `json:"outcomes"`
	Adds     bool           `json:"outcomes_add_up"` // the outcomes add up to the inputs
	Sheets   int            `json:"sheets"`          // pieces of paper counted
	OneSided int            `json:"sheets_read_from_one_side"`
	Targets  Targets        `json:"targets"`
	// ScannedTwice counts the pairs of rescans.csv; DoubledRuns are the rows of sheets among them.
	ScannedTwice int                `json:"scanned_twice"`
	DoubledRuns  []audit.DoubledRun `json:"doubled_runs"`
	Refusals     []PageOutcome      `json:"refused"`   // the first hundred
	Questions    []PageOutcome      `json:"questions"` // the first hundred
	// Decisions are what people decided by hand; nil where nobody did.
	Decisions *DecisionCount `json:"decisions,omitempty"`
	Files     []FileHash     `json:"results,omitempty"` // what was written
	Near      []NearLimit    `json:"near_limits"`
	Odd       []OddBatch     `json:"odd_batches"`
	// Aside are files among the scans that were not read because they are none: hidden files, texts, tables.
	Aside []PageOutcome `json:"set_aside"`
}

// Targets counts the answers of every target read.
type Targets struct {
	Vote         int `json:"vote"`
	Questionable int `json:"questionable"`
	None         int `json:"none"`
}

// NearLimit says how wide the valley is that a limit sits in: what the nearest targets measure. near.csv has the targets.
type NearLimit struct {
	Limit   string `json:"limit"`
	Value   int    `json:"value"`           // ten-thousandths, as the limits are
	Held    int    `json:"held"`            // targets whose answer hangs on it
	Below   *int   `json:"below,omitempty"` // the nearest under the limit
	Above   *int   `json:"above,omitempty"` // the nearest at it or over it
	Measure string `json:"measure"`
}

// OddBatch names a batch whose targets look unlike those of the others.
type OddBatch struct {
	Batch string `json:"batch"`
	Why   string `json:"why"`
}

// PageOutcome is one input page with what became of it.
type PageOutcome struct {
	Image  string `json:"image"`
	Reason string `json:"reason"`
}

// FileHash names a result file and the SHA-256 of its bytes.
type FileHash struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// Clean says whether nobody needs to look: no question, no refusal, no duplicate, no sheet scanned twice.
func (s *Summary) Clean() bool {
	return s.Adds && s.Outcomes[string(Questions)]+s.Outcomes[string(Refused)]+s.Outcomes[string(Duplicate)]+s.ScannedTwice == 0
}

// listed is how many refusals and questions a summary names: sheets.csv has them all.
const listed = 100

// summarize counts what the ledger holds.
func (x *export) summarize(c *audit.Census) (*Summary, error) {
	s := &Summary{}
	if err := s.counted(x); err != nil {
		return nil, err
	}
	s.look(c)
	var err error
	s.Decisions, err = x.ledger.decisionCount()
	return s, err
}

// counted fills in what the ledger's tables say of the inputs, and checks that their outcomes add up to them.
func (s *Summary) counted(x *export) error {
	s.Outcomes = map[string]int{}
	for _, o := range outcomes {
		s.Outcomes[string(o)] = 0
	}
	db := x.ledger.db
	one := func(into *int, query string, args ...any) error {
		if err := db.QueryRow(query, args...).Scan(into); err != nil {
			return x.ledger.explain("read", err)
		}
		return nil
	}
	var unaccounted, outcomeSum int
	for _, o := range outcomes {
		var n int
		if err := one(&n, `SELECT count(*) FROM pages WHERE outcome = ?`, string(o)); err != nil {
			return err
		}
		s.Outcomes[string(o)] = n
		outcomeSum += n
	}
	for _, q := range []struct {
		into  *int
		query string
		arg   []any
	}{
		{&s.Inputs, `SELECT count(*) FROM pages`, nil},
		{&s.InFiles, `SELECT count(*) FROM inputs`, nil},
		{&unaccounted, `SELECT count(*) FROM inputs WHERE id NOT IN (SELECT input FROM pages)`, nil},
		{&s.Sheets, `SELECT count(*) FROM sheets WHERE outcome IN ('counted','questions')`, nil},
		{&s.OneSided, `SELECT count(*) FROM pages WHERE outcome IN ('counted','questions') AND instr(reason, ?) > 0`, []any{aloneReason}},
	} {
		if err := one(q.into, q.query, q.arg...); err != nil {
			return err
		}
	}
	s.Adds = outcomeSum == s.Inputs && unaccounted == 0
	if !s.Adds {
		return fmt.Errorf("the ledger %s does not add up: %d outcomes for %d inputs, %d files without any: please report it",
			x.ledger.path, outcomeSum, s.Inputs, unaccounted)
	}
	var err error
	if s.Refusals, err = x.pagesOf(Refused); err != nil {
		return err
	}
	s.Questions, err = x.pagesOf(Questions)
	return err
}

// look fills in what a census shows.
func (s *Summary) look(c *audit.Census) {
	s.Near, s.Odd = []NearLimit{}, []OddBatch{}
	for _, l := range c.Near() {
		n := NearLimit{Limit: l.Limit, Value: l.Value, Held: l.Held, Measure: l.Measure}
		if len(l.Below) > 0 {
			v := l.Below[0].Measured
			n.Below = &v
		}
		if len(l.Above) > 0 {
			v := l.Above[0].Measured
			n.Above = &v
		}
		s.Near = append(s.Near, n)
	}
	for _, b := range c.Batches() {
		s.Targets.Vote += b.Votes
		s.Targets.Questionable += b.Questions
		s.Targets.None += b.None
		if len(b.Odd) > 0 {
			s.Odd = append(s.Odd, OddBatch{b.Name, b.Why()})
		}
	}
}

// pagesOf lists the first pages with an outcome.
func (x *export) pagesOf(o Outcome) ([]PageOutcome, error) {
	rows, err := x.ledger.db.Query(`SELECT image, reason FROM pages WHERE outcome = ? ORDER BY id LIMIT ?`, string(o), listed)
	if err != nil {
		return nil, x.ledger.explain("read", err)
	}
	defer rows.Close()
	out := []PageOutcome{}
	for rows.Next() {
		var p PageOutcome
		if err := rows.Scan(&p.Image, &p.Reason); err != nil {
			return nil, x.ledger.explain("read", err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// description writes run.json. It holds no clock, no path of the machine and no number of workers.
func (x *export) description(w io.Writer, s *Summary) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Format     int             `json:"format"`
		Program    string          `json:"program"`
		Title      string          `json:"election"`
		Definition string          `json:"definition_sha256"`
		Manifest   string          `json:"manifest_sha256"`
		Pairing    string          `json:"pairing"`
		Limits     json.RawMessage `json:"limits"`
		Files      int             `json:"files"`
		Inputs     int             `json:"inputs"`
		Outcomes   map[string]int  `json:"outcomes"`
		Adds       bool            `json:"outcomes_add_up"`
		Sheets     int             `json:"sheets"`
		OneSided   int             `json:"sheets_read_from_one_side"`
		Targets    Targets         `json:"targets"`
		Twice      int             `json:"scanned_twice"`
		Decisions  *DecisionCount  `json:"decisions,omitempty"`
		Results    []FileHash      `json:"results"`
		Near       []NearLimit     `json:"near_limits"`
		Odd        []OddBatch      `json:"odd_batches"`
	}{1, x.id.Program, x.election.Title, x.id.Definition, x.id.Manifest, x.id.Pairing, x.id.Limits, s.InFiles, s.Inputs,
		s.Outcomes, s.Adds, s.Sheets, s.OneSided, s.Targets, s.ScannedTwice, s.Decisions, s.Files, s.Near, s.Odd})
}
