package batch

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPicturesAreKeptWithinBounds(t *testing.T) {
	c := newPictureCache(100)
	drawn := map[int]int{}
	ask := func(n, size int) []byte {
		png, err := c.draw(pictureKey{kind: "tile", page: 1, a: n}, func() ([]byte, error) {
			drawn[n]++
			return make([]byte, size), nil
		})
		require.NoError(t, err)
		assert.LessOrEqual(t, c.bytes, 100)
		return png
	}
	ask(1, 40)
	ask(2, 40)
	ask(1, 40) // used again: 2 is now the oldest
	ask(3, 40)
	ask(1, 40)
	assert.Equal(t, map[int]int{1: 1, 2: 1, 3: 1}, drawn)
	ask(2, 40)
	assert.Equal(t, 2, drawn[2], "what was used longest ago went first")
	ask(4, 101)
	ask(4, 101)
	assert.Equal(t, 2, drawn[4], "what is larger than all the room is not kept")
	assert.Len(t, c.kept, c.order.Len())
	fails := 0
	for range 2 {
		_, err := c.draw(pictureKey{kind: "bad"}, func() ([]byte, error) { fails++; return nil, errors.New("no disk") })
		assert.EqualError(t, err, "no disk")
	}
	assert.Equal(t, 2, fails, "a fault is not kept")
}

func TestPicturesAreAskedByMany(t *testing.T) {
	c := newPictureCache(50)
	var wait sync.WaitGroup
	for n := range 200 {
		wait.Go(func() {
			png, err := c.draw(pictureKey{kind: "chip", page: int64(n % 7)}, func() ([]byte, error) { return make([]byte, 10), nil })
			assert.NoError(t, err)
			assert.Len(t, png, 10)
		})
	}
	wait.Wait()
	assert.Equal(t, 10*c.order.Len(), c.bytes)
	assert.LessOrEqual(t, c.bytes, 50)
}
