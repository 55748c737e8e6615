package scanner

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLikelyDPIs(t *testing.T) {
	tests := []struct {
		name string
		w, h int
		want []float64
	}{
		{"letter at 200", 1700, 2200, []float64{200}},
		{"letter on its side", 2200, 1700, []float64{200}},
		{"legal at 300, or a long sheet at 240", 2550, 4200, []float64{300, 240}},
		{"A4 at 200", 1654, 2338, []float64{200}},
		{"scanned a little larger", 1728, 2250, []float64{200}},
		{"square", 1000, 1000, nil},
		{"nothing", 0, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, LikelyDPIs(tt.w, tt.h)) })
	}
}
