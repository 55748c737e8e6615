package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"recount/scanner"
)

// input is one file of the manifest: what was there when the run began.
type input struct {
	scanner.Input
	sha256  string
	problem string // why it could not be read when the manifest was made; it is refused with this
}

// hashInputs hashes every input's bytes, with a few workers because disks answer several readers faster than one.
// progress is called from one goroutine at a time.
func hashInputs(ctx context.Context, src *scanner.Source, workers int, progress func(done, total int)) ([]input, error) {
	ins := make([]input, len(src.Inputs))
	for i := range ins {
		ins[i].Input = src.Inputs[i]
	}
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range workers {
		wg.Go(func() {
			for i := range next {
				ins[i].hash()
				mu.Lock()
				done++
				progress(done, len(ins))
				mu.Unlock()
			}
		})
	}
feed:
	for i := range ins {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return ins, ctx.Err()
}

// hash fills in what the file is now.
func (in *input) hash() {
	data, err := in.Bytes()
	if err != nil {
		in.problem = reasonText(err)
		return
	}
	in.Size, in.sha256 = int64(len(data)), hashOf(data)
}

// hashOf is the SHA-256 of the bytes in lower-case hex.
func hashOf(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// manifestHash names the whole manifest, so that a run goes on only over the same inputs.
func manifestHash(ins []input) string {
	h := sha256.New()
	for _, in := range ins {
		fmt.Fprintf(h, "%q %d %s %q\n", in.Name, in.Size, in.sha256, in.problem)
	}
	return hex.EncodeToString(h.Sum(nil))
}
