// Package scanner turns files, folders and archives of strangers' scans into pages: upright-as-scanned pixels with
// their resolution and hash, or a typed reason why not. It decodes strictly (a damaged file is refused, never half
// read) and knows nothing of ballots.
package scanner
