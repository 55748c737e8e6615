package audit

import (
	"fmt"
	"strconv"
	"strings"
)

// Limit is a share of the machine's figure above which a discrepancy is named, in millionths. 0 is no limit.
type Limit int

// DefaultLimit is Connecticut's: a difference of more than half a percent is looked into (section 9-320f of its statutes).
const DefaultLimit Limit = 5000

// ParseLimit reads a percentage as people write it: 0.5, 0.5% or 0,5 %, with up to four decimals.
func ParseLimit(s string) (Limit, error) {
	t := strings.ReplaceAll(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%")), ",", ".")
	whole, part, _ := strings.Cut(t, ".")
	n, err := strconv.Atoi(whole + (part + "0000")[:max(4, len(part))])
	if err != nil || len(part) > 4 || whole == "" || strings.ContainsAny(t, "+-") || n > 1_000_000 {
		return 0, fmt.Errorf("%q is no percentage from 0 to 100 with up to four decimals", s)
	}
	return Limit(n), nil
}

// String writes the limit as a percentage.
func (l Limit) String() string {
	s := fmt.Sprintf("%d.%04d", l/10000, l%10000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + " %"
}

// off is how far a figure lies from the interval of ours.
func (l *Line) off() int { return max(l.Clear-l.Machine, l.Machine-l.Total, 0) }

// exceeded says whether a line's discrepancy is above the limit: a share of the machine's figure, or of ours where the
// machine has none.
func (l Limit) exceeded(line *Line) bool {
	base := line.Machine
	if base == 0 {
		base = line.Total
	}
	return l > 0 && line.off()*1_000_000 > int(l)*base
}

// joinPlus joins party names as a line of several does: DEM+WF.
func joinPlus(s []string) string { return strings.Join(s, "+") }
