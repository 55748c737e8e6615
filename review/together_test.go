package review

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/batch"
	"recount/cvr"
)

// say decides the target of a page's address and wants it taken.
func (b *browser) say(path, answer string, more ...string) {
	b.t.Helper()
	w := b.post("/decide", with(form(b.t, b.page(path), "decide"), append([]string{"answer", answer}, more...)...)...)
	require.Equal(b.t, http.StatusSeeOther, w.Code, w.Body)
}

// Who overrules another and takes that back leaves the other's decision as it was: the mark is not as read again.
func TestUndoGivesBackWhatAnotherSaid(t *testing.T) {
	s := serve(t, options(t))
	ann, bob := visit(t, s, "Ann"), visit(t, s, "Bob")
	path := ann.get("/next/questions").Header().Get("Location")
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"Bob overrules Ann", func() { ann.say(path, "vote"); bob.say(path, "none") }, "none by Bob"},
		{"Bob takes that back", func() { require.Equal(t, 303, bob.post("/undo").Code) }, "vote by Ann"},
		{"Ann overrules Bob, who had overruled Ann, and takes it back", func() {
			bob.say(path, "none")
			ann.say(path, "questionable")
			require.Equal(t, 303, ann.post("/undo").Code)
		}, "none by Bob"},
	} {
		c.do()
		in := s.standing.InForce()
		require.Len(t, in, 1, c.name)
		assert.Equal(t, c.want, in[0].Answer+" by "+in[0].Who, c.name)
	}
	done := 0
	for _, g := range s.groups(batch.KindQuestion) {
		done += g.Done
	}
	assert.Equal(t, 1, done, "it is not open")
}

// Who presses undo after somebody else decided the same is told, and no older decision of theirs is taken back in its place.
func TestUndoTakesNoOtherDecisionBack(t *testing.T) {
	s := serve(t, options(t))
	ann, bob := visit(t, s, "Ann"), visit(t, s, "Bob <b>")
	first := ann.get("/next/questions").Header().Get("Location")
	ann.say(first, "vote")
	second := ann.get("/next/questions").Header().Get("Location")
	ann.say(second, "vote")
	bob.say(second, "none")
	w := ann.post("/undo")
	assert.Equal(t, http.StatusConflict, w.Code)
	assert.Contains(t, w.Body.String(), "Bob &lt;b&gt; decided it since")
	assert.Len(t, s.standing.InForce(), 2, "nothing was taken back")
	_, n := s.Head()
	assert.Equal(t, 3, n)
}

// The word by which the log knows what was taken back is nobody's reason: such a decision could not be taken back.
func TestAReasonIsNotTheLogsOwnWord(t *testing.T) {
	s := serve(t, options(t))
	b := visit(t, s, "Ann")
	path := b.get("/next/questions").Header().Get("Location")
	fields := form(t, b.page(path), "decide")
	assert.Equal(t, http.StatusBadRequest, b.post("/decide", with(fields, "answer", "vote", "typed", " undone ")...).Code)
	require.Equal(t, http.StatusSeeOther, b.post("/decide", with(fields, "answer", "vote", "reason", undone)...).Code)
	require.Equal(t, http.StatusSeeOther, b.post("/undo").Code)
	assert.Empty(t, s.standing.InForce())
}

var filledIn = regexp.MustCompile(`name="b" value="([0-9.]+)">(?s:.*?)</select>`)

// A wall is filled in as it was read, but not where somebody decided: Enter would overrule them unseen.
func TestAWallLeavesWhatAnotherDecided(t *testing.T) {
	for people := 1; people <= 2; people++ {
		t.Run(fmt.Sprint(people), func(t *testing.T) {
			o := options(t)
			o.People = people
			s := serve(t, o)
			bobs := []*browser{visit(t, s, "Bob"), visit(t, s, "Cid")}[:people]
			ann := visit(t, s, "Ann")
			slot := busiest(s, func(l batch.Slot) int { return l.Vote })
			require.Greater(t, slot.Vote, 1)
			list, err := s.index.Wall(slot.ID, 2, true, nil, 1)
			require.NoError(t, err)
			for _, bob := range bobs {
				bob.say(fmt.Sprintf("/page/%d?target=%d", list[0].Page, list[0].Target+1), "none", "typed", "a smudge")
			}
			wall := fmt.Sprintf("/wall/%d?zone=2", slot.ID)
			fields := []string{"slot", fmt.Sprint(slot.ID), "zone", "2"}
			for _, m := range filledIn.FindAllStringSubmatch(ann.page(wall), -1) { // as Enter sends it
				answer := ""
				if strings.Contains(m[0], `value="vote" selected`) {
					answer = "vote"
				}
				fields = append(fields, "b", m[1], "a", answer)
			}
			require.Equal(t, http.StatusSeeOther, ann.post("/wall", fields...).Code)
			in := s.standing.Verdict(in(t, s, list[0]))
			require.Equal(t, cvr.Decided, in.State)
			assert.Equal(t, "none", in.Entry.Answer, "what was decided stands")
			_, n := s.Head()
			assert.Equal(t, people+slot.Vote-1, n, "the others are logged")
		})
	}
}

// in is the subject of a wall's target.
func in(t *testing.T, s *Server, w batch.WallTarget) string {
	t.Helper()
	p, err := s.index.PageByID(w.Page)
	require.NoError(t, err)
	return cvr.TargetSubject(p.Image, w.Target+1)
}

// The second of two who must agree finds nowhere what the first said: not when the first took it back, nor when others differ, nor in
// the log's file.
func TestTheSecondPersonFindsNothingOfTheFirst(t *testing.T) {
	words := "words of the first"
	for _, c := range []struct {
		name string
		say  func(ann, bob *browser, target, page string)
	}{
		{"said", func(ann, _ *browser, target, page string) {
			ann.say(target, "vote", "typed", words)
			ann.say(page, "", "typed", words)
		}},
		{"taken back", func(ann, _ *browser, target, page string) {
			ann.say(target, "vote", "typed", words)
			ann.say(page, "", "typed", words)
			require.Equal(ann.t, 303, ann.post("/undo").Code)
			require.Equal(ann.t, 303, ann.post("/undo").Code)
		}},
		{"disputed", func(ann, bob *browser, target, _ string) {
			ann.say(target, "vote", "typed", words)
			bob.say(target, "none", "typed", words)
		}},
		{"decided", func(ann, bob *browser, target, page string) {
			for _, b := range []*browser{ann, bob} {
				b.say(target, "vote", "typed", words)
				b.say(page, "", "typed", words)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t)
			o.People = 2
			s := serve(t, o)
			ann, bob, cid := visit(t, s, "Ann"), visit(t, s, "Bob"), visit(t, s, "Cid")
			target, page := ann.get("/next/questions").Header().Get("Location"), ann.get("/next/refused").Header().Get("Location")
			c.say(ann, bob, target, page)
			for _, path := range []string{target, page, "/log", "/log?all=1", "/pairs"} {
				assert.NotContains(t, cid.page(path), words, path)
			}
			assert.NotContains(t, cid.page("/log"), "<td>vote")
			w := cid.get("/log/decisions.jsonl")
			assert.Equal(t, http.StatusForbidden, w.Code)
			assert.NotContains(t, w.Body.String(), words)
		})
	}
}

// In a blind review a page that was refused says as little as one that was read.
func TestBlindHidesWhatOthersSaidOfAPage(t *testing.T) {
	o := options(t)
	o.Blind = true
	s := serve(t, o)
	ann, bob := visit(t, s, "Ann"), visit(t, s, "Bob")
	path := ann.get("/next/refused").Header().Get("Location")
	ann.say(path, "", "typed", "words of the first")
	p, err := s.index.PageByID(number(form(t, ann.page(path), "decide")[3], -1))
	require.NoError(t, err)
	for _, at := range []string{path, fmt.Sprintf("/enter/%d", p.ID), fmt.Sprintf("/print/%d", p.SheetID), "/log"} {
		assert.NotContains(t, bob.page(at), "words of the first", at)
	}
	assert.Equal(t, http.StatusForbidden, bob.get("/log/decisions.jsonl").Code)
	assert.Equal(t, http.StatusOK, ann.get("/log/decisions.jsonl").Code, "Ann said all of it")
	assert.Contains(t, ann.page(path), "words of the first")
}

// In a blind review no queue's order, group or address says what was read, and the machine's record waits until all of its contest is
// decided: it tells of every target.
func TestBlindSaysNothingByTheWay(t *testing.T) {
	o := options(t)
	o.Blind = true
	probe, err := New(o)
	require.NoError(t, err)
	rows, err := probe.index.Sheets(batch.SheetQuery{Outcome: "counted"}, 0, "", 3)
	require.NoError(t, err)
	pages, err := probe.index.PagesOf(rows[0].ID)
	require.NoError(t, err)
	targets := probe.election.Style(pages[0].Style).Page(pages[0].Number).Targets
	c := probe.election.Contest(targets[0].Contest)
	var machine audit.SheetComparison
	for _, kind := range []audit.DifferenceKind{audit.Wording, audit.Real, audit.Wording} {
		machine.Differences = append(machine.Differences, audit.SheetDifference{Sheet: rows[len(machine.Differences)].Name, Contest: audit.Label(probe.election, c), Kind: kind, Ours: "ours", Machine: "theirs, to be hidden"})
	}
	machine.Kinds = map[audit.DifferenceKind]int{audit.Wording: 2, audit.Real: 1}
	require.NoError(t, probe.Close())
	o.Machine = &machine
	s := serve(t, o)
	b := visit(t, s, "Ann")

	list := b.page("/differences")
	assert.NotContains(t, list, string(audit.Wording))
	assert.NotContains(t, list, string(audit.Real))
	assert.Less(t, strings.Index(list, rows[0].Name), strings.Index(list, rows[1].Name))
	assert.Less(t, strings.Index(list, rows[1].Name), strings.Index(list, rows[2].Name), "sheet by sheet, not kind by kind")

	first := b.get("/next/differences").Header().Get("Location")
	assert.Contains(t, first, fmt.Sprintf("/page/%d?", pages[0].ID))
	assert.Equal(t, "1", query(t, first).Get("target"), "the contest's first target, whatever was read")
	for i, target := range targets {
		if target.Contest != c.ID {
			continue
		}
		page := b.page(fmt.Sprintf("/page/%d?target=%d", pages[0].ID, i+1))
		assert.NotContains(t, page, "theirs, to be hidden", "target %d is not decided", i+1)
		b.say(fmt.Sprintf("/page/%d?target=%d", pages[0].ID, i+1), "none")
	}
	assert.Contains(t, b.page(fmt.Sprintf("/page/%d?target=1", pages[0].ID)), "theirs, to be hidden")

	for _, kind := range []batch.Kind{batch.KindNear, batch.KindQuestion} {
		whole := b.page("/queue/" + string(kind))
		for _, g := range s.index.Groups(kind) {
			assert.NotContains(t, whole, fmt.Sprintf("group=%d", g.ID))
			same := b.page(fmt.Sprintf("/queue/%s?group=%d", kind, g.ID))
			assert.True(t, whole == same, "%s: asking for a group tells nothing", kind)
		}
	}

	row, err := s.index.Sheets(batch.SheetQuery{Outcome: "questions"}, 0, "", 1)
	require.NoError(t, err)
	require.Len(t, row, 1)
	for _, path := range []string{"/sheets?name=" + url.QueryEscape(row[0].Name), "/sample?seed=1&n=16", fmt.Sprintf("/sheet/%d", row[0].ID), fmt.Sprintf("/print/%d", row[0].ID)} {
		page := b.page(path)
		assert.Contains(t, page, "counted", path)
		assert.NotRegexp(t, `questions?(able)?: `, page, path)
		assert.NotContains(t, page, "<td>questions", path)
	}

	questions, err := s.items(batch.KindQuestion, 0, false, batch.After{}, 50)
	require.NoError(t, err)
	for _, i := range questions {
		page := b.page(fmt.Sprintf("/page/%d", i.Page))
		at := form(t, page, "decide")
		for k := 0; k < len(at); k += 2 {
			if at[k] == "target" {
				p, err := s.index.PageByID(i.Page)
				require.NoError(t, err)
				want := cvr.TargetSubject(p.Image, int(number(at[k+1], 0)))
				v := s.verdict(want)
				assert.Nil(t, mine(&v, "Ann"))
				for n := 1; n < int(number(at[k+1], 0)); n++ {
					v := s.verdict(cvr.TargetSubject(p.Image, n))
					assert.NotNil(t, mine(&v, "Ann"), "the first that Ann has not decided comes up, not the one in question")
				}
			}
		}
	}
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.Query()
}

// Where the list of what is open cannot be written, on a full disk, what is in the log stands for the server too.
func TestTheLogStandsWhereTheIndexFails(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	items, err := s.items(batch.KindQuestion, 0, false, batch.After{}, 3)
	require.NoError(t, err)
	require.Len(t, items, 3)
	var drafts []draft
	for _, i := range items {
		p, err := s.index.PageByID(i.Page)
		require.NoError(t, err)
		seen, err := s.target(p, i.Target+1, "Ann")
		require.NoError(t, err)
		e := cvr.LogEntry{Who: "Ann", Image: p.Image, Answer: "vote"}
		seen.fill(&e, p)
		drafts = append(drafts, draft{entry: e})
	}
	require.NoError(t, s.index.Close())
	_, _, err = s.decide(drafts)
	require.ErrorContains(t, err, "is in the log")
	assert.Len(t, s.standing.InForce(), 3)
	_, n := s.Head()
	assert.Equal(t, 3, n)
	assert.Contains(t, b.page("/help"), "3 decisions in the log")
	assert.Equal(t, 3, s.standing.Verdict(drafts[2].entry.Subject()).Version)
}

// Many decide, overrule, take back and look, all at once: what the server holds is what its log says, and the queues are what is open.
func TestManyAtOnce(t *testing.T) {
	for people := 1; people <= 2; people++ {
		t.Run(fmt.Sprint(people), func(t *testing.T) {
			o := options(t)
			o.People = people
			s := serve(t, o)
			items, err := s.items(batch.KindQuestion, 0, false, batch.After{}, 6)
			require.NoError(t, err)
			var wait sync.WaitGroup
			for n := range 6 {
				b := visit(t, s, fmt.Sprint("Reader ", n/2)) // each sits at two browsers
				wait.Add(1)
				go func() {
					defer wait.Done()
					dice := rand.New(rand.NewPCG(uint64(n), 1))
					for range 40 {
						i := items[dice.IntN(len(items))]
						path := fmt.Sprintf("/page/%d?target=%d", i.Page, i.Target+1)
						switch dice.IntN(5) {
						case 0:
							if code := b.post("/undo").Code; code != 303 && code != 400 && code != 409 {
								t.Error("undo: ", code)
							}
						case 1:
							for _, look := range []string{"/", "/log", "/queue/questions", path} {
								if code := b.get(look).Code; code != 200 {
									t.Error(look, code)
								}
							}
						default:
							w := b.post("/decide", with(form(t, b.get(path).Body.String(), "decide"), "answer", []string{"vote", "none"}[dice.IntN(2)])...)
							if w.Code != 303 && w.Code != 409 {
								t.Error("decide: ", w.Code)
							}
						}
					}
				}()
			}
			wait.Wait()
			l, err := cvr.LoadLog(o.Log)
			require.NoError(t, err)
			require.Greater(t, len(l.Entries), 20)
			again := cvr.NewStanding(l)
			assert.Equal(t, again.InForce(), s.standing.InForce())
			done := 0
			for _, g := range s.groups(batch.KindQuestion) {
				done += g.Done
			}
			assert.Len(t, again.InForce(), done)
		})
	}
}

// A log that somebody moves while people decide takes no decision with it.
func TestAMovedLogIsToldAtOnce(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	path := b.get("/next/questions").Header().Get("Location")
	fields := with(form(t, b.page(path), "decide"), "answer", "vote")
	require.NoError(t, os.Rename(o.Log, o.Log+".copy"))
	w := b.post("/decide", fields...)
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.Contains(t, w.Body.String(), "does not stand")
	require.NoError(t, os.Rename(o.Log+".copy", o.Log))
	require.Equal(t, http.StatusSeeOther, b.post("/decide", fields...).Code)
}
