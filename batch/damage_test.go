package batch

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/marks"
	"recount/template"
)

// Ink in a target that a fold or streak crosses may be all damage; an empty target beside it stays what it is.
func TestDamagedTargets(t *testing.T) {
	fold := template.Fault{Kind: template.Fold, X0: 0, Y0: 100, X1: 1000, Y1: 100}
	ms := []marks.Mark{
		{X: 100, Y: 90, W: 40, H: 20, Fill: 1500},
		{X: 200, Y: 90, W: 40, H: 20},
		{X: 300, Y: 300, W: 40, H: 20, Fill: 9000},
		{X: 400, Y: 90, W: 40, H: 20, Fill: 1500, Damage: marks.LineAcross},
	}
	damaged(ms, []template.Fault{{Kind: template.MissingPrint, Share: 0.2}, fold})
	var got []string
	for _, m := range ms {
		got = append(got, m.Damage)
	}
	assert.Equal(t, []string{"fold", "", "", marks.LineAcross}, got)
}
