package batch

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/template"
)

func TestSplitReason(t *testing.T) {
	refusal := (&template.Refusal{Reason: template.NoStyle, Detail: "the print on this page fits no style; tried hard", Tried: []template.Tried{
		{Style: "D 4, page 1", Page: 1, Fit: 0.447}, {Style: "b", Page: 12, Fit: 1}}}).Error()
	simple := (&template.Refusal{Reason: template.WeakFit, Detail: "style a page 1 fits at 3 places only", Tried: []template.Tried{
		{Style: "a", Page: 1, Rotation: 180, Fit: 0.72}, {Style: "b c", Page: 2, Fit: 0.4449}}}).Error()
	for _, c := range []struct {
		name, reason, kind, sentence string
		tried                        []TriedPage
	}{
		{"a refusal as the template writes it", simple, "weak-fit", "style a page 1 fits at 3 places only", []TriedPage{{"a", 1, 72, 45}, {"b c", 2, 44, 45}}},
		{"a style's name with a comma: all of it stays", refusal, "no-style", refusal[len("no-style: "):], nil},
		{"a file that is none", `not-an-image: it starts with "nothing"`, "not-an-image", `it starts with "nothing"`, nil},
		{"one word", "unreadable", "unreadable", "unreadable", nil},
		{"nothing", "", "", "", nil},
		{"words without a type", "the sheet: its other page", "", "the sheet: its other page", nil},
		{"a list of other words", "x: y; tried this and that", "x", "y; tried this and that", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind, sentence, tried := SplitReason(c.reason)
			assert.Equal(t, c.kind, kind)
			assert.Equal(t, c.sentence, sentence)
			assert.Equal(t, c.tried, tried)
		})
	}
	assert.True(t, TriedPage{Fit: 45, Needed: 45}.Enough())
	assert.Contains(t, TriedPage{Fit: 44, Needed: 45}.Why(0), "too little")
	assert.Contains(t, TriedPage{Fit: 90, Needed: 45}.Why(0), "reason above")
	assert.Contains(t, TriedPage{Fit: 90, Needed: 45}.Why(1), "another")
}

func FuzzSplitReason(f *testing.F) {
	f.Add("no-style: the print fits none; tried a page 1 (fit 0.37), b page 2 (fit 0.11)")
	f.Add("; tried  page 9999 (fit 1.99)")
	f.Fuzz(func(t *testing.T, reason string) {
		_, sentence, tried := SplitReason(reason)
		assert.LessOrEqual(t, len(sentence), len(reason))
		for _, p := range tried {
			assert.NotEmpty(t, p.Style)
			assert.Less(t, p.Fit, 200)
		}
	})
}
