package author

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/xrash/smetrics"
	"golang.org/x/text/unicode/norm"
)

// minAlike is how alike a printed word must be to a word of a name to be taken for it, 0 to 1: one letter in four may differ,
// as Tesseract reads small print.
const minAlike = 0.74

// asides are remarks in brackets: a party, a nickname. They are left out of a name that has more to it.
var asides = regexp.MustCompile(`\([^()]*\)`)

// unsaid are words of a list's names that ballots print otherwise or not at all.
var unsaid = map[string]bool{"and": true, "for": true, "the": true, "of": true, "y": true, "vote": true}

// tokensOf takes a text apart into words of small letters without accents and digits.
func tokensOf(s string) []string {
	s = strings.ToLower(norm.NFKD.String(s))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, s)
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// nameTokens are the words by which a choice's or a contest's name is looked for on the page.
func nameTokens(name string) []string {
	all := tokensOf(asides.ReplaceAllString(name, " "))
	if len(all) == 0 {
		all = tokensOf(name)
	}
	var out []string
	for _, t := range all {
		if !unsaid[t] {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// telling says how much each word of a page's names tells: a word of n different names, a family's or "Choice", a n-th.
func telling(names [][]string) map[string]float64 {
	of := map[string]map[string]bool{}
	for _, name := range names {
		for _, t := range name {
			if of[t] == nil {
				of[t] = map[string]bool{}
			}
			of[t][strings.Join(name, " ")] = true
		}
	}
	out := map[string]float64{}
	for t, in := range of {
		out[t] = float64(max(2, len(t))) / float64(len(in))
	}
	return out
}

// likeness says how alike words are, remembering what was asked: a page has few words and they are compared often.
type likeness map[[2]string]float64

// of is how alike a word of a name and a printed word are, 0 to 1; 0 for less than minAlike. Short words must be equal.
func (m likeness) of(token, printed string) float64 {
	if token == printed {
		return 1
	}
	n, p := len([]rune(token)), len([]rune(printed))
	if n < 4 || p < n-n/4 {
		return 0
	}
	if p > n+n/4 { // words that the reader ran together
		if strings.Contains(printed, token) {
			return 0.95
		}
		return 0
	}
	key := [2]string{token, printed}
	v, ok := m[key]
	if !ok {
		v = 1 - float64(smetrics.WagnerFischer(token, printed, 1, 1, 1))/float64(max(len(token), len(printed)))
		if v < minAlike {
			v = 0
		}
		m[key] = v
	}
	return v
}

// share is how much of a name's words stands among printed words, 0 to 1, each word by what it tells.
func (m likeness) share(name []string, printed []printedToken, tells map[string]float64) float64 {
	got, all := 0.0, 0.0
	for _, t := range name {
		best := 0.0
		for _, p := range printed {
			best = max(best, p.weight*m.of(t, p.token))
		}
		n := tells[t]
		got, all = got+n*best, all+n
	}
	if all == 0 {
		return 0
	}
	return got / all
}

// printedToken is a word printed near a target, and how much it counts there, 0 to 1.
type printedToken struct {
	token  string
	weight float64
}
