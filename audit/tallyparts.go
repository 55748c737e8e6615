package audit

// maxBatchParts bounds the parts by batch: some 50 KB each, and a hundred rows of totals.csv. A county has hundreds of batches; one that
// keeps each sheet in a folder of its own, or ballots of all precincts in each of its batches, has more parts than anyone adds up.
const maxBatchParts = 4096

// part is the key under which a sheet is counted.
func (t *Tally) part(precinct, batch string) Key {
	key := Key{precinct, batch}
	if t.merged || batch == "" {
		return Key{Precinct: precinct}
	}
	if t.parts[key] == nil && len(t.parts) >= maxBatchParts {
		t.merge()
		return Key{Precinct: precinct}
	}
	return key
}

// merge counts the batches of each precinct together.
func (t *Tally) merge() {
	t.merged = true
	parts := map[Key]*part{}
	for _, k := range t.keys() {
		at := Key{Precinct: k.Precinct}
		if parts[at] == nil {
			parts[at] = t.parts[k]
			continue
		}
		parts[at].merge(t.parts[k])
	}
	t.parts = parts
}

func (p *part) merge(o *part) {
	p.ballots, p.sheets = p.ballots+o.ballots, p.sheets+o.sheets
	p.handBallots, p.handSheets = p.handBallots+o.handBallots, p.handSheets+o.handSheets
	for id, ct := range o.contests {
		tallyOf(p.contests, id).merge(ct)
	}
	for id, ct := range o.byHand {
		tallyOf(p.byHand, id).merge(ct)
	}
}

func (ct *contestTally) merge(o *contestTally) {
	ct.ballots, ct.allowed = ct.ballots+o.ballots, ct.allowed+o.allowed
	ct.votes, ct.over, ct.under, ct.doubt = ct.votes+o.votes, ct.over+o.over, ct.under+o.under, ct.doubt+o.doubt
	for k, n := range o.lines {
		get(ct.lines, k).add(n.Clear, n.Questionable)
	}
	for k, n := range o.persons {
		get(ct.persons, k).add(n.Clear, n.Questionable)
	}
	for _, c := range []struct{ to, from *Count }{{&ct.overs, &o.overs}, {&ct.unders, &o.unders}, {&ct.lost, &o.lost}, {&ct.blank, &o.blank}} {
		c.to.add(c.from.Clear, c.from.Questionable)
	}
}
