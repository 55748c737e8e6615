package cvr

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// State is how far a subject is decided.
type State string

// The states. Only Decided changes a count.
const (
	Undecided State = "undecided"
	Waiting   State = "waiting"  // one person decided, and a second must
	Disputed  State = "disputed" // two people say different things
	Decided   State = "decided"
)

// Verdict is what the log says of one subject.
type Verdict struct {
	State State
	// Entry is the one in force where State is Decided, and the last one that stands where it is Waiting or Disputed.
	Entry *LogEntry
	// Last holds each person's last entry that stands, in the order of the log.
	Last []*LogEntry
	// Version is the number of the last entry about the subject, those that take back among them, or 0. Who decides says
	// which version they saw.
	Version int
}

// Standing works out what a log's entries come to: for each subject, each person's last word. It counts where as many people as
// the log asks for say the same and nobody says otherwise. Where one person is enough the last word is the last one's, whoever
// spoke before; where that is taken back, what another person had said before it stands again.
type Standing struct {
	people   int
	all      []LogEntry
	subjects map[string]*standing
}

type standing struct {
	last    []int // numbers of entries that stand, rising
	version int
}

// NewStanding gives the standing of a log's entries.
func NewStanding(l *Log) *Standing {
	s := &Standing{people: l.Header.People, subjects: map[string]*standing{}}
	for _, d := range l.Entries {
		s.Add(d)
	}
	return s
}

// Add takes the log's next entry.
func (s *Standing) Add(d LogEntry) {
	s.all = append(s.all, d)
	at := s.subjects[d.Subject()]
	if at == nil {
		at = &standing{}
		s.subjects[d.Subject()] = at
	}
	at.version = d.N
	at.last = slices.DeleteFunc(at.last, func(n int) bool { return SamePerson(s.all[n-1].Who, d.Who) })
	if d.Answer != TakenBack {
		at.last = append(at.last, d.N)
	}
}

// Verdict is what stands for a subject. Of one that the log does not name the State is Undecided.
func (s *Standing) Verdict(subject string) Verdict {
	v := Verdict{State: Undecided}
	at := s.subjects[subject]
	if at == nil {
		return v
	}
	v.Version = at.version
	stands := at.last
	if s.people == 1 && len(stands) > 1 {
		stands = stands[len(stands)-1:]
	}
	for _, n := range stands {
		e := s.all[n-1]
		v.Last = append(v.Last, &e)
	}
	if len(v.Last) == 0 {
		return v
	}
	v.Entry, v.State = v.Last[len(v.Last)-1], Waiting
	if len(v.Last) >= s.people {
		v.State = Decided
	}
	for _, d := range v.Last {
		if !d.same(v.Entry) {
			v.State = Disputed
		}
	}
	return v
}

// Before is what stood for an entry's subject when the entry was made. The entry's number counts from 1.
func (s *Standing) Before(n int) Verdict {
	subject := s.all[n-1].Subject()
	then := &Standing{people: s.people, subjects: map[string]*standing{}}
	for i := range s.all[:n-1] {
		if e := s.all[i]; e.Subject() == subject {
			e.N = len(then.all) + 1
			then.Add(e)
		}
	}
	return then.Verdict(subject)
}

// InForce are the entries that count, one a subject, in the order of the log.
func (s *Standing) InForce() []LogEntry {
	var out []LogEntry
	for subject := range s.subjects {
		if v := s.Verdict(subject); v.State == Decided {
			out = append(out, *v.Entry)
		}
	}
	slices.SortFunc(out, func(a, b LogEntry) int { return cmp.Compare(a.N, b.N) })
	return out
}

// Open are the last entries of the subjects that wait for a second person or are disputed, in the order of the log.
func (s *Standing) Open() []Verdict {
	var out []Verdict
	for subject := range s.subjects {
		if v := s.Verdict(subject); v.State == Waiting || v.State == Disputed {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Verdict) int { return cmp.Compare(a.Entry.N, b.Entry.N) })
	return out
}

// Entries are all entries so far, in order. They are the standing's own: do not change them.
func (s *Standing) Entries() []LogEntry { return s.all }

// SamePerson says whether two names as typed are one: whatever their case, spaces, points, hyphens and accents, and however their
// letters are coded. Two people whose names differ in nothing else must type more of them.
func SamePerson(a, b string) bool { return a == b || personKey(a) == personKey(b) }

func personKey(name string) string {
	var letters strings.Builder
	for _, r := range norm.NFKD.String(cases.Fold().String(name)) {
		accent := r >= 0x300 && r < 0x370 // other marks are a script's vowels
		if !accent && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r) {
			letters.WriteRune(r)
		}
	}
	return letters.String()
}
