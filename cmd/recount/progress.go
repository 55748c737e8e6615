package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"recount/batch"
)

// everyLine is how often progress says something where nobody watches a terminal.
const everyLine = 5 * time.Second

// progress shows how far a run has come: a bar on a terminal, a plain line now and then in a log, or a line of JSON.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	tty   bool
	log   *slog.Logger // not nil: lines of JSON, and nothing else
	last  batch.Progress
	said  time.Time
	pace  pace
	heard func(batch.Progress) // hears of every step too; nil: nobody
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
	if p.heard != nil {
		p.heard(now)
	}
	v := verbs[now.Step]
	if now.Step != p.last.Step {
		p.pace = pace{}
	}
	p.pace.take(time.Now(), now.Done)
	switch {
	case p.tty && p.log == nil:
		if now.Step != p.last.Step {
			p.end()
			p.bar = progressbar.NewOptions(now.Total, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(v[0]),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(v[1]),
				progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
		if text := soFar(now); text != "" && time.Since(p.said) > 200*time.Millisecond {
			p.bar.Describe(v[0] + " (" + text + ")")
			p.said = time.Now()
		}
		_ = p.bar.Set(now.Done) // a bar that cannot be drawn is no reason to stop
	case time.Since(p.said) >= everyLine || (now.Done == now.Total && now.Step == "read" && now != p.last):
		p.line(now, v)
		p.said = time.Now()
	}
	p.last = now
}

// line writes one line of a log.
func (p *progress) line(now batch.Progress, v [2]string) {
	rate := p.pace.rate()
	left := remaining(now, rate)
	if p.log != nil {
		at := []any{"step", now.Step, "done", now.Done, "total", now.Total, "rate", float64(int(rate*100)) / 100, "remaining_s", int(left.Seconds()), "workers", now.Workers}
		for i, o := range outcomeNames {
			at = append(at, string(o), now.Outcomes[i])
		}
		p.log.Info(v[0], at...)
		return
	}
	text := fmt.Sprintf("%s: %d of %d %s", v[0], now.Done, now.Total, v[1])
	if left > 0 {
		text += fmt.Sprintf(", %.1f a second, %v left", rate, left)
	}
	if more := soFar(now); more != "" {
		text += "; " + more
	}
	fmt.Fprintln(p.w, text)
}

// outcomeNames are the outcomes in the order in which a step has them.
var outcomeNames = [4]batch.Outcome{batch.Counted, batch.Questions, batch.Refused, batch.Duplicate}

// soFar says what became of the inputs so far, and who is at work.
func soFar(now batch.Progress) string {
	var parts []string
	for i, o := range outcomeNames {
		if n := now.Outcomes[i]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if now.Workers > 0 {
		parts = append(parts, fmt.Sprintf("%d at work", now.Workers))
	}
	return strings.Join(parts, ", ")
}

// remaining is how long the rest of a step takes at a rate, 0 where that is not known.
func remaining(now batch.Progress, rate float64) time.Duration {
	if rate <= 0 || now.Done >= now.Total {
		return 0
	}
	return time.Duration(min(float64(now.Total-now.Done)/rate, 1e8) * float64(time.Second)).Round(time.Second)
}

// pace is how fast a step went lately.
type pace struct{ samples []sample }

type sample struct {
	at   time.Time
	done int
}

// lately is how far back a rate looks.
const lately = time.Minute

// take notes how far the step is, once a second at most.
func (p *pace) take(at time.Time, done int) {
	if n := len(p.samples); n > 1 && at.Sub(p.samples[n-2].at) < time.Second {
		p.samples[n-1] = sample{at, done}
		return
	}
	p.samples = append(p.samples, sample{at, done})
	for len(p.samples) > 2 && at.Sub(p.samples[0].at) > lately {
		p.samples = p.samples[1:]
	}
}

// rate is how many a second were done lately, 0 where that is not known.
func (p *pace) rate() float64 {
	if len(p.samples) < 2 {
		return 0
	}
	a, b := p.samples[0], p.samples[len(p.samples)-1]
	if took := b.at.Sub(a.at).Seconds(); took > 0 {
		return float64(b.done-a.done) / took
	}
	return 0
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
