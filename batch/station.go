package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// station is one process at work on a database's run: as many workers as it has, and the watch over jobs whose workers died.
type station struct {
	db       *database
	id       string // of this process, different from every other
	reader   *reader
	units    []unit
	workers  int // 0: it only watches
	progress func(Progress)
	grace    time.Duration // how long a job may be without a living worker; 0 means deadFor
	stay     bool          // go on when all is read

	nextCount time.Time // when the results are counted again
}

const (
	deadFor = 5 * time.Second
	// patience is how long the database may be away before a process gives up; what was read is in it, and the same command goes on.
	patience = 10 * time.Minute
	watch    = 500 * time.Millisecond
	// stopping is how long the jobs at hand may take to end when the process is told to stop.
	stopping = 30 * time.Second
)

// run works until every unit has its result, or until ctx ends.
func (s *station) run(ctx context.Context) error {
	life, end := context.WithCancel(ctx)
	defer end()
	var held, stop func()
	err := s.insist(ctx, func() (err error) { held, err = s.hold(life); return err }) // before the first job, or others would take it for dead
	if err != nil {
		return err
	}
	defer held()
	if err := s.insist(ctx, func() (err error) { stop, err = s.start(ctx); return err }); err != nil {
		return err
	}
	defer stop()
	t := time.NewTicker(watch)
	defer t.Stop()
	well := time.Now()
	for {
		all, err := s.look(ctx)
		switch {
		case err == nil && all && !s.stay:
			return nil
		case err == nil:
			well = time.Now()
		case ctx.Err() != nil:
		case !passing(err) || time.Since(well) > patience:
			return err
		default:
			s.db.log.Warn("the database does not answer", "error", err)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return &Stopped{s.doneIn(context.WithoutCancel(ctx)), len(s.units), ctx.Err()}
		}
	}
}

// insist does something again while the database is away, as long as run has patience.
func (s *station) insist(ctx context.Context, do func() error) error {
	for began := time.Now(); ; {
		err := do()
		if err == nil || ctx.Err() != nil || !passing(err) || time.Since(began) > patience {
			return err
		}
		s.db.log.Warn("the database does not answer", "error", err)
		select {
		case <-time.After(watch):
		case <-ctx.Done():
		}
	}
}

// look is one round of the watch: dead workers' jobs are handed out again, jobs given up are settled, and the progress is told.
func (s *station) look(ctx context.Context) (all bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	alive, err := s.db.alive(ctx)
	if err != nil {
		return false, err
	}
	grace := s.grace
	if grace == 0 {
		grace = deadFor
	}
	if err := s.db.takeBack(ctx, alive, grace); err != nil {
		return false, err
	}
	if err := s.settleGivenUp(ctx); err != nil {
		return false, err
	}
	now := time.Now()
	if now.Before(s.nextCount) {
		return false, nil
	}
	done, outcomes, err := s.db.progress(ctx)
	if err != nil {
		return false, err
	}
	s.nextCount = time.Now().Add(20 * time.Since(now)) // of millions of results a count takes a while
	s.progress(Progress{Step: "read", Done: done, Total: len(s.units), Outcomes: outcomes, Workers: len(alive)})
	return done == len(s.units), nil
}

// doneIn is how many units have results, 0 where the database does not say.
func (s *station) doneIn(ctx context.Context) int {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	n, _, _ := s.db.progress(ctx)
	return n
}

// start hands the process's workers to River, and gives what stops them.
func (s *station) start(ctx context.Context) (stop func(), err error) {
	if s.workers == 0 {
		return func() {}, nil
	}
	cfg := s.db.queueConfig()
	cfg.ID, cfg.Workers = s.id, river.NewWorkers()
	cfg.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: s.workers}}
	river.AddWorker(cfg.Workers, &jobWorker{station: s})
	client, err := river.NewClient(riverpgxv5.New(s.db.pool), cfg)
	if err != nil {
		return nil, dbError("start workers at", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, dbError("start workers at", err)
	}
	return func() {
		soft, cancel := context.WithTimeout(context.Background(), stopping)
		defer cancel()
		if client.Stop(soft) != nil {
			hard, cancel := context.WithTimeout(context.Background(), stopping)
			defer cancel()
			_ = client.StopAndCancel(hard) // what is not done is handed out again
		}
	}, nil
}

// jobWorker reads the units of a job: the same body as on one machine.
type jobWorker struct {
	river.WorkerDefaults[jobArgs]
	station *station
}

// packed is a unit's result as it goes into the database.
type packed struct {
	unit     int
	outcomes map[Outcome]int // of its pages
	body     []byte
}

// Work reads a job's units, and writes what was found and that the job is done in one transaction: neither is there without the other.
func (w *jobWorker) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	s := w.station
	if job.Args.First < 0 || job.Args.Last > len(s.units) || job.Args.First >= job.Args.Last {
		return river.JobCancel(fmt.Errorf("units %d to %d are not of this run", job.Args.First, job.Args.Last))
	}
	var out []packed
	for n := job.Args.First; n < job.Args.Last; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		u := s.reader.readUnit(n, s.units[n])
		if u.err != nil {
			if job.Attempt < job.MaxAttempts {
				return u.err
			}
			u = s.reader.lostUnit(n, s.units[n], u.err) // asked as often as may be: that is the outcome
		}
		p, err := u.pack()
		if err != nil {
			return err
		}
		out = append(out, p)
	}
	return pgx.BeginFunc(ctx, s.db.pool, func(tx pgx.Tx) error {
		if err := putResults(ctx, tx, s.id, out); err != nil {
			return err
		}
		// Whatever state the job is in: a worker that was cut off may have been taken for dead, and the job handed out again. River's own
		// JobCompleteTx leaves such a job open although its results are there.
		_, err := tx.Exec(ctx, `UPDATE recount.river_job SET state = 'completed', finalized_at = now() WHERE id = $1 AND finalized_at IS NULL`, job.ID)
		return err
	})
}

// putResults writes units' results. One that is there already stays: it is the same, found by a worker that was taken for dead.
func putResults(ctx context.Context, tx pgx.Tx, worker string, out []packed) error {
	b := &pgx.Batch{}
	for _, p := range out {
		b.Queue(`INSERT INTO recount.results (unit, counted, questions, refused, duplicate, worker, body) VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT (unit) DO NOTHING`,
			p.unit, p.outcomes[Counted], p.outcomes[Questions], p.outcomes[Refused], p.outcomes[Duplicate], worker, p.body)
	}
	return tx.SendBatch(ctx, b).Close()
}

// pack readies a unit's result for the database.
func (u *unitResult) pack() (packed, error) {
	p := packed{unit: u.number, outcomes: map[Outcome]int{}}
	rows := make([]*sheetCells, len(u.sheets))
	for i := range u.sheets {
		var err error
		if rows[i], err = rowsOf(u.number, &u.sheets[i]); err != nil {
			return p, err
		}
		for _, page := range rows[i].Pages {
			p.outcomes[page.Outcome]++
		}
	}
	var err error
	p.body, err = packCells(rows)
	return p, err
}

// lostUnit is a unit of which nothing could be known: every file of it is refused.
func (r *reader) lostUnit(number int, u unit, err error) unitResult {
	out := unitResult{number: number}
	for _, i := range u {
		out.sheets = append(out.sheets, r.lost(i, err))
	}
	return out
}

// errGivenUp is what a unit is refused with that no worker lived to read.
var errGivenUp = &Refusal{Abandoned, "every worker that was given this to read ended before it was done; please report it with the file"}

// settleGivenUp looks at the jobs that were handed out as often as may be. One of several units is dealt out anew, a unit a job, so that the
// one that no worker survives is known; that one is refused.
func (s *station) settleGivenUp(ctx context.Context) error {
	client, err := river.NewClient(riverpgxv5.New(s.db.pool), s.db.queueConfig())
	if err != nil {
		return err
	}
	return dbError("settle", pgx.BeginFunc(ctx, s.db.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, (args->>'first')::int, (args->>'last')::int FROM recount.river_job
			WHERE kind = 'read' AND state IN ('discarded', 'cancelled') AND NOT metadata ? 'recount:settled' ORDER BY id LIMIT 16 FOR UPDATE SKIP LOCKED`)
		if err != nil {
			return err
		}
		type given struct {
			id          int64
			first, last int
		}
		jobs, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (g given, err error) { return g, r.Scan(&g.id, &g.first, &g.last) })
		if err != nil {
			return err
		}
		for _, g := range jobs {
			if g.first < 0 || g.last > len(s.units) || g.first >= g.last {
				return errors.New("a job in the database is not of this run")
			}
			if g.last-g.first == 1 {
				u := s.reader.lostUnit(g.first, s.units[g.first], errGivenUp)
				p, err := u.pack()
				if err != nil {
					return err
				}
				err = putResults(ctx, tx, s.id, []packed{p})
				if err != nil {
					return err
				}
			} else {
				var each []river.InsertManyParams
				for n := g.first; n < g.last; n++ {
					each = append(each, river.InsertManyParams{Args: jobArgs{n, n + 1}})
				}
				if _, err := client.InsertManyFastTx(ctx, tx, each); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, `UPDATE recount.river_job SET metadata = metadata || '{"recount:settled": true}' WHERE id = $1`, g.id); err != nil {
				return err
			}
		}
		return nil
	}))
}
