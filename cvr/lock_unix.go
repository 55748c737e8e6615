//go:build unix

package cvr

import (
	"os"
	"syscall"
)

// lockFile takes a file for this process alone. The system lets it go when the process ends, however it ends.
func lockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
