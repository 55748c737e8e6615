package batch

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"recount/election"
	"recount/vote"
)

// identity is what makes two runs the same run.
type identity struct {
	Program, Definition, Pairing, Manifest string
	Decisions                              string // SHA-256 of the log of people's decisions; empty where there is none
	Shard, Listing                         string // of a shard: which one, and the hash of the list it was cut from; empty for a whole run
	Limits                                 json.RawMessage
}

func identify(o Options, e *election.Election, p Pairing, ins []input) (identity, error) {
	limits, err := json.Marshal(o.Limits)
	if err != nil {
		return identity{}, fmt.Errorf("write limits: %w", err)
	}
	return identity{Program: o.Program, Definition: e.Hash(), Pairing: string(p), Manifest: manifestHash(ins), Limits: limits}, nil
}

// limits are those the run is decided with.
func (id identity) limits() (out vote.Limits, err error) {
	if err := json.Unmarshal(id.Limits, &out); err != nil {
		return out, fmt.Errorf("read limits: %w", err)
	}
	return out, nil
}

// pairs lists the identity's parts with the words for people.
func (id identity) pairs() [][3]string {
	return [][3]string{{"schema", "ledger version", ledgerSchema}, {"program", "program version", id.Program},
		{"definition", "election definition", id.Definition}, {"limits", "set of limits", string(id.Limits)},
		{"pairing", "pairing", id.Pairing}, {"manifest", "list of inputs", id.Manifest}, {"decisions", "log of decisions", id.Decisions},
		{"shard", "shard", id.Shard}, {"listing", "list of the election's inputs", id.Listing}}
}

// shardKeys are the parts that only a shard's ledger has.
var shardKeys = map[string]bool{"shard": true, "listing": true}

// openRun opens the folder's ledger: a new one with its manifest, which is those of ins that are named by their indexes, or one of the
// same run to go on with. It gives the first unit that may still have to be read.
func openRun(o Options, id identity, e *election.Election, ins []input, which []int) (l *ledger, first int, err error) {
	file := filepath.Join(o.Out, LedgerFile)
	_, missing := os.Stat(file)
	if errors.Is(missing, os.ErrNotExist) || o.Force {
		if missing == nil { // opening makes a ledger, and with one the results of nobody knows what would be a run's
			if held, err := openLedger(file); errors.Is(err, errBusy) {
				return nil, 0, err // never from under a run that is going on
			} else if err == nil {
				held.close()
			}
		}
		if err := clearRun(o); err != nil {
			return nil, 0, err
		}
	}
	opened, err := openLedger(file)
	if err != nil {
		return nil, 0, err
	}
	l = opened
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	fresh, err := l.empty()
	if err != nil {
		return nil, 0, err
	}
	if fresh {
		return l, 0, l.begin(id, e, ins, which)
	}
	var differ []string
	for _, p := range id.pairs() {
		have, err := l.meta(p[0])
		if err != nil {
			return nil, 0, err
		}
		if have != p[2] {
			differ = append(differ, p[1])
		}
	}
	if len(differ) > 0 {
		return nil, 0, &OtherRun{o.Out, differ}
	}
	var last sql.NullInt64
	if err := l.db.QueryRow(`SELECT max(unit) FROM sheets`).Scan(&last); err != nil {
		return nil, 0, l.explain("read", err)
	}
	if last.Valid {
		first = int(last.Int64) + 1
	}
	return l, first, nil
}

// begin writes the manifest into an empty ledger, in one transaction with the tables: a ledger has all of it or nothing.
func (l *ledger) begin(id identity, e *election.Election, ins []input, which []int) error {
	definition, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the definition into the ledger: %w", err)
	}
	if err := l.start(); err != nil {
		return err
	}
	return l.inTx(context.Background(), func(tx *sql.Tx) error {
		if _, err := tx.Exec(ledgerTables); err != nil {
			return err
		}
		for _, p := range append(id.pairs(), [3]string{"election", "", string(definition)}) {
			if shardKeys[p[0]] && p[2] == "" {
				continue
			}
			if _, err := tx.Exec(`INSERT INTO meta VALUES (?,?)`, p[0], p[2]); err != nil {
				return err
			}
		}
		put, err := tx.Prepare(`INSERT INTO inputs VALUES (?,?,?,?,?)`)
		if err != nil {
			return err
		}
		defer put.Close()
		for _, i := range which {
			in := &ins[i]
			if _, err := put.Exec(i, in.Name, in.Size, in.sha256, in.problem); err != nil {
				return err
			}
		}
		return nil
	})
}

// clearRun makes the folder ready for a new run: results of nobody knows what are only replaced when told to.
func clearRun(o Options) error {
	for _, name := range append(exportNames(), runFile) {
		path := filepath.Join(o.Out, name)
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		if !o.Force {
			return fmt.Errorf("%s is there already, without the ledger that made it: give another --out, or replace it with --force", path)
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("start over: %w", err)
		}
	}
	return removeLedger(filepath.Join(o.Out, LedgerFile))
}
