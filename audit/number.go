package audit

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// count reads a number of votes as people and spreadsheets write it: 1234, 1,234 or 1234.0. 1.000 is a thousand to some and one to
// others, and is no count.
func count(s string) (int, bool) {
	if whole, rest, ok := strings.Cut(s, "."); ok {
		if rest == "" || strings.Trim(rest, "0") != "" || len(rest) == 3 {
			return 0, false
		}
		s = whole
	}
	if groups := strings.Split(s, ","); len(groups) > 1 {
		for i, g := range groups {
			if i > 0 && len(g) != 3 || i == 0 && (len(g) < 1 || len(g) > 3) {
				return 0, false
			}
		}
		s = strings.Join(groups, "")
	}
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n <= maxCount
}

// trimmed is a field of a table without what spreadsheets put around it: ="12" is 12.
func trimmed(s string) string {
	s = strings.TrimSpace(s)
	if in, ok := strings.CutPrefix(s, `="`); ok {
		s = strings.TrimSpace(strings.TrimSuffix(in, `"`))
	}
	return s
}

// plain is a name without what people write in different ways: case, spaces, punctuation and diacritics.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
