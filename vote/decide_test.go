package vote

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"recount/marks"
)

func TestDecide(t *testing.T) {
	good := marks.Mark{Outline: 9000, Dark: 9000, Spread: 9000}
	with := func(change func(*marks.Mark)) marks.Mark {
		m := good
		change(&m)
		return m
	}
	for _, row := range []struct {
		name   string
		mark   marks.Mark
		answer Answer
		reason string
	}{
		{"empty", good, None, ""},
		{"just under none", with(func(m *marks.Mark) { m.Fill = 299 }), None, ""},
		{"just not none", with(func(m *marks.Mark) { m.Fill = 300 }), Questionable, "small mark: 3.0 % filled, between none (3.0 %) and vote (12.0 %)"},
		{"just under vote", with(func(m *marks.Mark) { m.Fill = 1199 }), Questionable, "small mark: 11.9 % filled, between none (3.0 %) and vote (12.0 %)"},
		{"just a vote", with(func(m *marks.Mark) { m.Fill = 1200 }), Vote, ""},
		{"full", with(func(m *marks.Mark) { m.Fill = 10000 }), Vote, ""},
		{"circled", with(func(m *marks.Mark) { m.Around = 2500 }), Questionable, "mark outside: the target is empty, 25.0 % of the ring around it is marked"},
		{"overfilled", with(func(m *marks.Mark) { m.Fill, m.Around = 9000, 2500 }), Vote, ""},
		{"a hole or a blot", with(func(m *marks.Mark) { m.Fill, m.Around = 9000, 6000 }), Questionable, "blot: 90.0 % of the target and 60.0 % of the ring around it are dark"},
		{"shaded by the lightest pencil", with(func(m *marks.Mark) { m.Fill, m.Shade = 200, 1500 }), Questionable, "faint mark: no ink, but the inside is 15.0 % darker than the paper around it"},
		{"filled and crossed over", with(func(m *marks.Mark) { m.Fill, m.Arms = 9000, 0b01010101 }), Questionable, "crossed out?: 90.0 % filled, and strokes reach well beyond it on 4 sides"},
		{"filled and struck through", with(func(m *marks.Mark) { m.Fill, m.Arms, m.Around = 9000, 0b00100100, 400 }), Questionable, "crossed out?: 90.0 % filled, and strokes reach well beyond it on 2 sides"},
		{"filled, the pen slipped", with(func(m *marks.Mark) { m.Fill, m.Arms, m.Around = 9000, 0b00000100, 400 }), Vote, ""},
		{"an eraser's rest, dithered", with(func(m *marks.Mark) { m.Fill, m.Largest = 2392, 207 }), Questionable, "faint mark: 23.9 % filled, but by grains and no stroke (the largest: 2.0 %)"},
		{"a stroke and grains", with(func(m *marks.Mark) { m.Fill, m.Largest = 2392, 700 }), Vote, ""},
		{"X", with(func(m *marks.Mark) { m.Fill = 2500 }), Vote, ""},
		{"X that flies off at one end", with(func(m *marks.Mark) { m.Fill, m.Arms = 2500, 0b00001000 }), Vote, ""},
		{"a number printed over it", with(func(m *marks.Mark) { m.Fill, m.Arms = 2500, 0b00001001 }), Questionable, "ink runs on: 25.0 % filled by ink that goes on to both sides, as a number printed over it does"},
		{"a great X", with(func(m *marks.Mark) { m.Fill, m.Arms = 2500, 0b01010101 }), Questionable, "crossed out?: 25.0 % filled, and strokes reach well beyond it on 4 sides"},
		{"grain", with(func(m *marks.Mark) { m.Shade = 300 }), None, ""},
		{"faint", with(func(m *marks.Mark) { m.Fill, m.Dark = 5000, 3699 }), Questionable, "faint mark: 50.0 % filled, but only 36.9 % as dark as the print"},
		{"filled by a pale pencil", with(func(m *marks.Mark) { m.Fill, m.Dark, m.Shade = 7000, 3300, 2600 }), Vote, ""},
		{"the palest, of which a part counts as ink", with(func(m *marks.Mark) { m.Fill, m.Dark, m.Shade = 700, 3100, 2400 }), Vote, ""},
		{"pale, and not filled", with(func(m *marks.Mark) { m.Fill, m.Dark, m.Shade = 6000, 3300, 2200 }), Questionable, "faint mark: 60.0 % filled, but only 33.0 % as dark as the print"},
		{"pale, and the paper around it too", with(func(m *marks.Mark) { m.Fill, m.Dark, m.Shade, m.Around = 7000, 3300, 2600, 400 }), Questionable, "faint mark: 70.0 % filled, but only 33.0 % as dark as the print"},
		{"pale, before a target of the other side", with(func(m *marks.Mark) { m.Fill, m.Dark, m.Shade, m.Back = 7000, 3300, 2600, 10000 }), Questionable, "faint mark: 70.0 % filled, but only 33.0 % as dark as the print"},
		{"outline not found, empty", with(func(m *marks.Mark) { m.Outline = 4499 }), Questionable, "outline not found: 44.9 % of it, 45.0 % is asked for"},
		{"outline not found, half filled", with(func(m *marks.Mark) { m.Outline, m.Fill = 0, 5000 }), Questionable, "outline not found: 0.0 % of it, 45.0 % is asked for"},
		{"outline not found, full", with(func(m *marks.Mark) { m.Outline, m.Fill = 0, 6000 }), Vote, ""},
		{"streak over a full target", with(func(m *marks.Mark) { m.Damage, m.Fill = "streak", 9000 }), Questionable, "damage: streak, which runs through the target and on; 90.0 % of it is dark"},
		{"fold over an empty target", with(func(m *marks.Mark) { m.Damage, m.Fill = "fold", 299 }), None, ""},
		{"a number printed over it", with(func(m *marks.Mark) { m.Fill, m.Around, m.Arms = 2660, 1311, 0b10000001 }), Questionable, "ink runs on: 26.6 % of the target and 13.1 % of the ring around it are dark, as where a number is printed over it"},
		{"two digits printed over it", with(func(m *marks.Mark) { m.Fill, m.Pieces, m.Largest, m.Arms = 2587, 3, 1267, 0b00010000 }), Questionable, "ink in pieces: 25.8 % filled by 3 pieces, the largest 12.6 %, which go on beyond it, as a number printed over it does"},
		{"three strokes within the outline", with(func(m *marks.Mark) { m.Fill, m.Pieces, m.Largest = 3060, 3, 1550 }), Vote, ""},
		{"two strokes apart", with(func(m *marks.Mark) { m.Fill, m.Pieces, m.Largest = 2587, 2, 1300 }), Vote, ""},
		{"filled by strokes apart", with(func(m *marks.Mark) { m.Fill, m.Pieces, m.Largest = 5000, 3, 2000 }), Vote, ""},
		{"the edge of a hole over half of it", with(func(m *marks.Mark) { m.Fill, m.Outline = 1269, 7098 }), Questionable, "outline not found: 70.9 % of it, 90.0 % is asked for around a mark that hides so little (12.6 % filled)"},
		{"a tick that hides little of it", with(func(m *marks.Mark) { m.Fill, m.Outline = 1269, 9000 }), Vote, ""},
		{"its own outline off its place", with(func(m *marks.Mark) { m.Fill, m.Outline, m.Spread = 1358, 7704, 9657 }), Questionable, "outline not found: 77.0 % of it, 90.0 % is asked for around a mark that hides so little (13.5 % filled)"},
		{"a black hole over all of it", with(func(m *marks.Mark) { m.Fill, m.Around = 10000, 2219 }), Questionable, "blot: 100.0 % of the target and 22.1 % of the ring around it are dark"},
		{"filled with a thick pen, some white left", with(func(m *marks.Mark) { m.Fill, m.Around = 9746, 2535 }), Vote, ""},
		{"a hair", with(func(m *marks.Mark) { m.Fill, m.Spread, m.Arms = 1375, 9256, 0b10000000 }), Questionable, "thin line: 13.7 % filled by a line over 92.5 % of its width which goes on beyond, thinner than a pen's, as a hair is"},
		{"a hair over a part", with(func(m *marks.Mark) { m.Fill, m.Spread, m.Arms = 1282, 8378, 0b10000000 }), Questionable, "thin line: 12.8 % filled by a line over 83.7 % of its width which goes on beyond, thinner than a pen's, as a hair is"},
		{"a fine pen's line", with(func(m *marks.Mark) { m.Fill, m.Spread, m.Arms = 1800, 9256, 0b10000000 }), Vote, ""},
		{"a light tick that overshoots", with(func(m *marks.Mark) { m.Fill, m.Spread, m.Arms = 1375, 5000, 0b00000100 }), Vote, ""},
		{"the legs of a cross, that touch the outline", with(func(m *marks.Mark) { m.Fill, m.Pieces, m.Largest, m.Around = 3110, 4, 1550, 661 }), Vote, ""},
		{"digits in bits, that touch the outline", with(func(m *marks.Mark) { m.Fill, m.Pieces, m.Largest, m.Around = 1854, 8, 664, 446 }), Questionable, "ink in pieces: 18.5 % filled by 8 pieces, the largest 6.6 %, which go on beyond it, as a number printed over it does"},
		{"light pencil under a streak", with(func(m *marks.Mark) { m.Damage, m.Fill, m.Shade = "streak", 294, 1800 }), Questionable, "damage: streak, which runs through the target and on; 2.9 % of it is dark"},
		{"covered, with an empty target of another sheet", with(func(m *marks.Mark) { m.Damage, m.Fill = marks.Covered, 0 }), Questionable, "covered: the print beside the target is hidden, or is not this style's"},
		{"covered, with a full one", with(func(m *marks.Mark) { m.Damage, m.Fill = marks.Covered, 9000 }), Questionable, "covered: the print beside the target is hidden, or is not this style's"},
		{"full, where nothing holds the mapping", with(func(m *marks.Mark) { m.Damage, m.Fill, m.Outline = marks.Unheld, 9000, 3000 }), Questionable, "position: nothing printed near the target was found where it should be, and only 30.0 % of its outline"},
		{"fold, outline not found", with(func(m *marks.Mark) { m.Damage, m.Outline = "fold", 100 }), Questionable, "damage: fold, which runs through the target and on; 0.0 % of it is dark"},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer, reason := Decide(row.mark, DefaultLimits())
			assert.Equal(t, row.answer, answer)
			assert.Equal(t, row.reason, reason)
		})
	}
	dots := DefaultLimits()
	dots.SpreadMin = 3000
	answer, reason := Decide(with(func(m *marks.Mark) { m.Fill, m.Spread = 1300, 2500 }), dots)
	assert.Equal(t, Questionable, answer)
	assert.Equal(t, "dot: the mark reaches over 25.0 % of the target's width", reason)
}

func scores() *rapid.Generator[marks.Score] {
	return rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 10000), func(n int) marks.Score { return marks.Score(n) }),
		rapid.SampledFrom([]marks.Score{0, 299, 300, 1199, 1200, 2499, 2500, 4499, 4500, 5999, 6000, 10000}),
	)
}

func anyMark() *rapid.Generator[marks.Mark] {
	return rapid.Custom(func(t *rapid.T) marks.Mark {
		return marks.Mark{
			Fill: scores().Draw(t, "fill"), Outline: scores().Draw(t, "outline"), Around: scores().Draw(t, "around"),
			Dark: scores().Draw(t, "dark"), Spread: scores().Draw(t, "spread"),
			Damage: rapid.SampledFrom([]string{"", "", "streak", "fold", marks.Covered, marks.Unheld}).Draw(t, "damage"),
		}
	})
}

func TestDecideProperties(t *testing.T) {
	l := DefaultLimits()
	rapid.Check(t, func(t *rapid.T) {
		m := anyMark().Draw(t, "mark")
		answer, reason := Decide(m, l)
		assert.Equal(t, answer == Questionable, reason != "", "a question, and only a question, says why")
		if m.Damage != "" {
			assert.NotEqual(t, Vote, answer, "damage is never a vote")
		}
		if m.Outline < l.MinOutline {
			assert.NotEqual(t, None, answer, "none needs the outline")
		}
		// A second scan of one mark, a little different, never turns a vote into none or back (VVSG 2.0 1.1.6-K).
		again := m
		again.Fill = min(max(0, m.Fill+marks.Score(rapid.IntRange(-800, 800).Draw(t, "jitter"))), 10000)
		other, _ := Decide(again, l)
		assert.False(t, answer == Vote && other == None || answer == None && other == Vote, "%v and %v", m, again)
	})
}

func TestLimitsValidate(t *testing.T) {
	require.NoError(t, DefaultLimits().Validate())
	for _, row := range []struct {
		name   string
		change func(*Limits)
		want   string
	}{
		{"no band", func(l *Limits) { l.NoneFill = l.VoteFill }, "none_fill (0.1200) must be less than vote_fill"},
		{"zero", func(l *Limits) { *l = Limits{} }, "vote_fill is 0"},
		{"too large", func(l *Limits) { l.MinOutline = 10001 }, "min_outline is 10001"},
		{"negative", func(l *Limits) { l.DarkMin = -1 }, "dark_min is -1"},
		{"overwhelming less than a vote", func(l *Limits) { l.OverwhelmFill = 1000 }, "overwhelm_fill"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := DefaultLimits()
			row.change(&l)
			assert.ErrorContains(t, l.Validate(), row.want)
		})
	}
}
