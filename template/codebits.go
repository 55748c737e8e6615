package template

import (
	"fmt"
	"math/bits"
)

// The 32 bits of an AccuVote-OS page, lowest at the right (the table is in OpenCount's and VotingWorks' sources, which agree;
// the codes of the real scans in the corpus hold to it).
//
//	front: 0-1 ones of bits 2-31 modulo 4; 2-14 precinct; 15-27 card; 28-30 sequence; 31 always 1
//	back:  0-4 day; 5-8 month; 9-15 year of the century; 16-20 election type, A = 0; 21-31 always 01111011110
const backEnder = 0b01111011110

// accuVote is the meaning of a page's 32 bits.
type accuVote struct {
	back                     bool
	precinct, card, sequence uint32 // of a front; the sequence has three bits, 28 among them
	day, month, year         uint32 // of a back
	kind                     byte   // the back's election type, 'A' and up
}

// decodeAccuVote reads the bits. ok is false where they pass neither side's check, or both.
func decodeAccuVote(v uint32) (a accuVote, ok bool) {
	front := v>>31 == 1 && uint32(bits.OnesCount32(v>>2)%4) == v&3
	back := v>>21 == backEnder
	switch {
	case front == back: // neither, or (which the ender's own top bit should prevent) one that could be either
		return accuVote{}, false
	case front:
		return accuVote{precinct: v >> 2 & 0x1FFF, card: v >> 15 & 0x1FFF, sequence: v >> 28 & 7}, true
	default:
		return accuVote{back: true, day: v & 31, month: v >> 5 & 15, year: v >> 9 & 127, kind: 'A' + byte(v>>16&31)}, true
	}
}

// String says what is printed: "card 3 precinct 56 sequence 0", or a back's "back of 2022-07-12 type G".
func (a accuVote) String() string {
	if a.back {
		return fmt.Sprintf("back of 20%02d-%02d-%02d type %c", a.year, a.month, a.day, a.kind)
	}
	return fmt.Sprintf("card %d precinct %d sequence %d", a.card, a.precinct, a.sequence)
}
