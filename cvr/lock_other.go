//go:build !unix

package cvr

import "os"

// lockFile does nothing where files have no such lock: start one review of a run at a time there.
func lockFile(*os.File) error { return nil }
