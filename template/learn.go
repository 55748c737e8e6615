package template

import (
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"

	"recount/internal/proof"
	"recount/scanner"
)

// The bounds of Learn. Below leastLearn pages a mark cannot be outvoted; learnPages bounds the memory that the packed pages
// take: half a megabyte each for legal paper.
const (
	leastLearn = 3
	learnPages = 300
)

// Area is a part of a page in inches from its top left corner, as the blank shows it.
type Area struct{ X, Y, W, H float64 }

// LearnOptions say what to learn blanks from, and how.
type LearnOptions struct {
	// Scans are files, folders and zip archives of voted pages, of one style or of many.
	Scans []string
	// Out is the folder to write, made if missing.
	Out string
	// Min and Max are the fewest pages a blank is built from and the most that are used; 0 means 5 and 50.
	Min, Max int
	// DPI is the resolution of scans that do not say theirs; 0 asks the paper's size.
	DPI float64
	// Turn is how far, clockwise, the blanks are turned from the way the first page of their group was scanned: 0, 90, 180 or
	// 270; a negative number asks the print instead.
	Turn int
	// Ignore are places where pages of one style differ, as by a serial number: nothing is told by what is printed there.
	Ignore []Area
	// Workers is how many pages are worked on at once; 0 means as many as there are processors. It changes no result.
	Workers int
	// Sheets says which of the pages named are the two sides of one sheet, front first; nil where nothing is known.
	Sheets func(names []string) [][2]string
	// Progress, where it is not nil, is told how far a step has come. Calls never overlap.
	Progress func(step string, done, total int)
}

func (o *LearnOptions) fill() error {
	if o.Min == 0 {
		o.Min = 5
	}
	if o.Max == 0 {
		o.Max = max(50, o.Min)
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	switch {
	case o.Min < leastLearn:
		return fmt.Errorf("a blank from %d pages: fewer than %d cannot outvote a mark", o.Min, leastLearn)
	case o.Max < o.Min:
		return fmt.Errorf("at most %d pages are to be used and at least %d", o.Max, o.Min)
	case o.Max > learnPages:
		return fmt.Errorf("at most %d pages a style can be used, not %d", learnPages, o.Max)
	case o.Turn >= 0 && (o.Turn%90 != 0 || o.Turn > 270):
		return fmt.Errorf("a turn of %d degrees: say 0, 90, 180 or 270", o.Turn)
	}
	return nil
}

// ErrTooFewPages says that no style has pages enough to build a blank from.
var ErrTooFewPages = errors.New("too few pages of one style")

// learnPage is one page given.
type learnPage struct {
	name         string
	input, index int // the input, and the page within it, both from 0
	w, h         int // pixels
	claim        float64
	pl           *plane
	reason       string // why it is in no group
	group        int    // index of its group, -1 for none
	used         bool
	rotation     int
	m            *Map // from its group's working blank
	share        float64
	residual     float64 // scan pixels
	skew         float64 // radians, of its own print
}

type learner struct {
	o     LearnOptions
	src   *scanner.Source
	pages []*learnPage
}

// Learn sorts voted pages into styles and builds each style's clean blank: pages of a group are laid on each other, and
// what only some of them show is voted away. It writes GROUP.png, GROUP-targets.png, groups.csv and targets.csv into Out.
// The error is ErrTooFewPages, wrapped, where no style has Min pages; groups.csv is written all the same and the result
// given, so that people see how the pages were sorted.
func Learn(o LearnOptions) (*Learned, error) {
	if err := o.fill(); err != nil {
		return nil, fmt.Errorf("learn: %w", err)
	}
	src, err := scanner.Open(o.Scans, scanner.Limits{MaxInputs: learnPages, MaxPages: learnPages})
	if err != nil {
		return nil, fmt.Errorf("learn: %w", err)
	}
	defer src.Close()
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return nil, fmt.Errorf("learn: make folder: %w", err)
	}
	l := &learner{o: o, src: src}
	if err := l.open(); err != nil {
		return nil, err
	}
	var groups []*learnGroup
	for _, of := range l.layouts() {
		parts, err := l.split(of)
		if err != nil {
			return nil, err
		}
		groups = append(groups, parts...)
	}
	groups = l.number(groups)
	for i, g := range groups {
		if err := l.build(g); err != nil {
			return nil, fmt.Errorf("learn %s: %w", g.name, err)
		}
		l.tell("build", i+1, len(groups))
	}
	l.verify(groups)
	return l.report(groups)
}

// save writes a group's blank and the picture of its targets.
func (l *learner) save(g *learnGroup) error {
	var labels []proof.Label
	for _, t := range g.targets {
		labels = append(labels, t.Label(t.text()))
	}
	img, err := proof.Draw(g.blank, g.dpi, labels)
	if err != nil {
		return err
	}
	if err := proof.WritePNG(filepath.Join(l.o.Out, g.name+"-targets.png"), img); err != nil {
		return err
	}
	return writeSized(filepath.Join(l.o.Out, g.name+".png"), g.blank, g.dpi)
}

func (l *learner) tell(step string, done, total int) {
	if l.o.Progress != nil {
		l.o.Progress(step, done, total)
	}
}

// each decodes the pages wanted and hands each to do, several at once; do may only touch what is its page's own.
func (l *learner) each(step string, pages []*learnPage, do func(p *learnPage, g *image.Gray)) error {
	byInput := map[int][]*learnPage{}
	var inputs []int
	for _, p := range pages {
		if byInput[p.input] == nil {
			inputs = append(inputs, p.input)
		}
		byInput[p.input] = append(byInput[p.input], p)
	}
	errs := make([]error, len(inputs))
	inParallel(l.o.Workers, len(inputs), func(i int) {
		results, err := l.src.Inputs[inputs[i]].Pages(scanner.Limits{MaxPages: learnPages})
		for _, p := range byInput[inputs[i]] {
			if p.index >= len(results) || results[p.index].Page == nil {
				errs[i] = fmt.Errorf("learn: %s could be read before and cannot now: %w", p.name, err)
				return
			}
			if g := results[p.index].Page.Gray; g.Rect.Dx() != p.w || g.Rect.Dy() != p.h {
				errs[i] = fmt.Errorf("learn: %s changed while it was read", p.name)
				return
			}
			do(p, results[p.index].Page.Gray)
		}
	}, func(done int) { l.tell(step, done, len(inputs)) })
	return errors.Join(errs...)
}
