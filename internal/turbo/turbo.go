package turbo

/*
#cgo LDFLAGS: -lturbojpeg
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

enum { FLAGS = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT };

// Every picture has a decoder of its own: one that is used again keeps the tables of the picture before, and a picture whose
// tables are damaged would be read with those. The library's jumps on error end inside its functions.

static tjhandle begin(const unsigned char *data, unsigned long n, int *w, int *h, int *sub, int *space, char *why, int room) {
	tjhandle t = tjInitDecompress();
	if (t == NULL) {
		snprintf(why, room, "no memory for a decoder");
		return NULL;
	}
	if (tjDecompressHeader3(t, data, n, w, h, sub, space) != 0) {
		snprintf(why, room, "%s", tjGetErrorStr2(t));
		tjDestroy(t);
		return NULL;
	}
	return t;
}

static int end(tjhandle t, int failed, char *why, int room) {
	if (failed) {
		snprintf(why, room, "%s", tjGetErrorStr2(t));
	}
	tjDestroy(t);
	return failed ? -1 : 0;
}

static int header(const unsigned char *data, unsigned long n, int *w, int *h, int *sub, int *space, char *why, int room) {
	tjhandle t = begin(data, n, w, h, sub, space, why, room);
	return t == NULL ? -1 : end(t, 0, why, room);
}

static int gray(const unsigned char *data, unsigned long n, unsigned char *dst, int w, int h, int stride, char *why, int room) {
	int jw, jh, sub, space;
	tjhandle t = begin(data, n, &jw, &jh, &sub, &space, why, room);
	if (t == NULL) {
		return -1;
	}
	if (jw != w || jh != h) {
		tjDestroy(t);
		snprintf(why, room, "a picture of %d x %d pixels, not %d x %d", jw, jh, w, h);
		return -1;
	}
	return end(t, tjDecompress2(t, data, n, dst, w, stride, h, TJPF_GRAY, FLAGS) != 0, why, room);
}

static int planes(const unsigned char *data, unsigned long n, unsigned char *y, unsigned char *cb, unsigned char *cr, int w, int h, int sub,
		char *why, int room) {
	int jw, jh, jsub, space;
	unsigned char *dst[3] = {y, cb, cr};
	tjhandle t = begin(data, n, &jw, &jh, &jsub, &space, why, room);
	if (t == NULL) {
		return -1;
	}
	if (jw != w || jh != h || jsub != sub || space != TJCS_YCbCr) {
		tjDestroy(t);
		snprintf(why, room, "a picture of %d x %d pixels, not %d x %d, or of another kind", jw, jh, w, h);
		return -1;
	}
	return end(t, tjDecompressToYUVPlanes(t, data, n, dst, w, NULL, h, FLAGS) != 0, why, room);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"image"
	"strings"
	"unsafe"
)

// Header is what a JPEG says of itself before its pixels.
type Header struct {
	W, H int
	// Gray is true of a picture of one component, YCbCr of one of three in that colour space whose Ratio is one that
	// image.YCbCr knows. Others are not decoded here.
	Gray, YCbCr bool
	Ratio       image.YCbCrSubsampleRatio
	sub         C.int
}

// ratios are the subsamplings by TurboJPEG's number.
var ratios = map[C.int]image.YCbCrSubsampleRatio{
	C.TJSAMP_444: image.YCbCrSubsampleRatio444, C.TJSAMP_422: image.YCbCrSubsampleRatio422, C.TJSAMP_420: image.YCbCrSubsampleRatio420,
	C.TJSAMP_440: image.YCbCrSubsampleRatio440, C.TJSAMP_411: image.YCbCrSubsampleRatio411,
}

// whyRoom holds the library's longest message (JMSG_LENGTH_MAX is 200).
const whyRoom = 256

// failure makes an error of the library's message.
func failure(why *[whyRoom]C.char) error {
	return errors.New(strings.TrimPrefix(C.GoString(&why[0]), "tjDecompressHeader3(): "))
}

// ReadHeader reads a JPEG's header.
func ReadHeader(data []byte) (Header, error) {
	if len(data) == 0 {
		return Header{}, errors.New("no data")
	}
	var w, h, sub, space C.int
	var why [whyRoom]C.char
	if C.header(ptr(data), C.ulong(len(data)), &w, &h, &sub, &space, &why[0], whyRoom) != 0 {
		return Header{}, failure(&why)
	}
	out := Header{W: int(w), H: int(h), sub: sub, Gray: space == C.TJCS_GRAY}
	if ratio, ok := ratios[sub]; ok && space == C.TJCS_YCbCr {
		out.YCbCr, out.Ratio = true, ratio
	}
	return out, nil
}

// Gray decodes a grey JPEG, or the Y of a YCbCr one, into dst, which must have its size. The error says what was missing or wrong;
// dst is worthless then.
func Gray(dst *image.Gray, data []byte) error {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	if len(data) == 0 {
		return errors.New("no data")
	}
	if w <= 0 || h <= 0 || dst.Stride < w || len(dst.Pix) < dst.Stride*(h-1)+w {
		return fmt.Errorf("decode jpeg: %d bytes cannot hold %d x %d pixels", len(dst.Pix), w, h)
	}
	var why [whyRoom]C.char
	if C.gray(ptr(data), C.ulong(len(data)), ptr(dst.Pix), C.int(w), C.int(h), C.int(dst.Stride), &why[0], whyRoom) != 0 {
		return failure(&why)
	}
	return nil
}

// PlaneSizes gives the pixels that the planes of a YCbCr picture take, padded to whole chroma samples: of Y, and of Cb and Cr each.
func (h Header) PlaneSizes() (y, c int) {
	size := func(i C.int) int {
		return int(C.tjPlaneWidth(i, C.int(h.W), h.sub)) * int(C.tjPlaneHeight(i, C.int(h.H), h.sub))
	}
	return size(0), size(1)
}

// Planes decodes a YCbCr JPEG whose header was read. planes are the memory for Y, Cb and Cr, at least as large as PlaneSizes says.
func Planes(hd Header, data []byte, planes [3][]byte) (*image.YCbCr, error) {
	if !hd.YCbCr || len(data) == 0 {
		return nil, errors.New("decode jpeg: not a YCbCr picture")
	}
	y, c := hd.PlaneSizes()
	if y <= 0 || c <= 0 || len(planes[0]) < y || len(planes[1]) < c || len(planes[2]) < c {
		return nil, fmt.Errorf("decode jpeg: planes of %d, %d and %d bytes, %d and %d are needed", len(planes[0]), len(planes[1]), len(planes[2]), y, c)
	}
	var why [whyRoom]C.char
	if C.planes(ptr(data), C.ulong(len(data)), ptr(planes[0]), ptr(planes[1]), ptr(planes[2]), C.int(hd.W), C.int(hd.H), hd.sub, &why[0], whyRoom) != 0 {
		return nil, failure(&why)
	}
	return &image.YCbCr{Y: planes[0][:y], Cb: planes[1][:c], Cr: planes[2][:c], SubsampleRatio: hd.Ratio, Rect: image.Rect(0, 0, hd.W, hd.H),
		YStride: int(C.tjPlaneWidth(0, C.int(hd.W), hd.sub)), CStride: int(C.tjPlaneWidth(1, C.int(hd.W), hd.sub))}, nil
}

func ptr(b []byte) *C.uchar { return (*C.uchar)(unsafe.Pointer(unsafe.SliceData(b))) }
