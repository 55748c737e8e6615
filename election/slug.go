package election

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSlug bounds a slug in letters, so that an ID with its number stays readable and inside the schema's 120.
const maxSlug = 60

// Slug makes a readable ID of a printed text: lower case, accents off, everything but letters and digits one hyphen. It is
// "x" where nothing is left. The same text gives the same slug.
func Slug(text string) string {
	var b strings.Builder
	n, gap := 0, false
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.M, r) || r == '\'' || r == '’':
			continue // accents, and the apostrophe of O'Brien
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = n > 0
			continue
		}
		if n >= maxSlug {
			break
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(unicode.ToLower(r))
		n++
	}
	if n == 0 {
		return "x"
	}
	return norm.NFC.String(b.String())
}

// slugs hands out IDs, each once: the second of one slug gets -2. IDs follow the order of asking, so that rows added at
// the end of a list change none before them.
type slugs map[string]bool

func (s slugs) next(text string) string {
	slug := Slug(text)
	id := slug
	for n := 2; s[id]; n++ {
		id = slug + "-" + strconv.Itoa(n)
	}
	s[id] = true
	return id
}
