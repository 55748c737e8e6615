package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"recount/batch"
)

// everyLine is how often progress says something where nobody watches a terminal.
const everyLine = 5 * time.Second

// progress shows how far a run has come: a bar on a terminal, a plain line now and then in a log.
type progress struct {
	w    io.Writer
	bar  *progressbar.ProgressBar
	tty  bool
	last batch.Progress
	said time.Time
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, tty: ok && term.IsTerminal(int(f.Fd())), said: time.Now()}
}

// verbs says what a step does, and to what.
var verbs = map[string][2]string{"list": {"listing", "files"}, "read": {"reading", "sheets"}, "decide": {"deciding", "sheets"}, "join": {"joining", "sheets"}, "write": {"writing results of", "sheets"},
	"group": {"sorting", "pages"}, "measure": {"measuring", "pages"}, "blend": {"laying on each other", "pages"}, "build": {"building", "blanks"},
	"verify": {"reading back", "pages"}, "index": {"making the index", "parts"}}

// show takes one step.
func (p *progress) show(now batch.Progress) {
	v := verbs[now.Step]
	if p.tty {
		if now.Step != p.last.Step {
			p.end()
			p.bar = progressbar.NewOptions(now.Total, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(v[0]),
				progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
		_ = p.bar.Set(now.Done) // a bar that cannot be drawn is no reason to stop
	} else if time.Since(p.said) >= everyLine || (now.Done == now.Total && now.Step == "read" && now != p.last) {
		fmt.Fprintf(p.w, "%s: %d of %d %s\n", v[0], now.Done, now.Total, v[1])
		p.said = time.Now()
	}
	p.last = now
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
