package cv

import (
	"errors"
	"fmt"
	"image"

	"gocv.io/x/gocv"
)

// maxPixels bounds every picture that enters: 8.5x22 inches at 600 dots an inch, twice over.
const maxPixels = 150_000_000

// ErrPicture is returned for a picture that OpenCV must not see: empty, too large, or with less memory than it claims.
var ErrPicture = errors.New("cv: unusable picture")

// grayMat copies a grey picture into a Mat, which the caller closes. Its bounds may start anywhere.
func grayMat(g *image.Gray) (gocv.Mat, error) {
	if g == nil {
		return gocv.Mat{}, fmt.Errorf("%w: nil", ErrPicture)
	}
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if w <= 0 || h <= 0 || w > maxPixels/h {
		return gocv.Mat{}, fmt.Errorf("%w: %d x %d pixels", ErrPicture, w, h)
	}
	if len(g.Pix) < (h-1)*g.Stride+w || g.Stride < w {
		return gocv.Mat{}, fmt.Errorf("%w: %d bytes for %d x %d pixels", ErrPicture, len(g.Pix), w, h)
	}
	m := gocv.NewMatWithSize(h, w, gocv.MatTypeCV8U)
	dst, err := m.DataPtrUint8()
	if err != nil {
		m.Close()
		return gocv.Mat{}, fmt.Errorf("cv: new picture: %w", err)
	}
	for y := 0; y < h; y++ {
		copy(dst[y*w:(y+1)*w], g.Pix[y*g.Stride:y*g.Stride+w])
	}
	return m, nil
}

// matGray copies a one-channel 8-bit Mat out.
func matGray(m gocv.Mat) (*image.Gray, error) {
	if m.Empty() || m.Type() != gocv.MatTypeCV8U {
		return nil, fmt.Errorf("%w: not a grey picture", ErrPicture)
	}
	src, err := m.DataPtrUint8()
	if err != nil {
		return nil, fmt.Errorf("cv: read picture: %w", err)
	}
	g := image.NewGray(image.Rect(0, 0, m.Cols(), m.Rows()))
	copy(g.Pix, src)
	return g, nil
}
