package cv

import (
	"fmt"
	"image"
	"sort"

	"gocv.io/x/gocv"
)

// Hole is a white area wholly enclosed by ink.
type Hole struct {
	Rect  image.Rectangle // the white's bounds
	Area  float64         // pixels of white
	Hull  float64         // area of the white's convex hull, pixels
	Outer image.Rectangle // bounds of the ink that encloses it, with everything joined to it
}

// Holes finds the white areas enclosed by ink (pixels under threshold) whose bounds are at least minW x minH and at most
// maxW x maxH pixels. grow thickens the ink by that many pixels first, so that a broken outline still encloses; the
// bounds given are then larger by grow on each side again, to undo it. The order is top to bottom, then left to right.
func Holes(g *image.Gray, threshold uint8, grow, minW, minH, maxW, maxH int) ([]Hole, error) {
	if grow < 0 || grow > 16 || minW < 1 || minH < 1 || maxW < minW || maxH < minH {
		return nil, fmt.Errorf("cv: holes: sizes %d..%d x %d..%d, grow %d make no sense", minW, maxW, minH, maxH, grow)
	}
	src, err := grayMat(g)
	if err != nil {
		return nil, fmt.Errorf("cv: holes: %w", err)
	}
	defer src.Close()
	ink := gocv.NewMat()
	defer ink.Close()
	// ThresholdBinaryInv leaves 255 where the pixel is at most thresh.
	gocv.Threshold(src, &ink, float32(threshold)-1, 255, gocv.ThresholdBinaryInv)
	if grow > 0 {
		kernel := gocv.GetStructuringElement(gocv.MorphRect, image.Pt(2*grow+1, 2*grow+1))
		defer kernel.Close()
		gocv.Dilate(ink, &ink, kernel)
	}
	hierarchy := gocv.NewMat()
	defer hierarchy.Close()
	contours := gocv.FindContoursWithParams(ink, &hierarchy, gocv.RetrievalCComp, gocv.ChainApproxNone)
	defer contours.Close()

	var holes []Hole
	for i := 0; i < contours.Size(); i++ {
		parent := hierarchy.GetVeciAt(0, i)[3]
		if parent < 0 {
			continue
		}
		c := contours.At(i) // points inside contours: not closed
		// A hole's contour runs on the ink around it: one pixel outside the white on every side.
		r := gocv.BoundingRect(c).Inset(1)
		r = r.Inset(-grow)
		if r.Dx() < minW || r.Dy() < minH || r.Dx() > maxW || r.Dy() > maxH {
			continue
		}
		holes = append(holes, Hole{
			Rect:  r,
			Area:  gocv.ContourArea(c),
			Hull:  hullArea(c),
			Outer: gocv.BoundingRect(contours.At(int(parent))),
		})
	}
	sort.Slice(holes, func(a, b int) bool {
		p, q := holes[a].Rect.Min, holes[b].Rect.Min
		if p.Y != q.Y {
			return p.Y < q.Y
		}
		return p.X < q.X
	})
	return holes, nil
}

// Blob is a connected patch of ink.
type Blob struct {
	Rect image.Rectangle
	Area float64 // pixels of ink, its holes filled
}

// Blobs finds the connected patches of ink (pixels under threshold), those inside a frame too, whose bounds are at least
// minW x minH and at most maxW x maxH pixels, top to bottom, then left to right.
func Blobs(g *image.Gray, threshold uint8, minW, minH, maxW, maxH int) ([]Blob, error) {
	if minW < 1 || minH < 1 || maxW < minW || maxH < minH {
		return nil, fmt.Errorf("cv: blobs: sizes %d..%d x %d..%d make no sense", minW, maxW, minH, maxH)
	}
	src, err := grayMat(g)
	if err != nil {
		return nil, fmt.Errorf("cv: blobs: %w", err)
	}
	defer src.Close()
	ink := gocv.NewMat()
	defer ink.Close()
	gocv.Threshold(src, &ink, float32(threshold)-1, 255, gocv.ThresholdBinaryInv)
	hierarchy := gocv.NewMat()
	defer hierarchy.Close()
	contours := gocv.FindContoursWithParams(ink, &hierarchy, gocv.RetrievalCComp, gocv.ChainApproxNone)
	defer contours.Close()
	var blobs []Blob
	for i := 0; i < contours.Size(); i++ {
		if hierarchy.GetVeciAt(0, i)[3] >= 0 { // a hole in a patch
			continue
		}
		c := contours.At(i) // points inside contours: not closed
		if r := gocv.BoundingRect(c); r.Dx() >= minW && r.Dy() >= minH && r.Dx() <= maxW && r.Dy() <= maxH {
			blobs = append(blobs, Blob{Rect: r, Area: gocv.ContourArea(c)})
		}
	}
	sort.Slice(blobs, func(a, b int) bool {
		p, q := blobs[a].Rect.Min, blobs[b].Rect.Min
		if p.Y != q.Y {
			return p.Y < q.Y
		}
		return p.X < q.X
	})
	return blobs, nil
}

// hullArea is the area of a contour's convex hull.
func hullArea(c gocv.PointVector) float64 {
	if c.Size() < 3 {
		return 0
	}
	idx := gocv.NewMat()
	defer idx.Close()
	gocv.ConvexHull(c, &idx, false, false)
	hull := gocv.NewPointVector()
	defer hull.Close()
	for i := 0; i < idx.Rows(); i++ {
		hull.Append(c.At(int(idx.GetIntAt(i, 0))))
	}
	return gocv.ContourArea(hull)
}
