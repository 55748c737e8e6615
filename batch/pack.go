package batch

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"fmt"
	"io"
)

// maxUnpacked bounds what a unit's sheets may unpack to: a file of ten thousand pages with sixty targets each takes a fifth of it.
const maxUnpacked = 1 << 30

// packCells packs a unit's sheets: gob, which keeps every byte of a name, and gzip.
func packCells(sheets []*sheetCells) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := gob.NewEncoder(z).Encode(sheets); err != nil {
		return nil, fmt.Errorf("pack a sheet: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack a sheet: %w", err)
	}
	return b.Bytes(), nil
}

// unpackCells unpacks the sheets of a unit.
func unpackCells(unit int, data []byte) ([]*sheetCells, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack unit %d: %w", unit, err)
	}
	all, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1)) // to the end, where the check sum is
	if err != nil {
		return nil, fmt.Errorf("unpack unit %d: %w", unit, err)
	}
	if len(all) > maxUnpacked {
		return nil, fmt.Errorf("unpack unit %d: more than %d bytes", unit, maxUnpacked)
	}
	var out []*sheetCells
	if err := gob.NewDecoder(bytes.NewReader(all)).Decode(&out); err != nil {
		return nil, fmt.Errorf("unpack unit %d: %w", unit, err)
	}
	for _, s := range out {
		if s == nil || s.Unit != unit || len(s.Pages) == 0 {
			return nil, fmt.Errorf("unpack unit %d: it holds what is no sheet of it", unit)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("unpack unit %d: it holds no sheet", unit)
	}
	return out, nil
}
