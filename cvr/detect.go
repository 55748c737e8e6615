package cvr

import (
	"bytes"
	"encoding/csv"
	"io"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// What a file is that holds no records, but is read beside those that do.
const (
	manifest       = "a manifest"                 // of Dominion's
	ballots        = "a table of ballots"         // of ES&S's
	scannedBallots = "a table of scanned ballots" // of Hart's
)

// headBytes is how much of a table is looked at for what separates its fields.
const headBytes = 64 << 10

// sniffed is how much of a file is looked at to know its kind.
const sniffed = 256 << 10

var hartRecord = regexp.MustCompile(`<(?:[A-Za-z_][\w.-]*:)?Cvr[\s/>]`)

var dominionExport = regexp.MustCompile(`(?i)^CvrExport.*\.json$`)

// kindOf finds a file's kind from its content. Without one, what says what the file is.
func (x *Export) kindOf(e *entry) (kind Kind, what string, err error) {
	head, err := peek(e, sniffed)
	if err != nil {
		return "", "", err
	}
	text := head
	if t, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), head[:len(head)&^1]); err == nil {
		text = t
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	found, what := sniff(e, head, text)
	if x.options.Kind == "" {
		return found, what, nil
	}
	// A forced kind rules where the content does not speak plainly for something else that belongs to the export.
	if what == manifest || what == ballots || what == scannedBallots || found == "" && !e.given {
		return "", what, nil
	}
	return x.options.Kind, "", nil
}

func sniff(e *entry, raw, text []byte) (Kind, string) {
	switch {
	case len(text) == 0:
		return "", "it is empty"
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		if strings.HasSuffix(strings.ToLower(e.base), ".zip") {
			return "", "an archive inside an archive"
		}
		return ESS, "" // a spreadsheet: only ES&S exports those
	case text[0] == '{' || text[0] == '[':
		return sniffJSON(e, text)
	case text[0] == '<':
		return sniffXML(text)
	case bytes.IndexByte(text, 0) >= 0:
		return "", "it is no text"
	}
	if strings.EqualFold(path.Ext(e.base), ".txt") && len(raw) < sniffed && isOpenCount(raw) {
		return OpenCount, ""
	}
	return sniffTable(text)
}

func sniffJSON(e *entry, text []byte) (Kind, string) {
	has := func(s string) bool { return bytes.Contains(text, []byte(s)) }
	switch {
	case has(`"Sessions"`) || dominionExport.MatchString(e.base) && !has("CVRSnapshot"):
		return DominionJSON, ""
	case has("ElectionResults.") || has(`"VendorApplicationId"`) && has(`"Format"`):
		return "", "NIST election results: totals, which compare takes"
	case has("BallotDefinition.") || has("EventLogging."):
		return "", "another NIST document"
	case has("CastVoteRecordReport"), has(`"CVRSnapshot"`), has(`"ReportGeneratingDeviceIds"`), has(`"CVR"`):
		return NIST, ""
	case strings.HasSuffix(e.base, "Manifest.json"), e.base == "Configuration.json":
		return "", manifest
	}
	return "", "JSON of another kind"
}

func sniffXML(text []byte) (Kind, string) {
	head := text[:min(len(text), 4096)]
	switch {
	case hartRecord.Match(head):
		return Hart, ""
	case bytes.Contains(head, []byte("CastVoteRecordReport")):
		return "", "NIST records as XML: export them as JSON"
	case bytes.Contains(head, []byte("<ElectionResult")):
		return "", "Clarity results: totals, which compare takes"
	}
	return "", "XML of another kind"
}

func sniffTable(text []byte) (Kind, string) {
	r := csv.NewReader(io.LimitReader(bytes.NewReader(text), sniffed))
	r.Comma = delimiter(text)
	r.LazyQuotes = true
	r.FieldsPerRecord = -1
	for range 12 {
		row, err := r.Read()
		if len(row) == 0 || err != nil && err != io.EOF {
			break
		}
		names := columnsOf(row)
		switch {
		case names.has("tabulatornum") && names.has("recordid"), names.has("cvrnumber"):
			return DominionCSV, ""
		case names.has("rownumber") && names.has("boxid"):
			return ClearBallot, ""
		case names.has("imprinted") && names.has("countgroup") && names.has("doubt") && names.has("undervotes"):
			return FlatCSV, ""
		case isBallots(names):
			return "", ballots
		case names.has("castvoterecord"):
			return ESS, ""
		case names.has("cvrid") && names.has("uniqueidentifier"):
			return "", scannedBallots
		case names.has("batchname") && names.has("numberofballots"), names.has("batchid") && names.has("numballots"):
			return "", "a ballot manifest"
		}
	}
	return "", "a table of another kind"
}

// headed is a word of the rows that name an export's columns.
var headed = regexp.MustCompile(`(?i)CvrNumber|TabulatorNum|Cast Vote Record|BallotID|CvrId`)

// delimiter is what stands most often between the fields of the line that names the columns, or of the first line: titles above may
// have none, or others.
func delimiter(text []byte) rune {
	text = text[:min(len(text), headBytes)]
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for l := range bytes.Lines(text) {
		if headed.Match(l) && bytes.ContainsAny(l, ",\t;") {
			line = l
			break
		}
	}
	best, most := ',', 0
	for _, c := range []rune{',', '\t', ';'} {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// columnName is a header's name without case, spaces, punctuation and the signs of a spreadsheet's formula.
func columnName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// HoldsRecords says whether a file is an export of cast-vote records, from its name and its first 256 KiB.
func HoldsRecords(name string, head []byte) bool {
	text := head
	if t, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), head[:len(head)&^1]); err == nil {
		text = t
	}
	kind, what := sniff(&entry{base: path.Base(filepath.ToSlash(name))}, head, bytes.TrimLeft(text, " \t\r\n"))
	return kind != "" || what == manifest || what == ballots || what == scannedBallots
}
