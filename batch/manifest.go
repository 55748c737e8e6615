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

// inputsOf are a source's inputs, not hashed yet, and the indexes of all of them.
func inputsOf(src *scanner.Source) (ins []input, all []int) {
	ins, all = make([]input, len(src.Inputs)), make([]int, len(src.Inputs))
	for i := range ins {
		ins[i].Input, all[i] = src.Inputs[i], i
	}
	return ins, all
}

// hashInputs hashes the bytes of those inputs that are named by their indexes, with a few workers because disks answer several readers
// faster than one. progress is called from one goroutine at a time.
func hashInputs(ctx context.Context, ins []input, which []int, workers int, progress func(done, total int)) error {
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	var lost error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range workers {
		wg.Go(func() {
			for i := range next {
				err := ins[i].hash()
				mu.Lock()
				if err != nil && lost == nil {
					lost = err
					cancel()
				}
				done++
				progress(done, len(which))
				mu.Unlock()
			}
		})
	}
feed:
	for _, i := range which {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if lost != nil {
		return lost
	}
	return ctx.Err()
}

// hash fills in what the file is now. A store that does not answer is an error: it is not the file's fault.
func (in *input) hash() error {
	data, err := in.Bytes()
	if scanner.ReasonOf(err) == scanner.Unreachable {
		return err
	}
	if err != nil {
		in.problem = reasonText(err)
		return nil
	}
	in.Size, in.sha256 = int64(len(data)), hashOf(data)
	return nil
}

// hashOf is the SHA-256 of the bytes in lower-case hex.
func hashOf(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// namesOf are the inputs' names.
func namesOf(ins []input) []string {
	names := make([]string, len(ins))
	for i := range ins {
		names[i] = ins[i].Name
	}
	return names
}

// manifestHash names the whole manifest, so that a run goes on only over the same inputs.
func manifestHash(ins []input) string {
	h := sha256.New()
	for _, in := range ins {
		fmt.Fprintf(h, "%q %d %s %q\n", in.Name, in.Size, in.sha256, in.problem)
	}
	return hex.EncodeToString(h.Sum(nil))
}
