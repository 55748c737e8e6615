package review

import (
	"fmt"
	"slices"

	"recount/batch"
	"recount/election"
)

// advice says, for each typed reason of a refusal, what it means and what a person can do. docs/OUTPUT.md lists the reasons.
var advice = map[string]string{
	"truncated":      "The file ends before its picture does: it was copied or written in part. Scan the sheet again, or enter it from the paper.",
	"corrupt":        "The file contradicts itself. Scan the sheet again, or enter it from the paper.",
	"empty-file":     "The file has no bytes. Scan the sheet again, or enter it from the paper.",
	"not-an-image":   "The file is no picture of a kind that is read. If a sheet belongs to it, scan that again.",
	"too-large":      "The picture is larger than any ballot. If it is one, scan it at 200 to 300 dpi.",
	"too-small":      "The picture has too few dots to be a ballot's. If it is one, scan it at 200 dpi or more.",
	"unsupported":    "The picture is of a variety that is not read. Save it as TIFF, PNG or JPEG and read it again.",
	"pdf-not-scan":   "This page of the PDF is not one scanned picture.",
	"unreadable":     "The system would not give the file's bytes. Look at the disk and at who may read the file.",
	"unreachable":    "The place where the scans lie did not give the file. Look at the network and at who may read there, and read again.",
	"abandoned":      "Workers tried it as often as they may and none came to an end: a fault to report, with the file. Enter the votes by hand.",
	"changed":        "The file is not the one that was there when the run began. Find out who changed it.",
	"empty-page":     "Nothing printed was found. If the sheet has print on this side, scan it again.",
	"no-style":       "It fits none of this election's styles. If it is a ballot of this election, its style is missing from the definition; else it is no ballot of it.",
	"other-election": "It is a ballot, but with other print than any of this election's styles: of another election or town, of a style that is missing here, or scanned so badly that its print is not where it should be.",
	"summary-card":   "It is the card of a ballot-marking device, which is not read: enter its votes by hand.",
	"photograph":     "It is grey all over, not a scanned page: scan the ballot itself.",
	"overlap":        "Two sheets went through the scanner on each other. Take them apart and scan each: entering one leaves the other out.",
	"ambiguous":      "Two styles fit alike. Find on the paper which one it is, and enter the votes as that one.",
	"wrong-code":     "The code printed on the page is another style's than its print. Find out which style it is before you enter it.",
	"weak-fit":       "The style is known, but not surely enough where its targets lie. Enter the votes by hand.",
	"sheet-mismatch": "Its front and back are not the two sides of one sheet: scans are missing, doubled or in the wrong order. Look at its neighbours first.",
	"internal":       "The program failed on this page: a fault to report, with the file. Enter the votes by hand.",
	"unsafe-name":    "The archive has a name in it that leads out of the archive. Unpack it by hand and look at it.",
	"unsafe-link":    "It is a link that leads out of the folder. Put the file itself there.",
	"nested-archive": "An archive lies in an archive. Unpack it and read again.",
	"bad-archive":    "The archive cannot be opened. Copy it again.",
}

// refusalView is why a page was refused and what was tried.
type refusalView struct {
	Kind, Sentence, Advice string
	Tried                  []triedLine
}

// triedLine is one style's page that was tried.
type triedLine struct {
	batch.TriedPage
	Why   string
	At    int    // the style's place in the definition, for its blank; -1 where it has none
	Enter string // of the list's option of the form for entering by hand; empty where nothing stands there to enter
}

// refusal parts a refused page's reason for people.
func (s *Server) refusal(p *batch.Page) *refusalView {
	v := &refusalView{}
	var tried []batch.TriedPage
	v.Kind, v.Sentence, tried = batch.SplitReason(p.Reason)
	v.Advice = advice[v.Kind]
	for rank, t := range tried {
		l := triedLine{TriedPage: t, Why: t.Why(rank), At: s.blankOf(t.Style, t.Page)}
		if st := s.election.Style(t.Style); st != nil && st.Page(t.Page) != nil && len(st.Page(t.Page).Targets) > 0 {
			l.Enter = fmt.Sprintf("%d %s", t.Page, t.Style)
		}
		v.Tried = append(v.Tried, l)
	}
	return v
}

// blankOf is the place of a style in the definition that is there to look at, or -1 where its page's blank is not.
func (s *Server) blankOf(style string, page int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.definition()
	if err != nil {
		return -1
	}
	return slices.IndexFunc(e.Styles, func(st election.Style) bool {
		return st.ID == style && st.Page(page) != nil && st.Page(page).Picture.File != ""
	})
}
