package election

import (
	"regexp"
	"strconv"
)

// A VotingWorks file made of AccuVote ballots names each style after the card number that the lowest row of its fronts
// prints: the two files of the corpus, and the codes on their blanks, agree.
var cardNumber = regexp.MustCompile(`^card-number-([0-9]{1,4})$`)

// The lowest row of an AccuVote front: 32 bits between the two end marks, the lowest beside the right one. Bit 31 is
// always a mark; bits 15 to 27 are the card number.
const (
	cardStart            = 31
	cardHighest, cardLow = 27, 15
)

// cardCode is the code that an AccuVote front of a style named after its card number must show; nil where the style is not
// named so. The row's other bits, the precinct and its checksum, are not in the file.
func cardCode(style string, g *Grid) *Code {
	m := cardNumber.FindStringSubmatch(style)
	if m == nil || len(g.Columns) != cardStart+3 {
		return nil
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n >= 1<<(cardHighest-cardLow+1) {
		return nil
	}
	b := &Bits{W: g.W, H: g.H, Ones: []int{0}}
	at := func(bit int) Place {
		return Place{X: g.Columns[cardStart+1-bit], Y: g.Rows[len(g.Rows)-1]}
	}
	b.Places = append(b.Places, at(cardStart))
	on := []bool{true}
	for bit := cardHighest; bit >= cardLow; bit-- {
		b.Places = append(b.Places, at(bit))
		on = append(on, n>>(bit-cardLow)&1 == 1)
	}
	return &Code{Kind: "bits", Value: b.Format(on), Bits: b}
}
