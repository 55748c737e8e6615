package audit_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/audit"
)

func TestGaps(t *testing.T) {
	row := func(format string, numbers ...int) (out []string) {
		for _, n := range numbers {
			out = append(out, fmt.Sprintf(format, n))
		}
		return out
	}
	for _, tt := range []struct {
		name  string
		names []string
		want  []string
	}{
		{"whole", row("a/%04d.tif", 1, 2, 3, 4, 5, 6, 7, 8), nil},
		{"one missing", row("a/%04d.tif", 1, 2, 3, 5, 6, 7, 8, 9), []string{"a/#: 4 is missing"}},
		{"three missing, of one side", append(row("s-%04d-front.jpg", 11, 12, 13, 17, 18, 19, 20, 21), row("s-%04d-back.jpg", 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)...), []string{"s-#-front: 14 to 16 are missing"}},
		{"every other number", row("p%03d.tif", 1, 3, 5, 7, 9, 11, 15, 17), []string{"p#: 12 to 14 are missing"}},
		{"no row", row("x%05d.tif", 1, 700, 1500, 9000, 20000, 31000, 44444, 55555), nil},
		{"too few", row("a/%04d.tif", 1, 2, 4), nil},
		{"pages of one file", row("a%02d.tif#2", 1, 2, 3, 4, 6, 7, 8, 9), []string{"a#: 5 is missing"}},
		{"no numbers", []string{"a", "b", "", "/", "front"}, nil},
		{"a number too large", []string{"99999999999999999999999.tif"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, more := audit.Gaps(tt.names)
			var text []string
			for _, g := range got {
				text = append(text, g.String())
			}
			assert.Equal(t, tt.want, text)
			assert.Zero(t, more)
		})
	}
}
