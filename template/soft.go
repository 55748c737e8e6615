package template

// A pale or soft scan loses the thinnest letters everywhere, and with them the anchors among them. What is left of its print lies
// where it should; on another style's page other print does.
const (
	// leastSoft is leastFit for a page that shows no other print: at most at one place in softOther of at least softPlaces. Pages of
	// other towns and parties with shares of 0.30 to 0.47 show it at one place in 10 to 80 (real scans, 2026-11).
	leastSoft             = 0.30
	softOther, softPlaces = 400, 100
)

// borneOut says whether a page of which fewer anchors than leastFit were found shows none of another's print: so does a pale or
// soft scan, of which the thinnest letters are lost, and whatever of its print is left lies where it should.
func (f *fit) borneOut(pl *plane) bool {
	if f.share < leastSoft || f.blank.drawn() {
		return false
	}
	places := f.ask(pl)
	return len(places) >= softPlaces && softOther*f.others(places) <= len(places)
}
