package audit

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// sameName says whether two names are the same, letter for letter. How accents are coded and what kind and number of spaces stand
// between words is not seen by a person who compares them, and does not count; case, punctuation and accents do.
func sameName(a, b string) bool {
	return a == b || (!tidy(a) || !tidy(b)) && spaced(a) == spaced(b)
}

// tidy says that a name is what spaced makes of it, which is cheap to see of the usual ones.
func tidy(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < ' ' || s[i] == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

func spaced(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }
