package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the ledger's driver
)

// LedgerFile is the ledger's name inside a run's folder.
const LedgerFile = "recount.db"

// ledgerSchema is the version of the tables below. A ledger of another version is never gone on from.
const ledgerSchema = "6"

// Measurements are stored as integers so that a run decided again gives the same answers on every machine: skew in
// ten-thousandths of a degree, scale in millionths, residual and misfit in thousandths of a pixel, scores in ten-thousandths.
// pages.page counts the pages of a file from 1 and is 0 for a file that could not be decoded at all.
// pages.pixels names the page's size and grey pixels, and is empty where there is no picture.
var ledgerTables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE inputs (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, sha256 TEXT NOT NULL, problem TEXT NOT NULL);
CREATE TABLE sheets (
  id INTEGER PRIMARY KEY, unit INTEGER NOT NULL, name TEXT NOT NULL UNIQUE, style TEXT NOT NULL, number INTEGER NOT NULL,
  outcome TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE pages (
  id INTEGER PRIMARY KEY, sheet INTEGER NOT NULL REFERENCES sheets(id), input INTEGER NOT NULL REFERENCES inputs(id),
  image TEXT NOT NULL UNIQUE, page INTEGER NOT NULL, sha256 TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
  style TEXT NOT NULL, label TEXT NOT NULL, number INTEGER NOT NULL, rotation INTEGER NOT NULL, skew INTEGER NOT NULL,
  scale INTEGER NOT NULL, residual INTEGER NOT NULL, quality TEXT NOT NULL,
  other INTEGER NOT NULL, sought INTEGER NOT NULL, used INTEGER NOT NULL, misfit INTEGER NOT NULL,
  pixels TEXT NOT NULL);
CREATE INDEX pages_bytes ON pages(sha256, page);
CREATE INDEX pages_pixels ON pages(pixels);
CREATE INDEX pages_sheet ON pages(sheet);
CREATE TABLE marks (
  page INTEGER NOT NULL REFERENCES pages(id), target INTEGER NOT NULL,
  ` + markColumns("", " INTEGER NOT NULL") + ` TEXT NOT NULL,
  answer TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (page, target)) WITHOUT ROWID;
CREATE TABLE contests (
  sheet INTEGER NOT NULL REFERENCES sheets(id), position INTEGER NOT NULL, contest TEXT NOT NULL, allowed INTEGER NOT NULL,
  votes INTEGER NOT NULL, overvotes INTEGER NOT NULL, undervotes INTEGER NOT NULL, doubt INTEGER NOT NULL,
  write_ins INTEGER NOT NULL, status TEXT NOT NULL, straight INTEGER NOT NULL, reason TEXT NOT NULL, ranking TEXT NOT NULL,
  rank_faults TEXT NOT NULL, by_hand INTEGER NOT NULL, PRIMARY KEY (sheet, position)) WITHOUT ROWID;
CREATE TABLE decisions (
  n INTEGER PRIMARY KEY, page INTEGER NOT NULL REFERENCES pages(id), target INTEGER NOT NULL, answer TEXT NOT NULL, entry TEXT NOT NULL);
CREATE INDEX decisions_target ON decisions(page, target, n);
`

// ledger is the run's account: every input, what became of it and everything measured on it. One connection, held
// exclusively, so that two runs never write one folder.
type ledger struct {
	db   *sql.DB
	path string
}

// errBusy says another run holds the ledger.
var errBusy = errors.New("another run is using this folder: wait for it to end, or give another --out")

// openLedger opens the file, making it where it is missing. A finished ledger is left as it is, so that looking at it
// does not change its bytes.
func openLedger(path string) (*ledger, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	q := url.Values{"_pragma": {"locking_mode(EXCLUSIVE)", "cache_size(-8000)", "temp_store(MEMORY)"}}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	l := &ledger{db: db, path: path}
	// Exclusive locking takes the lock at the first write lock, not at opening; ask for it now.
	if _, err := db.Exec(`BEGIN EXCLUSIVE; COMMIT`); err != nil {
		db.Close()
		return nil, l.explain("open", err)
	}
	return l, nil
}

// explain turns the driver's words into ours.
func (l *ledger) explain(verb string, err error) error {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		switch coded.Code() & 0xff {
		case 5: // SQLITE_BUSY
			return fmt.Errorf("%s ledger %s: %w", verb, l.path, errBusy)
		case 8, 14: // SQLITE_READONLY, SQLITE_CANTOPEN
			return fmt.Errorf("%s ledger %s: it may not be written there: give another --out, or the right to write (%w)", verb, l.path, err)
		case 10, 13: // SQLITE_IOERR, SQLITE_FULL
			return fmt.Errorf("%s ledger %s: the disk is full or failing: make room, and the same command goes on from there (%w)", verb, l.path, err)
		case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
			return fmt.Errorf("%s ledger %s: the file is damaged or no ledger: start over with --force (%w)", verb, l.path, err)
		}
	}
	return fmt.Errorf("%s ledger %s: %w", verb, l.path, err)
}

// start lays out an empty ledger. WAL and full synchronisation: a commit that was answered survives a power cut.
func (l *ledger) start() error {
	for _, s := range []string{`PRAGMA journal_mode=WAL`, `PRAGMA synchronous=FULL`} {
		if _, err := l.db.Exec(s); err != nil {
			return l.explain("start", err)
		}
	}
	return nil
}

// empty says whether the ledger has no tables yet.
func (l *ledger) empty() (bool, error) {
	var n int
	if err := l.db.QueryRow(`SELECT count(*) FROM sqlite_master`).Scan(&n); err != nil {
		return false, l.explain("read", err)
	}
	return n == 0, nil
}

// meta reads one value; "" where the key is not there.
func (l *ledger) meta(key string) (string, error) {
	var v string
	err := l.db.QueryRow(`SELECT value FROM meta WHERE key = ?`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", l.explain("read", err)
	}
	return v, nil
}

// inTx runs f in one transaction.
func (l *ledger) inTx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return l.explain("write", err)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return l.explain("write", err)
	}
	if err := tx.Commit(); err != nil {
		return l.explain("write", err)
	}
	return nil
}

// The marks of a ledger that has come to its end (user_version): a run's, and a shard's, of which no results are made.
const (
	settledRun   = 1
	settledShard = 2
)

// settle leaves only the ledger file: the write-ahead log is folded in, and the file is written anew in one order. SQLite
// counts its transactions in the header and lays pages out in the order of their making; the copy has neither trace, so
// the same run gives the same bytes however often it was stopped. user_version marks a settled file, which is left alone.
func (l *ledger) settle(as int) error {
	var settled int
	if err := l.db.QueryRow(`PRAGMA user_version`).Scan(&settled); err != nil {
		return l.explain("close", err)
	}
	if settled == as {
		return l.close()
	}
	if _, err := l.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return l.explain("close", err)
	}
	// Out of WAL first: a log left beside a new file would be replayed over it.
	if _, err := l.db.Exec(`PRAGMA journal_mode=DELETE`); err != nil {
		return l.explain("close", err)
	}
	tmp := l.path + ".tmp"
	for _, left := range []string{tmp, tmp + "-journal"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("close ledger %s: %w", l.path, err)
		}
	}
	if _, err := l.db.Exec(`VACUUM INTO ?`, tmp); err != nil {
		return l.explain("close", err)
	}
	if err := l.db.Close(); err != nil {
		return l.explain("close", err)
	}
	// Of a file that was closed in order a journal holds nothing; a run killed here before may have left one.
	if err := os.Remove(l.path + "-journal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("close ledger %s: %w", l.path, err)
	}
	if err := markSettled(tmp, as); err != nil {
		return err
	}
	if err := syncFile(tmp); err != nil {
		return fmt.Errorf("close ledger %s: %w", l.path, err)
	}
	if err := os.Rename(tmp, l.path); err != nil {
		return fmt.Errorf("close ledger %s: %w", l.path, err)
	}
	return syncFile(filepath.Dir(l.path))
}

// markSettled sets the copy's mark.
func markSettled(path string, as int) error {
	l, err := openLedger(path)
	if err != nil {
		return err
	}
	// The schema's version goes up with every copy of a copy; the tables are the same.
	if _, err := l.db.Exec(fmt.Sprintf(`PRAGMA schema_version=1; PRAGMA user_version=%d`, as)); err != nil {
		l.close()
		return l.explain("close", err)
	}
	return l.close()
}

// close leaves the ledger as it is, to go on from.
func (l *ledger) close() error { return l.db.Close() }

// removeLedger takes away a ledger and its side files.
func removeLedger(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", ".tmp", ".tmp-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("make the run's folder ready: %w", err)
		}
	}
	return nil
}

// syncFile makes a file or a folder's entries last.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
