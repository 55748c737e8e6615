package cvr

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Log is a log that was read and whose chain holds.
type Log struct {
	Header  LogHeader
	Entries []LogEntry // in order; Entries[i].N is i+1
	// Torn is how many bytes follow the last whole line: an entry that was never finished, and of which nobody was told that
	// it stands. They are left out.
	Torn int
	// Head is the hash of the last entry. Whoever keeps it elsewhere can show that the log was not cut short or written anew.
	Head string
	size int64 // of the whole lines
}

// LogError is a decision log that cannot be trusted or read, with the line that shows it.
type LogError struct {
	File string
	Line int
	Text string
}

// Error names file, line and fault.
func (e *LogError) Error() string {
	return fmt.Sprintf("decision log %s, line %d: %s", e.File, e.Line, e.Text)
}

// maxLogEntries bounds a log: some 5 GB.
const maxLogEntries = 10_000_000

// ReadLog reads a decision log and proves its chain: every line's hash is that of its bytes and of the line before it. A
// line changed, left out, added or moved since it was written is a *LogError. name is used in errors only.
func ReadLog(name string, r io.Reader) (*Log, error) {
	l := &Log{}
	in := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		text, err := readLine(in)
		switch {
		case errors.Is(err, errLongLine):
			return nil, &LogError{name, n, fmt.Sprintf("longer than %d bytes: no entry is", maxLogLine)}
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("read decision log %s: %w", name, err)
		case err != nil:
			if l.Torn = len(text); n == 1 {
				return nil, &LogError{name, 1, "no decision log begins like this: name the file that recount review wrote"}
			}
			return l, nil
		}
		if n > maxLogEntries {
			return nil, &LogError{name, n, fmt.Sprintf("more than %d entries", maxLogEntries)}
		}
		if err := l.take(n, text); err != nil {
			return nil, &LogError{name, n, err.Error()}
		}
		l.size += int64(len(text)) + 1
	}
}

// IsLog says whether a file begins as a decision log does, and not as a plain list of decisions.
func IsLog(start []byte) bool { return bytes.HasPrefix(start, []byte(`{"format":`)) }

// LoadLog reads a log's file.
func LoadLog(path string) (*Log, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read decision log: %w", err)
	}
	defer f.Close()
	return ReadLog(path, f)
}

var errLongLine = errors.New("line too long")

// readLine gives a line without its end; what follows the last end comes with io.EOF.
func readLine(in *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		part, err := in.ReadSlice('\n')
		out = append(out, part...)
		if len(out) > maxLogLine {
			return nil, errLongLine
		}
		switch {
		case err == nil:
			return out[:len(out)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return out, err
		}
	}
}

// take checks one whole line and keeps it.
func (l *Log) take(n int, text []byte) error {
	open, hash, ok := splitHash(text)
	if !ok {
		return errors.New("it does not end with its hash: it was changed, or is no entry")
	}
	if hexSum(open) != hash {
		return errors.New("its hash is not that of its bytes: it was changed after it was written")
	}
	if n == 1 {
		if err := strict(text, &l.Header); err != nil {
			return err
		}
		h := &l.Header
		if h.Kind != logKind || h.Format != LogFormat {
			return fmt.Errorf("it is %q of format %d: this version of the program reads %q of format %d", h.Kind, h.Format, logKind, LogFormat)
		}
		if h.People != 1 && h.People != 2 {
			return fmt.Errorf("%d people must agree: only 1 or 2 can", h.People)
		}
		l.Head = hash
		return nil
	}
	var d LogEntry
	if err := strict(text, &d); err != nil {
		return err
	}
	if d.Prev != l.Head {
		return errors.New("it does not follow the line before it: a line was taken out, put in or moved")
	}
	if d.N != n-1 {
		return fmt.Errorf("it has number %d, and entry %d is due", d.N, n-1)
	}
	if err := d.Check(); err != nil {
		return err
	}
	l.Entries, l.Head = append(l.Entries, d), hash
	return nil
}

// splitHash parts a line into what is hashed and the hash.
func splitHash(text []byte) (open []byte, hash string, ok bool) {
	const tail = len(`,"hash":"`) + 64 + len(`"}`)
	if len(text) < tail {
		return nil, "", false
	}
	open, end := text[:len(text)-tail], text[len(text)-tail:]
	if !bytes.HasPrefix(end, []byte(`,"hash":"`)) || !bytes.HasSuffix(end, []byte(`"}`)) {
		return nil, "", false
	}
	return open, string(end[len(`,"hash":"`) : len(end)-2]), true
}

// strict decodes one object and nothing else: a key that this version does not know may change what an entry means.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("it cannot be read: %w", err)
	}
	if d.More() {
		return errors.New("text follows the entry")
	}
	return nil
}

// About says whether the log is about the run: of the same scans and definition.
func (l *Log) About(definition, manifest string) error {
	switch {
	case l.Header.Definition != definition:
		return errors.New("the decisions were made with another election definition: open the run they belong to")
	case l.Header.Manifest != manifest:
		return errors.New("the decisions were made on other scans: open the run they belong to")
	}
	return nil
}

// LogWriter appends to a decision log. It is for one goroutine at a time.
type LogWriter struct {
	log    *Log
	f      *os.File
	path   string
	broken error
}

// OpenLog opens the log at path to append to it, or begins it with the header where there is none. A log of another run,
// or with other rules, is refused; so is one that another program has open. An unfinished last line is cut off.
func OpenLog(path string, h LogHeader) (*LogWriter, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open decision log: %w", err)
	}
	w := &LogWriter{f: f, path: path}
	if err := w.start(h); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

func (w *LogWriter) start(h LogHeader) error {
	if err := lockFile(w.f); err != nil {
		return fmt.Errorf("open decision log %s: another review has it open: use that one, or wait for it to end", w.path)
	}
	info, err := w.f.Stat()
	if err != nil {
		return fmt.Errorf("open decision log: %w", err)
	}
	begun, err := w.begun(info.Size())
	if err != nil {
		return fmt.Errorf("open decision log %s: %w", w.path, err)
	}
	if begun {
		l, err := ReadLog(w.path, w.f)
		if err == nil {
			err = l.About(h.Definition, h.Manifest)
		}
		if err == nil && (l.Header.People != h.People || l.Header.Blind != h.Blind) {
			err = fmt.Errorf("it was begun with people %d and blind %v: say the same, or begin another log with --log", l.Header.People, l.Header.Blind)
		}
		if err != nil {
			return fmt.Errorf("open decision log %s: %w", w.path, err)
		}
		w.log = l
		if l.Torn > 0 {
			err = errors.Join(w.f.Truncate(l.size), w.f.Sync())
		}
		if err != nil {
			return fmt.Errorf("open decision log %s: %w", w.path, err)
		}
		_, err = w.f.Seek(l.size, io.SeekStart)
		return err
	}
	h.Format, h.Kind, h.Hash = LogFormat, logKind, ""
	text, hash, err := logLine(h)
	if err != nil {
		return err
	}
	w.log = &Log{Header: h, Head: hash}
	if err := w.write(text); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(w.path))
}

// begun says whether the file holds a log. One that ends within its first line was never begun: it is emptied.
func (w *LogWriter) begun(size int64) (bool, error) {
	if size == 0 || size > maxLogLine {
		return size > 0, nil
	}
	start := make([]byte, size)
	if _, err := w.f.ReadAt(start, 0); err != nil {
		return false, err
	}
	const opens = `{"format":`
	if bytes.IndexByte(start, '\n') >= 0 || !bytes.HasPrefix(start, []byte(opens)[:min(len(start), len(opens))]) {
		return true, nil
	}
	return false, w.f.Truncate(0)
}

// Log is what stands in the log so far. It is the writer's own: do not change it.
func (w *LogWriter) Log() *Log { return w.log }

// Append writes entries and gives them with their numbers and hashes once they are on the disk for good. N, Prev and Hash are
// filled in here. All are checked before any is written; where the disk fails none stands.
func (w *LogWriter) Append(ds ...LogEntry) ([]LogEntry, error) {
	if w.broken != nil {
		return nil, w.broken
	}
	if err := w.inPlace(); err != nil {
		return nil, err
	}
	out := make([]LogEntry, 0, len(ds))
	var all []byte
	head := w.log.Head
	for _, d := range ds {
		d.N, d.Prev, d.Hash = len(w.log.Entries)+len(out)+1, head, ""
		if err := d.Check(); err != nil {
			return nil, fmt.Errorf("log a decision: %w", err)
		}
		text, hash, err := logLine(d)
		if err != nil {
			return nil, fmt.Errorf("log a decision: %w", err)
		}
		if len(text) > maxLogLine {
			return nil, fmt.Errorf("log a decision: an entry of %d bytes is too long", len(text))
		}
		d.Hash, head = hash, hash
		all, out = append(all, text...), append(out, d)
	}
	if err := w.write(all); err != nil {
		return nil, err
	}
	w.log.Entries, w.log.Head = append(w.log.Entries, out...), head
	return out, nil
}

// inPlace says what is wrong where the file is not at its place as this writer left it: what is written into a file that was moved
// or deleted is lost, and a line behind another program's breaks the chain.
func (w *LogWriter) inPlace() error {
	here, err := w.f.Stat()
	if err != nil {
		return fmt.Errorf("write decision log %s: %w: the decision does not stand", w.path, err)
	}
	there, err := os.Stat(w.path)
	if err != nil || !os.SameFile(here, there) || here.Size() != w.log.size {
		return fmt.Errorf("decision log %s was moved, deleted or changed by another program: the decision does not stand: put the log back as it was, and decide again", w.path)
	}
	return nil
}

// write puts whole lines on the disk for good, or leaves the file as it was.
func (w *LogWriter) write(text []byte) error {
	_, err := w.f.Write(text)
	if err == nil {
		err = w.f.Sync()
	}
	if err == nil {
		w.log.size += int64(len(text))
		return nil
	}
	err = fmt.Errorf("write decision log %s: %w: the decision does not stand: make room or mend the disk, and decide again", w.path, err)
	_, back := w.f.Seek(w.log.size, io.SeekStart)
	if undo := errors.Join(w.f.Truncate(w.log.size), back); undo != nil {
		w.broken = errors.Join(err, undo) // what the file holds is not known: nothing more is written into it
	}
	return err
}

// Close lets the log go.
func (w *LogWriter) Close() error { return w.f.Close() }

// syncFolder makes a folder's entries last.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
