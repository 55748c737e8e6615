package election

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of an AccuVote interface file; the largest seen has 16 KB.
const (
	maxAVS        = 16 << 20 // bytes
	maxAVSEntries = 20_000
	maxAVSDepth   = 16
	maxAVSField   = 64 << 10 // bytes of one element's text
)

// AVS is what an AccuVote interface file (AVSInterface) says. It has no positions: the numbers in it are the print
// program's own and lead to no place on the paper, but their order down each column is that of the print.
type AVS struct {
	Title    string // of the election
	Date     string // YYYY-MM-DD, or empty
	Town     string
	Paper    string // as the file says it, 8.5X14; it may be wrong
	Contests []AVSContest
	// Questions are printed after the contests and stand in no column list.
	Questions []AVSQuestion
}

// AVSContest is one office.
type AVSContest struct {
	Title   string
	VoteFor int
	Entries []AVSEntry
}

// AVSEntry is one line a target stands beside. X tells columns apart and Y orders a column's entries, front and back
// together; neither is a place.
type AVSEntry struct {
	Name, Party string
	WriteIn     bool
	X, Y        float64
	Line        int // of the file
}

// AVSQuestion is a question and what stands before each of its ovals.
type AVSQuestion struct {
	Title   string
	Choices []string
}

// avsElement is one element with its text and children.
type avsElement struct {
	name string
	text strings.Builder
	kids []*avsElement
	line int
}

func (e *avsElement) kid(name string) *avsElement {
	for _, k := range e.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

func (e *avsElement) field(name string) string {
	if k := e.kid(name); k != nil {
		return oneLine(k.text.String())
	}
	return ""
}

// ReadAVS reads an AccuVote interface file. name is used in errors, which are *Problems that name lines of the file.
func ReadAVS(name string, data []byte) (*AVS, error) {
	p := &Problems{File: name}
	root, err := parseAVS(data)
	if err != nil {
		p.add("", err.Error(), "is it an AVSInterface XML file?")
		return nil, p
	}
	a := &AVS{}
	if h := root.kid("AccuvoteHeaderInfo"); h != nil {
		a.Title, a.Town, a.Paper = h.field("ElectionName"), h.field("TownName"), h.field("BallotSize")
		if day, _, ok := strings.Cut(h.field("ElectionDate"), " "); ok {
			if t, err := time.Parse("1/2/2006", day); err == nil {
				a.Date = t.Format(time.DateOnly)
			}
		}
	}
	for _, k := range root.kids {
		switch k.name {
		case "Candidates":
			a.contest(k, p)
		case "BallotPaperInfo":
			if q := k.kid("Questions"); q != nil {
				a.questions(q, p)
			}
		}
	}
	if len(a.Contests) == 0 && len(p.List) == 0 {
		p.add("", "the file lists no office", "is it an AVSInterface XML file?")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	a.distinctTitles()
	return a, nil
}

// parseAVS reads the elements. The file may not declare types or entities of its own.
func parseAVS(data []byte) (*avsElement, error) {
	if len(data) > maxAVS {
		return nil, fmt.Errorf("the file is larger than %d MiB", maxAVS>>20)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8 text")
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	var stack []*avsElement
	var root *avsElement
	n := 0
	for {
		line, _ := d.InputPos()
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.Directive:
			return nil, fmt.Errorf("line %d: the file declares types of its own, which are not read", line)
		case xml.StartElement:
			if n++; n > 16*maxAVSEntries || len(stack) >= maxAVSDepth || root != nil && len(stack) == 0 {
				return nil, fmt.Errorf("line %d: too many elements, nested too deep, or more than one root", line)
			}
			e := &avsElement{name: t.Name.Local, line: line}
			if len(stack) == 0 {
				root = e
			} else {
				top := stack[len(stack)-1]
				top.kids = append(top.kids, e)
			}
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) == 0 && len(bytes.TrimSpace(bytes.TrimPrefix(t, []byte("\xef\xbb\xbf")))) > 0 {
				return nil, fmt.Errorf("line %d: text outside the file's root", line)
			}
			if len(stack) > 0 {
				e := stack[len(stack)-1]
				if e.text.Write(t); e.text.Len() > maxAVSField {
					return nil, fmt.Errorf("line %d: %s holds more than %d KiB of text", e.line, e.name, maxAVSField>>10)
				}
			}
		}
	}
	if root == nil || root.name != "AVSInterface" {
		return nil, errors.New("the file's root is not AVSInterface")
	}
	return root, nil
}

// contest reads one office and its entries.
func (a *AVS) contest(k *avsElement, p *Problems) {
	at := func(e *avsElement) string { return fmt.Sprintf("line %d, %s", e.line, e.name) }
	c := AVSContest{}
	for _, e := range k.kids {
		switch e.name {
		case "OfficeName":
			c.Title = e.field("Name")
			n, ok := voteFor(e.field("WinnerNote"))
			if !ok {
				p.add(at(e), fmt.Sprintf("the note %q does not say how many may be voted for", e.field("WinnerNote")), "correct it, or write the contest list by hand for 'recount template new'")
			}
			c.VoteFor = n
		case "CandidateName":
			x, errX := strconv.ParseFloat(e.field("OX"), 64)
			y, errY := strconv.ParseFloat(e.field("OY"), 64)
			if errX != nil || errY != nil || !(x >= 0 && x < 1e5 && y >= 0 && y < 1e6) {
				p.add(at(e), fmt.Sprintf("OX %q, OY %q are no numbers", e.field("OX"), e.field("OY")), "")
			}
			n := AVSEntry{Name: e.field("Name"), Party: e.field("Party"), X: x, Y: y, Line: e.line}
			switch strings.ToLower(e.field("WriteIn")) {
			case "true":
				n.WriteIn, n.Name, n.Party = true, "Write-in", "" // the file names the office there
			case "false", "":
			default:
				p.add(at(e), fmt.Sprintf("WriteIn is %q", e.field("WriteIn")), "it is True or False")
			}
			if n.Name == "" {
				p.add(at(e), "the entry has no name", "")
			}
			c.Entries = append(c.Entries, n)
		}
	}
	if c.Title == "" || len(c.Entries) == 0 {
		p.add(at(k), "the office has no name or no entry", "")
	}
	a.Contests = append(a.Contests, c)
}

var (
	noteDigits = regexp.MustCompile(`[0-9]+`)
	noteWord   = regexp.MustCompile(`(?i)\b(one|two|three|four|five|six|seven|eight|nine|ten)\b`)
	noteWords  = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
)

// voteFor finds the one number in "Vote for not more than 3".
func voteFor(note string) (int, bool) {
	found := map[int]bool{}
	for _, s := range noteDigits.FindAllString(note, -1) {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, false
		}
		found[n] = true
	}
	for _, s := range noteWord.FindAllString(note, -1) {
		found[noteWords[strings.ToLower(s)]] = true
	}
	if len(found) != 1 {
		return 0, false
	}
	for n := range found {
		return n, n >= 1 && n <= 1000
	}
	return 0, false
}

var (
	questionOval = regexp.MustCompile(`(?i)<img[^>]*oval[^>]*>`)
	questionTag  = regexp.MustCompile(`<[^>]*>`)
	lastWord     = regexp.MustCompile(`(\pL[\pL'’-]*)[^\pL]*$`)
	sentence     = regexp.MustCompile(`[^.?!"]*\?`)
)

// questions reads the questions, which stand in the file as the web page they were typed in: each oval is a picture with
// its choice's word before it, and a word that comes again begins the next question.
func (a *AVS) questions(e *avsElement, p *Problems) {
	raw := e.text.String()
	parts := questionOval.Split(raw, -1)
	at := fmt.Sprintf("line %d, Questions", e.line)
	if len(parts) == 1 {
		if words := textOf(raw); words != "" {
			p.add(at, "the text has no ovals to count", "write the contest list by hand for 'recount template new'")
		}
		return
	}
	var q AVSQuestion
	about := ""
	flush := func() {
		if len(q.Choices) == 0 {
			return
		}
		if len(q.Choices) < 2 {
			p.add(at, fmt.Sprintf("question %d has one oval", len(a.Questions)+1), "write the contest list by hand for 'recount template new'")
		}
		q.Title = fmt.Sprintf("Question %d", len(a.Questions)+1)
		if asked := sentence.FindAllString(about, -1); len(asked) == 1 { // else a person must say which words are its title
			q.Title = oneLine(asked[0])
		}
		if r := []rune(q.Title); len(r) > 200 {
			q.Title = oneLine(string(r[:200]))
		}
		a.Questions = append(a.Questions, q)
		q, about = AVSQuestion{}, ""
	}
	if len(parts) > 1000 {
		p.add(at, "more than 1000 ovals", "")
		return
	}
	for _, part := range parts[:len(parts)-1] {
		text := textOf(part)
		m := lastWord.FindStringSubmatch(text)
		if m == nil {
			p.add(at, "an oval has no word before it", "write the contest list by hand for 'recount template new'")
			return
		}
		for _, c := range q.Choices {
			if strings.EqualFold(c, m[1]) {
				flush()
				break
			}
		}
		about += " " + strings.TrimSpace(text[:strings.LastIndex(text, m[1])])
		q.Choices = append(q.Choices, oneLine(m[1]))
	}
	flush()
}

// distinctTitles tells offices and questions of one title apart.
func (a *AVS) distinctTitles() {
	var titles []string
	for _, c := range a.Contests {
		titles = append(titles, c.Title)
	}
	for _, q := range a.Questions {
		titles = append(titles, q.Title)
	}
	for i, t := range distinct(titles, make([]string, len(titles))) {
		if i < len(a.Contests) {
			a.Contests[i].Title = t
		} else {
			a.Questions[i-len(a.Contests)].Title = t
		}
	}
}

// textOf is the words of a piece of a web page.
func textOf(s string) string {
	s = strings.NewReplacer("<![CDATA[", " ", "]]>", " ").Replace(s)
	return oneLine(strings.ReplaceAll(html.UnescapeString(questionTag.ReplaceAllString(s, " ")), "\u00a0", " "))
}
