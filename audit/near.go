package audit

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// nearEach is how many targets are kept on each side of a limit.
const nearEach = 20

// NearLimit is what lies next to one limit: the shores of the valley it sits in, if it sits in one.
type NearLimit struct {
	Limit, Measure string
	Value          int // ten-thousandths, as what is measured
	Held           int // targets whose answer hangs on it
	// Below and Above are the targets measured under the limit, and at it or over it; the nearest first.
	Below, Above []NearTarget
}

// NearTarget is a target that lies near a limit.
type NearTarget struct {
	Batch, Image, Style, Side string
	Page                      int // within the image's file, from 1
	Contest, Choice           string
	Measured                  int // ten-thousandths
	Answer                    vote.Answer
	Reason                    string
	distance                  int
	order                     int // in the run: of two at one distance the earlier is listed first
}

func byDistance(a, b NearTarget) int {
	return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.order, b.order))
}

// nearSide keeps the nearEach targets nearest to a limit on one side. Targets come in the run's order.
type nearSide struct{ list []NearTarget }

// wants says whether a target at a distance would be kept.
func (n *nearSide) wants(distance int) bool {
	return len(n.list) < nearEach || distance < n.list[len(n.list)-1].distance
}

func (n *nearSide) add(t NearTarget) {
	at, _ := slices.BinarySearchFunc(n.list, t, byDistance)
	n.list = slices.Insert(n.list, at, t)
	n.list = n.list[:min(len(n.list), nearEach)]
}

// nearLists gathers what lies near each limit.
type nearLists struct {
	held         []int
	below, above []nearSide
	order        int
}

func newNearLists() nearLists {
	n := len(vote.Gauges)
	return nearLists{make([]int, n), make([]nearSide, n), make([]nearSide, n), 0}
}

// add holds a sheet's targets against every limit.
func (n *nearLists) add(e *election.Election, l *vote.Limits, batch string, r *cvr.Record, read *vote.Sheet) {
	style := e.Style(read.Style)
	if style == nil {
		return
	}
	read.Gauge(style, *l, func(gauge, reading, measured int) {
		n.held[gauge]++
		limit := int(vote.Gauges[gauge].Value(l))
		side, distance := &n.below[gauge], limit-measured
		if measured >= limit {
			side, distance = &n.above[gauge], measured-limit
		}
		if !side.wants(distance) {
			return
		}
		k := &read.Readings[reading]
		t := NearTarget{Batch: batch, Style: read.Style, Contest: k.Contest, Choice: k.Choice, Measured: measured, Answer: k.Answer, Reason: k.Reason,
			distance: distance, order: n.order + reading}
		if c := e.Contest(k.Contest); c != nil {
			t.Contest = Label(e, c)
			if ch := c.Choice(k.Choice); ch != nil {
				t.Choice = lineName(ch.Name, ch.Party)
			}
		}
		t.Side = (&election.Page{Number: k.Page}).Side()
		for i := range r.Images {
			if r.Images[i].Side == t.Side {
				t.Image, t.Page = r.Images[i].Name, max(r.Images[i].Page, 1)
			}
		}
		side.add(t)
	})
	n.order += len(read.Readings)
}

// limits gives what was gathered, limit by limit; those that were held against no target are left out.
func (n *nearLists) limits(l *vote.Limits) []NearLimit {
	var out []NearLimit
	for i, g := range vote.Gauges {
		if n.held[i] > 0 {
			out = append(out, NearLimit{Limit: g.Limit, Measure: g.Measure, Value: int(g.Value(l)), Held: n.held[i], Below: n.below[i].list, Above: n.above[i].list})
		}
	}
	return out
}

// nearHead are the columns of near.csv.
var nearHead = []string{"limit", "value", "measure", "held", "place", "measured", "distance", "batch", "image", "page", "style", "side", "contest", "choice", "mark", "reason"}

// WriteNear writes what lies near the limits, a row a target: in place -1 the nearest under its limit, in place 1 the nearest at it or over it.
func WriteNear(w io.Writer, limits []NearLimit) error {
	out := csv.NewWriter(w)
	if err := out.Write(nearHead); err != nil {
		return fmt.Errorf("write targets near a limit: %w", err)
	}
	for i := range limits {
		l := &limits[i]
		for side, list := range [][]NearTarget{l.Below, l.Above} {
			for k := range list {
				t, place := &list[k], k+1
				if side == 0 {
					place = -place
				}
				if err := out.Write([]string{l.Limit, E4(l.Value), l.Measure, strconv.Itoa(l.Held), strconv.Itoa(place), E4(t.Measured),
					E4(t.Measured - l.Value), t.Batch, t.Image, strconv.Itoa(t.Page), t.Style, t.Side, t.Contest, t.Choice, string(t.Answer), t.Reason}); err != nil {
					return fmt.Errorf("write targets near a limit: %w", err)
				}
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write targets near a limit: %w", err)
	}
	return nil
}
