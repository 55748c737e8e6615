package cvr

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

type (
	// dominionNames is what the manifests beside an export name, by Id.
	dominionNames struct {
		inOrder                            []dominionItem // the candidates
		contests                           map[int]dominionItem
		candidates                         map[int]dominionItem
		parties, precincts, styles, groups map[int]string
		overvoted, invalid                 int // Ids of outstack conditions
		loaded                             bool
	}
	dominionItem struct {
		Description text     `json:"Description"`
		ID          number   `json:"Id"`
		VoteFor     number   `json:"VoteFor"`
		Ranks       number   `json:"NumOfRanks"`
		Contest     number   `json:"ContestId"`
		Type        text     `json:"Type"`
		Parties     []number `json:"Affiliations"`
	}
)

// dominionNames reads the manifests that lie beside an export.
func (x *Export) dominionNames(e *entry) (*dominionNames, error) {
	if n := x.manifests[e.folder]; n != nil {
		return n, nil
	}
	n := &dominionNames{contests: map[int]dominionItem{}, candidates: map[int]dominionItem{}, overvoted: 5, invalid: 7}
	read := func(base string) ([]dominionItem, error) { return x.manifest(e, base) }
	text := func(base string) (map[int]string, error) {
		items, err := read(base)
		out := map[int]string{}
		for _, it := range items {
			out[it.ID.n] = string(it.Description)
		}
		return out, err
	}
	var err error
	keep := func(got map[int]string, e error) map[int]string { err = errors.Join(err, e); return got }
	c, err1 := read("ContestManifest.json")
	k, err2 := read("CandidateManifest.json")
	err = errors.Join(err1, err2)
	n.parties = keep(text("PartyManifest.json"))
	n.precincts = keep(text("PrecinctPortionManifest.json"))
	n.styles = keep(text("BallotTypeManifest.json"))
	n.groups = keep(text("CountingGroupManifest.json"))
	for id, name := range keep(text("OutstackConditionManifest.json")) {
		switch name {
		case "Overvote":
			n.overvoted = id
		case "InvalidContest":
			n.invalid = id
		}
	}
	if err != nil {
		return nil, err
	}
	if n.loaded = c != nil && k != nil; n.loaded {
		for _, it := range c {
			n.contests[it.ID.n] = it
		}
		for _, it := range k {
			n.candidates[it.ID.n] = it
		}
		n.inOrder = k
	} else {
		x.note("%s: ContestManifest.json and CandidateManifest.json are not beside it: contests and candidates have numbers for names", e.name)
	}
	if x.manifests == nil {
		x.manifests = map[string]*dominionNames{}
	}
	x.manifests[e.folder] = n
	return n, nil
}

// manifest reads one manifest in its order, or gives nil where there is none. A file given alone finds those of its folder.
func (x *Export) manifest(e *entry, base string) ([]dominionItem, error) {
	var found *entry
	for i := range x.sources.entries {
		if o := &x.sources.entries[i]; o.folder == e.folder && o.base == base {
			found = o
		}
	}
	if found == nil && e.given {
		name := filepath.Join(filepath.FromSlash(e.folder), base)
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() {
			found = &entry{name: filepath.ToSlash(name), base: base, open: func() (io.ReadCloser, error) { return os.Open(name) }}
		}
	}
	if found == nil {
		return nil, nil
	}
	r, err := found.open()
	if err != nil {
		return nil, unreadable(found, err)
	}
	defer r.Close()
	out := []dominionItem{}
	s := newJSONStream(found, r)
	err = s.object(func(key string) error {
		if key != "List" {
			return s.skip(key)
		}
		return s.array(key, func(where string) error {
			var it dominionItem
			if err := s.value(where, &it); err != nil {
				return err
			}
			if len(out) >= maxChoices {
				return s.fail(where, full{fmt.Sprintf("more than %d entries", maxChoices)})
			}
			if it.ID.set {
				out = append(out, it)
			}
			return nil
		})
	})
	return out, err
}

// choice is a candidate on a party's line. Only a candidate of several parties has more than one line.
func (n *dominionNames) choice(item dominionItem, line number) RosterChoice {
	ch := RosterChoice{ID: strconv.Itoa(item.ID.n), Name: string(item.Description), WriteIn: item.Type == "WriteIn"}
	if len(item.Parties) == 1 {
		line = item.Parties[0]
	}
	if len(item.Parties) > 0 {
		ch.Party = n.parties[line.n]
	}
	return ch
}

// dominionEntry enters a contest, and with it all candidates that the manifest gives it, so that those without a vote are
// listed too.
func (x *Export) dominionEntry(n *dominionNames, id int, def dominionItem) (int, error) {
	title := string(def.Description)
	if title == "" {
		title = "contest " + strconv.Itoa(id)
	}
	at, err := x.Roster.contest(strconv.Itoa(id), title)
	if err != nil {
		return 0, err
	}
	if len(x.Roster.Contests[at].Choices) > 0 {
		return at, nil
	}
	x.Roster.voteFor(at, def.VoteFor.n, def.Ranks.n)
	x.Roster.settle(at)
	for _, item := range n.inOrder {
		if item.Contest.n != id || !item.Contest.set {
			continue
		}
		lines := item.Parties
		if len(lines) == 0 {
			lines = []number{{}}
		}
		for _, line := range lines {
			if _, err := x.Roster.choice(at, n.choice(item, line)); err != nil {
				return 0, err
			}
		}
	}
	return at, nil
}
