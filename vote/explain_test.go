package vote

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"recount/marks"
)

func TestExplain(t *testing.T) {
	l := DefaultLimits()
	tests := []struct {
		name string
		mark marks.Mark
		want string
	}{
		{"empty", marks.Mark{Outline: 9810}, "none: 0.0 % of the inside is inked (none is below 3.0 %, a vote 12.0 % and more); 0.0 % of the ring around it is inked; " +
			"98.1 % of the printed outline was found (45.0 % is asked for)."},
		{"full", marks.Mark{Outline: 10000, Fill: 8000, Dark: 9000, Spread: 9900, Pieces: 1}, "vote: 80.0 % of the inside is inked (none is below 3.0 %, a vote 12.0 % and more), " +
			"90.0 % as dark as the print, in one piece over 99.0 % of the target's width; 0.0 % of the ring around it is inked; 100.0 % of the printed outline was found (45.0 % is asked for)."},
		{"small", marks.Mark{Outline: 10000, Fill: 700, Dark: 9000, Spread: 2000, Pieces: 2}, "questionable: small mark: 7.0 % filled, between none (3.0 %) and vote (12.0 %). Measured: 7.0 % of the inside is inked " +
			"(none is below 3.0 %, a vote 12.0 % and more), 90.0 % as dark as the print, in 2 pieces over 20.0 % of the target's width; 0.0 % of the ring around it is inked; " +
			"100.0 % of the printed outline was found (45.0 % is asked for)."},
		{"hidden outline", marks.Mark{Fill: 9000, Dark: 9000, Spread: 10000, Pieces: 1}, "but a mark of 60.0 % and more hides it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Reading{Mark: tt.mark}
			r.Answer, r.Reason = Decide(r.Mark, l)
			assert.Contains(t, Explain(nil, &r, l), tt.want)
		})
	}
}

// The sentence always names the answer first, and the reason of the outputs with it.
func TestExplainHoldsTheReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scores()
		r := Reading{Mark: marks.Mark{Fill: s.Draw(t, "fill"), Outline: s.Draw(t, "outline"), Around: s.Draw(t, "around"), Dark: s.Draw(t, "dark")}}
		r.Answer, r.Reason = Decide(r.Mark, DefaultLimits())
		text := Explain(nil, &r, DefaultLimits())
		assert.True(t, strings.HasPrefix(text, string(r.Answer)+": "))
		assert.Contains(t, text, r.Reason)
	})
}
