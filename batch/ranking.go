package batch

import (
	"strconv"
	"strings"

	"recount/election"
	"recount/vote"
)

// rankingText writes a ranked contest's ranks by choice IDs, which hold none of the signs used: "1=ann;2=;3=bob+cid?". Empty
// where the contest is not ranked.
func rankingText(c *vote.Contest) string {
	var ranks []string
	for _, r := range c.Ranking {
		var who []string
		who = append(who, r.Marked...)
		for _, id := range r.Doubt {
			who = append(who, id+"?")
		}
		ranks = append(ranks, strconv.Itoa(r.Rank)+"="+strings.Join(who, "+"))
	}
	return strings.Join(ranks, ";")
}

// rankFaults names the ranks that are skipped, overvoted, or hold a choice that has a rank before.
func rankFaults(c *vote.Contest) string {
	var over, again []int
	for _, r := range c.Ranking {
		if r.Overvoted {
			over = append(over, r.Rank)
		}
		if len(r.Repeated) > 0 {
			again = append(again, r.Rank)
		}
	}
	var out []string
	for _, f := range []struct {
		name  string
		ranks []int
	}{{"skipped", c.Skipped()}, {"overvoted", over}, {"repeated", again}} {
		var n []string
		for _, r := range f.ranks {
			n = append(n, strconv.Itoa(r))
		}
		if len(n) > 0 {
			out = append(out, f.name+"="+strings.Join(n, "+"))
		}
	}
	return strings.Join(out, ";")
}

// rankSigns are the signs of a ranking, which a name may hold as well.
var rankSigns = strings.NewReplacer(`\`, `\\`, ";", `\;`, "+", `\+`, "=", `\=`, "?", `\?`)

// namedRanking writes a ranking with the choices' names for their IDs.
func namedRanking(c *election.Contest, text string) string {
	if text == "" {
		return ""
	}
	count := map[string]int{}
	for i := range c.Choices {
		count[c.Choices[i].Name]++
	}
	name := func(id string) string {
		ch := c.Choice(id)
		if ch == nil {
			return id
		}
		if count[ch.Name] > 1 {
			return rankSigns.Replace(ch.Name + " [" + ch.ID + "]")
		}
		return rankSigns.Replace(ch.Name)
	}
	var out []string
	for _, r := range strings.Split(text, ";") {
		rank, list, _ := strings.Cut(r, "=")
		var who []string
		if list != "" {
			for _, id := range strings.Split(list, "+") {
				plain := strings.TrimSuffix(id, "?")
				who = append(who, name(plain)+id[len(plain):])
			}
		}
		out = append(out, rank+"="+strings.Join(who, "+"))
	}
	return strings.Join(out, ";")
}

// rankOf is a target's rank as a table has it.
func rankOf(t election.Target) string {
	if t.Rank == 0 {
		return ""
	}
	return strconv.Itoa(t.Rank)
}
