package template

import (
	"fmt"
	"sync"

	"recount/scanner"
)

// inParallel does n things, some at once, and says after each how many are done; the saying never overlaps.
func inParallel(workers, n int, do func(i int), done func(done int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	next, finished := 0, 0
	for range min(workers, n) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				do(i)
				mu.Lock()
				finished++
				if done != nil {
					done(finished)
				}
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
}

// open decodes every page once and keeps its packed bits.
func (l *learner) open() error {
	found := make([][]*learnPage, len(l.src.Inputs))
	inParallel(l.o.Workers, len(found), func(i int) {
		in := &l.src.Inputs[i]
		results, err := in.Pages(scanner.Limits{MaxPages: learnPages})
		if err != nil && len(results) == 0 {
			found[i] = []*learnPage{{name: in.Name, input: i, group: -1, reason: err.Error()}}
			return
		}
		for k, r := range results {
			p := &learnPage{name: r.Name, input: i, index: k, group: -1}
			found[i] = append(found[i], p)
			if r.Page == nil {
				p.reason = fmt.Sprint(r.Err)
				continue
			}
			p.w, p.h = r.Page.Gray.Rect.Dx(), r.Page.Gray.Rect.Dy()
			p.claim = scanner.BelievableDPI(p.w, p.h, r.Page.XDPI)
			if l.o.DPI > 0 {
				p.claim = l.o.DPI
			}
			p.pl = newPlane(r.Page.Gray, p.claim)
			if p.pl.ink < emptyInk {
				p.pl, p.reason = nil, "nothing printed was found on it"
				continue
			}
			p.skew = newProfiles(p.pl.bits, p.pl.dpi).skew
		}
	}, func(done int) { l.tell("read", done, len(found)) })
	for _, ps := range found {
		l.pages = append(l.pages, ps...)
	}
	if len(l.pages) > learnPages {
		return fmt.Errorf("learn: %d pages, at most %d can be learned from at once: give 10 to 20 of each style", len(l.pages), learnPages)
	}
	return nil
}
