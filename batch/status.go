package batch

import (
	"context"
	"fmt"

	"recount/election"
)

// DatabaseStatus is how far a database's run has come.
type DatabaseStatus struct {
	Election string         `json:"election"` // title
	Program  string         `json:"program"`
	Files    int            `json:"files"`
	Units    int            `json:"units"` // pieces of paper, or files with several
	Done     int            `json:"units_done"`
	Outcomes map[string]int `json:"outcomes"` // of the inputs read so far; copies among them are found at the end
	// Rate is units a second over the last minute; Remaining the seconds left at that rate, 0 where it is not known.
	Rate      float64 `json:"units_a_second"`
	Remaining float64 `json:"remaining_seconds"`
	// Workers are the processes at work now.
	Workers []WorkerStatus `json:"workers"`
	Jobs    map[string]int `json:"jobs"` // by River's states
}

// WorkerStatus is one process at work.
type WorkerStatus struct {
	ID   string `json:"id"`
	Done int    `json:"units_done"`
}

// Status looks at a database's run and changes nothing.
func Status(ctx context.Context, address string) (*DatabaseStatus, error) {
	d, err := openDatabase(ctx, address, 4, nil)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if there, err := d.begun(ctx); err != nil {
		return nil, err
	} else if !there {
		return nil, ErrNoRun
	}
	id, err := d.identity(ctx)
	if err != nil {
		return nil, err
	}
	text, err := d.meta(ctx, "election")
	if err != nil {
		return nil, err
	}
	e, err := election.Parse("the database", []byte(text))
	if err != nil {
		return nil, err
	}
	ins, err := d.inputs(ctx)
	if err != nil {
		return nil, err
	}
	s := &DatabaseStatus{Election: e.Title, Program: id.Program, Files: len(ins), Units: len(units(namesOf(ins), Pairing(id.Pairing))),
		Outcomes: map[string]int{}, Workers: []WorkerStatus{}, Jobs: map[string]int{}}
	var counts [4]int
	if s.Done, counts, err = d.progress(ctx); err != nil {
		return nil, err
	}
	for i, o := range outcomes {
		s.Outcomes[string(o)] = counts[i]
	}
	err = d.pool.QueryRow(ctx, `SELECT coalesce(count(*) / nullif(extract(epoch FROM least(interval '1 minute', clock_timestamp() - (SELECT min(at) FROM recount.results))), 0), 0)
		FROM recount.results WHERE at > clock_timestamp() - interval '1 minute'`).Scan(&s.Rate)
	if err != nil {
		return nil, dbError("read", err)
	}
	if s.Rate > 0 {
		s.Remaining = float64(s.Units-s.Done) / s.Rate
	}
	return s, d.people(ctx, s)
}

// people fills in the workers and the jobs.
func (d *database) people(ctx context.Context, s *DatabaseStatus) error {
	alive, err := d.alive(ctx)
	if err != nil {
		return err
	}
	for _, id := range alive {
		w := WorkerStatus{ID: id}
		if err := d.pool.QueryRow(ctx, `SELECT count(*) FROM recount.results WHERE worker = $1`, id).Scan(&w.Done); err != nil {
			return dbError("read", err)
		}
		s.Workers = append(s.Workers, w)
	}
	rows, err := d.pool.Query(ctx, `SELECT state::text, count(*) FROM recount.river_job GROUP BY 1`)
	if err != nil {
		return dbError("read", err)
	}
	defer rows.Close()
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return dbError("read", err)
		}
		s.Jobs[state] = n
	}
	return dbError("read", rows.Err())
}

// progress counts the units that have results, and the outcomes of their pages in the order in which outcomes are printed.
func (d *database) progress(ctx context.Context) (done int, counts [4]int, err error) {
	err = d.pool.QueryRow(ctx, `SELECT count(*), coalesce(sum(counted), 0), coalesce(sum(questions), 0), coalesce(sum(refused), 0), coalesce(sum(duplicate), 0) FROM recount.results`).
		Scan(&done, &counts[0], &counts[1], &counts[2], &counts[3])
	if err != nil {
		return 0, counts, fmt.Errorf("read database: %w", err)
	}
	return done, counts, nil
}
