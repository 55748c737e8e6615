package batch

import (
	"context"
	"errors"
	"sync"

	"recount/election"
	"recount/scanner"
	"recount/template"
	"recount/vote"
)

// reader is what every worker shares: all of it is only read.
type reader struct {
	election *election.Election
	set      *template.Set
	limits   vote.Limits
	inputs   []input
}

// unitResult is what one unit gave: its sheets in order.
type unitResult struct {
	number int
	sheets []sheetResult
	err    error // the store of its files does not answer: nothing is known of them, and nothing was read
}

// readUnit reads one unit's files to the end. A panic in it is recovered into refusals of its files: one sheet never
// ends a run.
func (r *reader) readUnit(number int, u unit) (out unitResult) {
	out.number = number
	defer func() {
		if p := recover(); p != nil {
			out.sheets = nil
			for _, i := range u {
				out.sheets = append(out.sheets, r.lost(i, internal(p)))
			}
		}
	}()
	files := make([][]pageResult, len(u))
	single := true
	for k, i := range u {
		files[k] = r.readFile(i)
		for _, p := range files[k] {
			if scanner.ReasonOf(p.reading.Refused) == scanner.Unreachable {
				return unitResult{number: number, err: p.reading.Refused}
			}
		}
		single = single && len(files[k]) == 1
	}
	if single {
		pages := make([]pageResult, 0, 2)
		for _, f := range files {
			pages = append(pages, f[0])
		}
		out.sheets = []sheetResult{r.decide(pages)}
		out.err = out.sheets[0].unknown
		return out
	}
	// Names pair files of one page only; a file of several pages holds whole sheets.
	for _, f := range files {
		for len(f) > 0 {
			n := min(2, len(f))
			s := r.decide(f[:n:n])
			out.sheets, out.err = append(out.sheets, s), errors.Join(out.err, s.unknown)
			f = f[n:]
		}
	}
	return out
}

// decide makes a sheet of its pages. The same bytes or pixels twice in one sheet are one page scanned once: the first is
// read.
func (r *reader) decide(pages []pageResult) (s sheetResult) {
	defer func() {
		if p := recover(); p != nil {
			err := internal(p)
			s = sheetResult{outcome: Refused, reason: err.Error(), pages: pages}
			for i := range pages {
				pages[i].outcome, pages[i].reason, pages[i].chosen = Refused, err.Error(), nil
			}
		}
	}()
	if len(pages) == 2 {
		a, b := &pages[0].reading, &pages[1].reading
		switch {
		case b.Refused != nil:
		case a.SHA256 == b.SHA256 && a.Index == b.Index:
			pages[1].outcome, pages[1].reason = Duplicate, "duplicate of "+a.Image
		case a.Pixels != "" && a.Pixels == b.Pixels:
			same, err := r.samePixels(pages[0].input, a.Index, pages[1].input, b.Index)
			if err != nil {
				return sheetResult{unknown: err}
			}
			if same {
				pages[1].outcome, pages[1].reason = Duplicate, "duplicate of "+a.Image+samePixels
			}
		}
	}
	return decideSheet(r.election, r.limits, pages)
}

// lost is the sheet of a file that gave no page.
func (r *reader) lost(i int, err error) sheetResult {
	return sheetResult{outcome: Refused, reason: reasonText(err), pages: []pageResult{r.lostPage(i, err)}}
}

func (r *reader) lostPage(i int, err error) pageResult {
	in := &r.inputs[i]
	return pageResult{input: i, outcome: Refused, reason: reasonText(err),
		reading: PageReading{Image: in.Name, SHA256: in.sha256, Refused: err}}
}

// readFile reads every page of one file. A file whose pages cannot all be named is refused whole.
func (r *reader) readFile(i int) (out []pageResult) {
	defer func() {
		if p := recover(); p != nil {
			out = []pageResult{r.lostPage(i, internal(p))}
		}
	}()
	in := &r.inputs[i]
	if in.problem != "" {
		return []pageResult{r.lostPage(i, errors.New(in.problem))}
	}
	data, err := in.Bytes()
	if err != nil {
		return []pageResult{r.lostPage(i, err)}
	}
	if hashOf(data) != in.sha256 {
		return []pageResult{r.lostPage(i, &Refusal{Changed, "the file is not the one listed when the run began"})}
	}
	err = scanner.Each(in.Name, data, scanner.Limits{}, func(res scanner.PageResult) {
		if res.Page == nil {
			out = append(out, pageResult{input: i, reading: PageReading{Image: res.Name, Index: res.Index, SHA256: in.sha256, Refused: res.Err}})
			return
		}
		reading := ReadPage(r.set, res.Page)
		reading.Pixels = pixelsOf(res.Page.Gray)
		out = append(out, pageResult{input: i, reading: reading})
		res.Page.Release() // the reading keeps nothing of the picture
	})
	if err != nil && wholeFile(err) {
		return []pageResult{r.lostPage(i, err)}
	}
	if len(out) == 0 {
		return []pageResult{r.lostPage(i, &Refusal{Unreadable, "the file holds no picture"})}
	}
	return out
}

// numbered is what one step of a pool gave.
type numbered[T any] struct {
	n int
	v T
}

// pool does the steps from first on with some workers and hands the results to write, in order. At most window steps
// are ahead of the writer, so memory does not grow with the folder, and one slow sheet holds nobody up for long. It stops
// at the first error of write, or when ctx ends, having written an unbroken run of results.
func pool[T any](ctx context.Context, workers, first, last int, read func(n int) T, write func(T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	window := 4 * workers
	tokens := make(chan struct{}, window)
	jobs := make(chan int)
	results := make(chan numbered[T], window)
	go func() {
		defer close(jobs)
		for n := first; n < last; n++ {
			select {
			case tokens <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case jobs <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for n := range jobs {
				results <- numbered[T]{n, read(n)}
			}
		})
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	waiting := map[int]T{}
	next := first
	var failed error
	for res := range results {
		waiting[res.n] = res.v
		for failed == nil {
			ready, ok := waiting[next]
			if !ok {
				break
			}
			delete(waiting, next)
			if failed = write(ready); failed != nil {
				cancel()
				break
			}
			next++
			<-tokens
		}
	}
	if failed == nil && next < last {
		failed = ctx.Err()
	}
	return failed
}
