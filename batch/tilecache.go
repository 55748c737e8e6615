package batch

import (
	"container/list"
	"sync"
)

// pictureCache keeps drawn pictures by name, the last used longest, so that panning to and fro or going back to a wall draws and
// decodes nothing. It holds at most so many bytes, whatever their number. It may be used by many at once.
type pictureCache struct {
	most int

	mu    sync.Mutex
	kept  map[pictureKey]*list.Element // of keptPicture
	order *list.List                   // the last used first
	bytes int
}

// pictureKey names one drawn picture of a page: the kind of picture, and where it lies.
type pictureKey struct {
	kind       string
	page       int64
	a, b, c, d int
}

type keptPicture struct {
	key pictureKey
	png []byte
}

func newPictureCache(most int) *pictureCache {
	return &pictureCache{most: most, kept: map[pictureKey]*list.Element{}, order: list.New()}
}

// draw gives the picture of that name, drawn by make where it is not kept. What cannot be drawn is not kept. The bytes are shared:
// nobody may change them.
func (c *pictureCache) draw(key pictureKey, make func() ([]byte, error)) ([]byte, error) {
	c.mu.Lock()
	if el := c.kept[key]; el != nil {
		c.order.MoveToFront(el)
		c.mu.Unlock()
		return el.Value.(keptPicture).png, nil
	}
	c.mu.Unlock()
	png, err := make()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept[key] != nil || len(png) > c.most { // somebody else drew it in the meantime
		return png, nil
	}
	c.kept[key] = c.order.PushFront(keptPicture{key, png})
	for c.bytes += len(png); c.bytes > c.most; {
		old := c.order.Remove(c.order.Back()).(keptPicture)
		delete(c.kept, old.key)
		c.bytes -= len(old.png)
	}
	return png, nil
}
