package batch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"recount/election"
)

// truthMarks are the words a truth may use of a target.
var truthMarks = []string{"vote", "marginal", "stray", "erased", "none"}

// readTruth reads a suite's truth.csv, or else its expected marks.csv.
func readTruth(suite string, e *election.Election) (*truth, error) {
	t := &truth{style: map[string]string{}, targets: map[string][]wanted{}}
	file := filepath.Join(suite, "truth.csv")
	_, err := os.Stat(file)
	if err == nil {
		err = t.handMade(file, e)
	} else if expected := filepath.Join(suite, "marks.csv"); os.IsNotExist(err) {
		if _, err = os.Stat(expected); err != nil {
			return nil, fmt.Errorf("verify %s: it has neither truth.csv nor an expected marks.csv: name a suite's folder", suite)
		}
		err = t.expected(expected)
	}
	if err != nil {
		return nil, err
	}
	if len(t.images) == 0 {
		return nil, fmt.Errorf("verify %s: its truth names no image", suite)
	}
	return t, nil
}

// see notes an image.
func (t *truth) see(im string) bool {
	if _, known := t.style[im]; known {
		return false
	}
	t.images = append(t.images, im)
	t.style[im] = ""
	return true
}

// handMade reads truth.csv: image,template,contest,choice,mark, one row a choice with a mark of any kind. Every other
// target of the image's page is empty.
func (t *truth) handMade(file string, e *election.Election) error {
	type said struct {
		choice, mark string
		line         int
	}
	marks := map[string]map[targetKey][]said{}
	page := map[string]*election.Page{}
	err := readTable(file, []string{"image", "template", "contest", "choice", "mark"}, func(line int, f []string) error {
		im := baseName(f[0])
		style, p := templatePage(e, f[1])
		if p == nil {
			return fmt.Errorf("template %q is no page of the election: name it STYLE-front, STYLE-back or STYLE-pN", f[1])
		}
		if t.see(im) {
			marks[im] = map[targetKey][]said{}
			t.style[im], page[im] = style, p
		} else if page[im] != p {
			return fmt.Errorf("image %s has two templates", im)
		}
		if f[3] == "" {
			return nil
		}
		if !slices.Contains(truthMarks, f[4]) {
			return fmt.Errorf("mark %q is not vote, marginal, stray, erased or none", f[4])
		}
		k := keyOf(f[2], f[3])
		marks[im][k] = append(marks[im][k], said{f[3], f[4], line})
		return nil
	})
	if err != nil {
		return err
	}
	for _, im := range t.images {
		targets := pageTargets(e, page[im])
		for i := range targets {
			w := &targets[i]
			said := marks[im][w.key]
			if len(said) > len(w.marks) {
				return fmt.Errorf("read %s line %d: %s has fewer targets for %q on this page", file, said[len(said)-1].line, im, w.choice)
			}
			for k, s := range said {
				w.marks[k] = s.mark
			}
			delete(marks[im], w.key)
		}
		for _, left := range marks[im] {
			return fmt.Errorf("read %s line %d: the page of %s has no choice %q", file, left[0].line, im, left[0].choice)
		}
		t.targets[im] = targets
	}
	return nil
}

// pageTargets lists a page's targets by name, all of them empty.
func pageTargets(e *election.Election, p *election.Page) []wanted {
	x := export{election: e}
	var out []wanted
	at := map[targetKey]int{}
	for _, t := range p.Targets {
		contest, choice := x.names(t)
		k := keyOf(contest, choice.Name)
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, wanted{key: k, contest: contest, choice: choice.Name})
		}
		out[i].marks = append(out[i].marks, "none")
	}
	return out
}

// expected reads a marks.csv that an earlier run wrote and people found right.
func (t *truth) expected(file string) error {
	return readTable(file, []string{"image", "style", "contest", "choice", "mark"}, func(_ int, f []string) error {
		im := baseName(f[0])
		if t.see(im) {
			t.style[im] = f[1]
		}
		switch f[4] {
		case "vote", "questionable", "none":
		default:
			return fmt.Errorf("mark %q is not vote, questionable or none", f[4])
		}
		k := keyOf(f[2], f[3])
		list := t.targets[im]
		i := slices.IndexFunc(list, func(w wanted) bool { return w.key == k })
		if i < 0 {
			i = len(list)
			list = append(list, wanted{key: k, contest: f[2], choice: f[3]})
		}
		list[i].marks = append(list[i].marks, f[4])
		t.targets[im] = list
		return nil
	})
}

var templateName = regexp.MustCompile(`^(.*)-(front|back|p(\d{1,3})|side(\d{1,3}))$`)

// templatePage finds the style page a truth's template names: a style, for its first page, or a style with a side.
func templatePage(e *election.Election, name string) (string, *election.Page) {
	if s := e.Style(name); s != nil && len(s.Pages) > 0 {
		return s.ID, &s.Pages[0]
	}
	m := templateName.FindStringSubmatch(name)
	if m == nil {
		return "", nil
	}
	number := 1
	switch {
	case m[2] == "back":
		number = 2
	case m[3] != "":
		number, _ = strconv.Atoi(m[3])
	case m[4] != "":
		number, _ = strconv.Atoi(m[4])
		number++
	}
	for _, id := range []string{m[1], election.Slug(m[1])} {
		if s := e.Style(id); s != nil {
			return s.ID, s.Page(number)
		}
	}
	return "", nil
}
