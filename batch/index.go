package batch

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// indexSchema is the version of the index's tables. An index of another version is made anew.
const indexSchema = "2"

// An Index finds what people look for in a finished run without walking through it: every question costs a few seeks, however
// many sheets there are. It lies in a file of its own, which can be deleted: the run's ledger stays as it is, and the index is
// made from it again. Pages, sheets and slots (a slot is one choice of one contest, at one rank) are named by number.
type Index struct {
	run   *FinishedRun
	db    *sql.DB // of one connection, with the run's ledger attached for reading
	path  string
	slots []Slot
	// Contests are the definition's contests in the order in which their questions matter.
	contests []ContestWeight
	folders  []Folder
	groups   map[int64]*Group

	mu    sync.Mutex
	ready map[string]*sql.Stmt // every question asked so far, prepared: their texts are a fixed few
}

// Kind is a kind of thing to look at.
type Kind string

// The kinds, in the order in which they are shown.
const (
	KindQuestion  Kind = "questions"  // questionable targets
	KindRefused   Kind = "refused"    // pages that were refused
	KindOvervote  Kind = "overvotes"  // contests with more marks than votes, at their first marked target
	KindNear      Kind = "near"       // votes and empty targets near a limit
	KindWriteIn   Kind = "write-ins"  // votes for a write-in
	KindDuplicate Kind = "duplicates" // pages that repeat others byte by byte
)

// Kinds are all kinds in order.
func Kinds() []Kind {
	return []Kind{KindQuestion, KindRefused, KindOvervote, KindNear, KindWriteIn, KindDuplicate}
}

func kindNumber(k Kind) int {
	for i, known := range Kinds() {
		if k == known {
			return i
		}
	}
	return -1
}

// Group is the items of one kind that have the same reason.
type Group struct {
	ID   int64
	Kind Kind
	Name string
	All  int
	Done int // of All, those marked done
}

// Slot is one choice of one contest, at one rank where the contest is ranked: a wall of targets. None, Questionable and Vote
// count its targets by the answer read.
type Slot struct {
	ID                       int
	Contest, Choice          string // IDs
	Rank                     int
	None, Questionable, Vote int
}

// ContestWeight says how much the questions of a contest could matter.
type ContestWeight struct {
	Contest string // ID
	Open    int    // questionable targets
	Margin  int    // clear votes between the last winner and the first loser; -1 where the contest has no loser
}

// Folder is a folder of scans: what people know as a batch.
type Folder struct {
	Name   string
	Sheets int
}

var indexTables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE slots (id INTEGER PRIMARY KEY, contest TEXT NOT NULL, choice TEXT NOT NULL, rank INTEGER NOT NULL,
  none INTEGER NOT NULL, questionable INTEGER NOT NULL, vote INTEGER NOT NULL);
CREATE TABLE places (style TEXT NOT NULL, number INTEGER NOT NULL, target INTEGER NOT NULL, slot INTEGER NOT NULL,
  contest INTEGER NOT NULL, PRIMARY KEY (style, number, target)) WITHOUT ROWID;
CREATE TABLE contests (id INTEGER PRIMARY KEY, contest TEXT NOT NULL, weight INTEGER NOT NULL, open INTEGER NOT NULL, margin INTEGER NOT NULL);
CREATE TABLE groups (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, UNIQUE (kind, name));
CREATE TABLE items (kind INTEGER NOT NULL, grp INTEGER NOT NULL, done INTEGER NOT NULL, weight INTEGER NOT NULL, page INTEGER NOT NULL,
  target INTEGER NOT NULL, PRIMARY KEY (kind, grp, done, weight, page, target)) WITHOUT ROWID;
CREATE INDEX items_all ON items(kind, done, weight, page, target);
CREATE INDEX items_at ON items(page, target);
CREATE TABLE wall (slot INTEGER NOT NULL, zone INTEGER NOT NULL, fill INTEGER NOT NULL, page INTEGER NOT NULL, target INTEGER NOT NULL,
  PRIMARY KEY (slot, zone, fill, page, target)) WITHOUT ROWID;
CREATE TABLE sheets (style TEXT NOT NULL, outcome TEXT NOT NULL, sheet INTEGER NOT NULL, PRIMARY KEY (style, outcome, sheet)) WITHOUT ROWID;
CREATE TABLE outcomes (outcome TEXT NOT NULL, sheet INTEGER NOT NULL, PRIMARY KEY (outcome, sheet)) WITHOUT ROWID;
CREATE TABLE counted (n INTEGER PRIMARY KEY, sheet INTEGER NOT NULL);
CREATE TABLE folders (name TEXT PRIMARY KEY, sheets INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE pairs (id INTEGER PRIMARY KEY, sheet TEXT NOT NULL, other TEXT NOT NULL, marks INTEGER NOT NULL, bits INTEGER NOT NULL);
`

// OpenIndex opens the run's index at path, or makes it where it is missing, of another run or of another version: a walk through
// the whole ledger, of which progress hears. progress may be nil.
func (r *FinishedRun) OpenIndex(path string, progress func(Progress)) (*Index, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	x := &Index{run: r, path: path}
	fits, err := x.open()
	if err != nil {
		return nil, err
	}
	if !fits {
		x.db.Close()
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, fmt.Errorf("make the index anew: %w", err)
			}
		}
		if _, err := x.open(); err != nil {
			return nil, err
		}
		if err := x.build(progress); err != nil {
			x.db.Close()
			return nil, err
		}
	}
	if err := x.load(); err != nil {
		x.db.Close()
		return nil, err
	}
	return x, nil
}

// Close closes the index.
func (x *Index) Close() error { return x.db.Close() }

// open opens the file with the ledger attached, and says whether it is this run's index, whole.
func (x *Index) open() (bool, error) {
	abs, err := filepath.Abs(x.path)
	if err != nil {
		return false, fmt.Errorf("open index: %w", err)
	}
	if info, err := os.Stat(abs); err == nil && info.Size() > 0 {
		head := make([]byte, 16)
		f, err := os.Open(abs)
		if err == nil {
			_, err = f.Read(head)
			f.Close()
		}
		if err != nil || !strings.HasPrefix(string(head), "SQLite format 3") {
			return false, fmt.Errorf("open index: %s is there already and is no index: move it away", x.path)
		}
	}
	q := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "cache_size(-32000)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: q.Encode()}).String())
	if err != nil {
		return false, x.explain(err)
	}
	db.SetMaxOpenConns(1) // the attached ledger belongs to the connection
	db.SetConnMaxIdleTime(0)
	db.SetConnMaxLifetime(0)
	ledgerPath, err := filepath.Abs(x.run.ledger.path)
	if err == nil {
		_, err = db.Exec(`ATTACH ? AS run`, (&url.URL{Scheme: "file", Path: filepath.ToSlash(ledgerPath), RawQuery: "mode=ro"}).String())
	}
	if err != nil {
		db.Close()
		return false, x.explain(err)
	}
	x.db = db
	var made string
	if err := db.QueryRow(`SELECT value FROM main.meta WHERE key = 'made'`).Scan(&made); err != nil {
		return false, nil //nolint:nilerr // no index yet, or one that was never finished
	}
	return made == x.identity(), nil
}

// identity is what the index must have been made of.
func (x *Index) identity() string {
	var b strings.Builder
	fmt.Fprintln(&b, indexSchema, ledgerSchema, x.run.Definition, x.run.Manifest, x.run.Program, x.run.Limits)
	for _, f := range x.run.Files {
		fmt.Fprintln(&b, f.File, f.SHA256)
	}
	return hashOf([]byte(b.String()))
}

func (x *Index) explain(err error) error { return fmt.Errorf("index %s: %w", x.path, err) }

// load reads back what is small.
func (x *Index) load() error {
	x.groups, x.slots, x.contests, x.folders = map[int64]*Group{}, nil, nil, nil
	if err := x.each(`SELECT id, kind, name, n FROM groups`, func(scan func(...any) error) error {
		g, kind := &Group{}, 0
		err := scan(&g.ID, &kind, &g.Name, &g.All)
		if kind < 0 || kind >= len(Kinds()) {
			return fmt.Errorf("kind %d is none", kind)
		}
		g.Kind = Kinds()[kind]
		x.groups[g.ID] = g
		return err
	}); err != nil {
		return err
	}
	if err := x.each(`SELECT id, contest, choice, rank, none, questionable, vote FROM slots ORDER BY id`, func(scan func(...any) error) error {
		var s Slot
		err := scan(&s.ID, &s.Contest, &s.Choice, &s.Rank, &s.None, &s.Questionable, &s.Vote)
		x.slots = append(x.slots, s)
		return err
	}); err != nil {
		return err
	}
	if err := x.each(`SELECT contest, open, margin FROM contests ORDER BY weight`, func(scan func(...any) error) error {
		var c ContestWeight
		err := scan(&c.Contest, &c.Open, &c.Margin)
		x.contests = append(x.contests, c)
		return err
	}); err != nil {
		return err
	}
	return x.each(`SELECT name, sheets FROM folders ORDER BY name`, func(scan func(...any) error) error {
		var f Folder
		err := scan(&f.Name, &f.Sheets)
		x.folders = append(x.folders, f)
		return err
	})
}

// prepared gives a query's statement.
func (x *Index) prepared(query string) (*sql.Stmt, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if q := x.ready[query]; q != nil {
		return q, nil
	}
	q, err := x.db.Prepare(query) //nolint:sqlclosecheck // it is kept, and closed with the index
	if err != nil {
		return nil, x.explain(err)
	}
	if x.ready == nil {
		x.ready = map[string]*sql.Stmt{}
	}
	x.ready[query] = q
	return q, nil
}

// each calls row for every row of a query.
func (x *Index) each(query string, row func(scan func(...any) error) error, args ...any) error {
	q, err := x.prepared(query) //nolint:sqlclosecheck // it is kept
	if err != nil {
		return err
	}
	rows, err := q.Query(args...)
	if err != nil {
		return x.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return x.explain(err)
		}
	}
	if err := rows.Err(); err != nil {
		return x.explain(err)
	}
	return nil
}

// Slots are the run's walls, in the order of the definition.
func (x *Index) Slots() []Slot { return x.slots }

// Contests are the definition's contests, those first whose questions could matter most.
func (x *Index) Contests() []ContestWeight { return x.contests }

// Folders are the folders that the sheets lie in, by name.
func (x *Index) Folders() []Folder { return x.folders }
