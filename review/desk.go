package review

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"recount/audit"
	"recount/batch"
	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// desk is what a server works on: the run's index and pictures, and the log of decisions with what it comes to.
type desk struct {
	o        Options
	election *election.Election
	index    *batch.Index
	scans    *batch.Scans
	machine  map[string][]int // sheet's name to its differences
	alone    map[string]bool  // sheets without a record of the machine's
	byKind   []*audit.SheetDifference

	mu       sync.Mutex               // over what follows, and over what is done in the index
	places   map[int]*differencePlace // of byKind, those looked at so far
	log      *cvr.LogWriter
	standing *cvr.Standing
	draft    *election.Election // the definition as people have changed it; nil until somebody looks at it
	wrote    string             // the last file written of it
}

// openDesk opens all that a server works on.
func openDesk(o Options) (d *desk, err error) {
	d = &desk{o: o, election: o.Run.Election, machine: map[string][]int{}, alone: map[string]bool{}, places: map[int]*differencePlace{}}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if d.log, err = cvr.OpenLog(o.Log, o.header()); err != nil {
		return d, err
	}
	if d.scans, err = batch.OpenScans(o.Images); err != nil {
		return d, err
	}
	index := strings.TrimSuffix(o.Log, filepath.Ext(o.Log)) + ".index.db"
	if d.index, err = o.Run.OpenIndex(index, o.Progress); err != nil {
		return d, err
	}
	d.standing = cvr.NewStanding(d.log.Log())
	if o.Machine != nil {
		d.byKind = o.Machine.ByKind()
		if o.Blind { // sheet by sheet: where one stands among kinds says what it is
			for i := range d.byKind {
				d.byKind[i] = &o.Machine.Differences[i]
			}
		}
		for i, m := range o.Machine.Differences {
			d.machine[m.Sheet] = append(d.machine[m.Sheet], i)
		}
		for _, m := range o.Machine.MissingRecords {
			d.alone[m.Name] = true
		}
	}
	if err = d.index.Reset(); err != nil {
		return d, err
	}
	for _, e := range d.standing.InForce() {
		if err = d.markDone(&e, true); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (d *desk) close() error {
	var errs []error
	if d.index != nil {
		errs = append(errs, d.index.Close())
	}
	if d.scans != nil {
		d.scans.Close()
	}
	if d.log != nil {
		errs = append(errs, d.log.Close())
	}
	return errors.Join(errs...)
}

// markDone takes what an entry is about off the queues, or puts it back.
func (d *desk) markDone(e *cvr.LogEntry, done bool) error {
	if e.Image == "" {
		return nil
	}
	p, err := d.index.PageNamed(e.Image)
	if errors.Is(err, batch.ErrNotThere) {
		return fmt.Errorf("the log's entry %d is about %s, which the run does not have", e.N, e.Image)
	}
	if err != nil {
		return err
	}
	return d.index.SetDone(p.ID, e.Target-1, done) // a page's entry has target 0, and the index -1
}

// conflict says that somebody else decided while a person looked.
type conflict struct {
	Subject string
	Entry   *cvr.LogEntry // theirs, or nil where they took theirs back
}

func (c *conflict) Error() string { return "somebody else decided this in the meantime" }

// draft is a decision that a person asks for, and the version of its subject that they saw.
type draft struct {
	entry   cvr.LogEntry
	version int
}

// decide logs decisions. Those whose subject changed since the person saw it are left out and named; the others are on the disk
// when it returns.
func (d *desk) decide(drafts []draft) (done []cvr.LogEntry, clashes []conflict, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var entries []cvr.LogEntry
	for _, f := range drafts {
		subject := f.entry.Subject()
		v := d.standing.Verdict(subject)
		// Of two people who must agree the second says it without knowing what the first said, whoever was quicker.
		second := d.o.People == 2 && v.State == cvr.Waiting && mine(&v, f.entry.Who) == nil
		if v.Version != f.version && !second {
			clashes = append(clashes, conflict{subject, v.Entry})
			continue
		}
		entries = append(entries, f.entry)
	}
	if len(entries) == 0 {
		return nil, clashes, nil
	}
	when := d.o.Now().UTC().Format(time.RFC3339)
	for i := range entries {
		entries[i].When = when
	}
	if done, err = d.log.Append(entries...); err != nil {
		return nil, clashes, err
	}
	for i := range done { // first all of them: what follows can fail, and they stand
		d.standing.Add(done[i])
	}
	for i := range done {
		state := d.standing.Verdict(done[i].Subject()).State
		if err := d.markDone(&done[i], state == cvr.Decided); err != nil {
			return done, clashes, fmt.Errorf("what you decided is in the log, but the list of what is open could not be brought up to date: %w: make room on the disk, and start the review again", err)
		}
	}
	return done, clashes, nil
}

// undo takes back the person's last entry: what stood before of the same subject stands again, theirs or another's, or it is as
// read. It gives the entry taken back, or nil where there is none. Where somebody else decided the same since, it is a *conflict, and
// nothing is taken back: no older decision is meant.
func (d *desk) undo(who string) (*cvr.LogEntry, error) {
	d.mu.Lock()
	entries := d.standing.Entries()
	seen := map[string]bool{}
	var last *cvr.LogEntry
	for i := len(entries) - 1; i >= 0 && last == nil; i-- {
		e := entries[i]
		if !cvr.SamePerson(e.Who, who) || seen[e.Subject()] {
			continue
		}
		seen[e.Subject()] = true
		if e.Answer != cvr.TakenBack && e.Reason != undone {
			last = &e
		}
	}
	if last == nil {
		d.mu.Unlock()
		return nil, nil
	}
	now, then := d.standing.Verdict(last.Subject()), d.standing.Before(last.N)
	d.mu.Unlock()
	version, before := now.Version, mine(&then, who)
	if m := mine(&now, who); m == nil || m.N != last.N {
		return nil, &conflict{last.Subject(), now.Entry}
	}
	back := *last
	back.Answer, back.Before, back.Name, back.Marked = cvr.TakenBack, last.Answer, "", nil
	if before != nil {
		back = *before
		back.Before = last.Answer
	}
	back.Reason = undone
	_, clashes, err := d.decide([]draft{{back, version}})
	if err == nil && len(clashes) > 0 {
		err = &clashes[0]
	}
	return last, err
}

// undone is the reason of an entry that takes another back.
const undone = "undone"

// verdict is what stands for a subject.
func (d *desk) verdict(subject string) cvr.Verdict {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.standing.Verdict(subject)
}

// unsaid says whether what others said of a subject must not be shown to a person, who has to say it by themselves first.
func (d *desk) unsaid(v *cvr.Verdict, who string) bool {
	return mine(v, who) == nil && (d.o.Blind || d.o.People == 2 && v.State != cvr.Undecided)
}

// mine is what the person said last of a subject, or nil.
func mine(v *cvr.Verdict, who string) *cvr.LogEntry {
	for _, e := range v.Last {
		if cvr.SamePerson(e.Who, who) {
			return e
		}
	}
	return nil
}

// seen is a target as a person may see it now.
type seen struct {
	Number   int // on its page, from 1
	Reading  vote.Reading
	Contest  *election.Contest
	Choice   *election.Choice
	Verdict  cvr.Verdict
	Answer   vote.Answer // in force: the one decided, else the one read
	Hidden   bool        // this person has not decided yet and must not see what others or the program say
	Mine     *cvr.LogEntry
	Fill     string // in percent
	Explains string
}

// look gives a page's targets as a person may see them.
func (d *desk) look(p *batch.Page, s *vote.Sheet, who string) []seen {
	var out []seen
	for i := range s.Readings {
		k := &s.Readings[i]
		if k.Page != p.Number {
			continue
		}
		t := seen{Number: k.Target + 1, Reading: *k, Contest: d.election.Contest(k.Contest), Verdict: d.verdict(cvr.TargetSubject(p.Image, k.Target+1)), Answer: k.Answer}
		if t.Contest == nil {
			continue
		}
		t.Choice = t.Contest.Choice(k.Choice)
		if t.Choice == nil {
			continue
		}
		if t.Verdict.State == cvr.Decided {
			t.Answer = vote.Answer(t.Verdict.Entry.Answer)
		}
		t.Mine = mine(&t.Verdict, who)
		t.Hidden = d.unsaid(&t.Verdict, who)
		t.Fill = percent(int(k.Mark.Fill))
		t.Explains = vote.Explain(d.election.Style(s.Style), k, d.o.Run.Limits)
		out = append(out, t)
	}
	return out
}

// percent says a score of ten-thousandths.
func percent(e4 int) string { return fmt.Sprintf("%d.%d %%", e4/100, e4/10%10) }

// asSeen is a target for a picture.
func asSeen(p *batch.Page, t *seen) audit.MarkSeen {
	m := t.Reading.Mark
	answer := t.Answer
	if t.Hidden {
		answer = vote.None // one colour for all
	}
	return audit.MarkSeen{Image: p.Image, Choice: t.Choice.Name, Answer: answer, Fill: m.Fill.String(), X: m.X, Y: m.Y, W: m.W, H: m.H}
}
