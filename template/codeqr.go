package template

import (
	"encoding/hex"
	"image"
	"image/draw"
	"math"
	"strconv"

	"github.com/disintegration/imaging"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"recount/scanner"
)

// qrCode is a QR code in a corner of the page, as VotingWorks' ballots of 2020 carry one. Its payload must be the same on
// every sheet of a style; error correction is its check.
type qrCode struct{}

// qrRoom is how much paper, in inches, is searched around the place of the blank's code.
const qrRoom = 0.3

// qrPatterns is how many places that look like a code's corner are followed in one picture. Pages have up to a few dozen.
const qrPatterns = 200

func (qrCode) kind() string { return "qr" }

func (qrCode) say(value string) string {
	b, err := hex.DecodeString(value)
	if err != nil {
		return value
	}
	for _, c := range b {
		if c < ' ' || c > '~' {
			return shorten(value)
		}
	}
	return strconv.Quote(shorten(string(b)))
}

// shorten keeps both ends of a long text: codes begin with the election and end with the page.
func shorten(s string) string {
	if len(s) <= 160 {
		return s
	}
	return s[:80] + "..." + s[len(s)-77:]
}

func (qrCode) find(g *image.Gray, dpi float64) (string, codePlace, bool) {
	w, h := (g.Rect.Dx()+1)/2, (g.Rect.Dy()+1)/2
	right, low := g.Rect.Dx()-w, g.Rect.Dy()-h
	for _, c := range [4]image.Point{{right, low}, {0, low}, {right, 0}, {0, 0}} {
		v, at, ok := decodeQR(g, image.Rect(c.X, c.Y, c.X+w, c.Y+h))
		if ok {
			return v, codePlace{x0: at.x0 / dpi, y0: at.y0 / dpi, x1: at.x1 / dpi, y1: at.y1 / dpi}, true
		}
	}
	return "", codePlace{}, false
}

func (qrCode) read(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace) (string, bool) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, x := range [2]float64{at.x0 - qrRoom, at.x1 + qrRoom} {
		for _, y := range [2]float64{at.y0 - qrRoom, at.y1 + qrRoom} {
			px, py := pixel(x, y)
			if !(math.Abs(px) < 1e6 && math.Abs(py) < 1e6) {
				return "", false
			}
			x0, y0, x1, y1 = math.Min(x0, px), math.Min(y0, py), math.Max(x1, px), math.Max(y1, py)
		}
	}
	v, _, ok := decodeQR(g, image.Rect(int(x0), int(y0), int(x1), int(y1)))
	return v, ok
}

// decodeQR reads the QR code in a part of a picture: its payload in hex and, in pixels of g, the box round its three
// finder patterns' middles.
func decodeQR(g *image.Gray, r image.Rectangle) (value string, at codePlace, ok bool) {
	r = r.Intersect(g.Rect)
	if r.Dx() < 21 || r.Dy() < 21 { // the smallest code has 21 modules
		return "", codePlace{}, false
	}
	crop := image.NewGray(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(crop, crop.Rect, g, r.Min, draw.Src)
	for _, k := range qrSizes {
		sized := crop
		if k != 1 {
			if float64(r.Dx())*float64(r.Dy())*k*k > qrMost {
				continue
			}
			sized = scanner.Resize(crop, max(1, int(k*float64(r.Dx()))), 0, imaging.CatmullRom)
		}
		if payload, points := qrPayload(sized); len(payload) > 0 {
			return hex.EncodeToString(payload), around(points, float64(sized.Rect.Dx())/float64(r.Dx()), r.Min), true
		}
	}
	return "", codePlace{}, false
}

// qrSizes are the sizes a picture is looked at in. The library cuts ink from paper in blocks of eight pixels: modules larger than
// four, as a code of 0.6 in has at 200 dpi, are often missed, and so are those of two or three, as at 150.
var qrSizes = []float64{1, 0.5, 0.7, 2}

// qrMost bounds the pixels of a picture drawn in another size.
const qrMost = 16 << 20

// qrPayload is what the library reads in a picture, and the middles of the code's patterns.
func qrPayload(crop *image.Gray) ([]byte, []gozxing.ResultPoint) {
	bm, err := gozxing.NewBinaryBitmapFromImage(crop)
	if err != nil {
		return nil, nil
	}
	if payload, points := tryQR(bm, false); len(payload) > 0 {
		return payload, points
	}
	return tryQR(bm, true)
}

// tryQR is one try of the library. It reads what a stranger printed: if it trips over that, or is led to more likely
// places of a code than any page has (its time grows with their cube), there is no code that can be read.
func tryQR(bm *gozxing.BinaryBitmap, harder bool) (payload []byte, points []gozxing.ResultPoint) {
	defer func() {
		if recover() != nil {
			payload, points = nil, nil
		}
	}()
	seen := 0
	hints := map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: gozxing.ResultPointCallback(func(gozxing.ResultPoint) {
			if seen++; seen > qrPatterns {
				panic("too many patterns") // the only way out of the library
			}
		}),
	}
	if harder {
		hints[gozxing.DecodeHintType_TRY_HARDER] = true
	}
	res, err := qrcode.NewQRCodeReader().Decode(bm, hints)
	if err != nil {
		return nil, nil
	}
	segs, ok := res.GetResultMetadata()[gozxing.ResultMetadataType_BYTE_SEGMENTS].([][]byte)
	if !ok || len(segs) == 0 {
		return []byte(res.GetText()), res.GetResultPoints()
	}
	for _, s := range segs { // the bytes as printed, before any guess of what letters they are
		payload = append(payload, s...)
	}
	return payload, res.GetResultPoints()
}

// around is the box round the points of a crop at min, drawn k times larger.
func around(points []gozxing.ResultPoint, k float64, min image.Point) codePlace {
	at := codePlace{x0: math.Inf(1), y0: math.Inf(1), x1: math.Inf(-1), y1: math.Inf(-1)}
	for _, p := range points {
		x, y := p.GetX()/k+float64(min.X), p.GetY()/k+float64(min.Y)
		at.x0, at.y0 = math.Min(at.x0, x), math.Min(at.y0, y)
		at.x1, at.y1 = math.Max(at.x1, x), math.Max(at.y1, y)
	}
	return at
}
