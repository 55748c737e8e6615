package proof

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"recount/election"
)

// WritePNG writes a picture, whole or not at all; quickly rather than small.
func WritePNG(path string, img image.Image) error {
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&buf, img); err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return election.WriteFile(path, buf.Bytes())
}
