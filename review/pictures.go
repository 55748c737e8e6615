package review

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"recount/audit"
	"recount/batch"
)

// picture gives a target's crop with its whole contest, or its chip for a wall.
func (s *Server) picture(w http.ResponseWriter, r *request, kind string, id int64, target int) error {
	p, err := s.index.PageByID(id)
	if err != nil {
		return err
	}
	if kind != "crop" {
		m, err := s.index.Mark(p, target-1)
		if err != nil {
			return err
		}
		draw := map[string]func(*batch.Page, audit.MarkSeen) ([]byte, error){"chip": s.scans.Chip, "close": s.scans.Closely, "around": s.scans.Around, "enlarged": s.scans.Enlarged}[kind]
		return s.shared(w, r, "", func() ([]byte, error) { return draw(p, audit.MarkSeen{X: m.X, Y: m.Y, W: m.W, H: m.H}) })
	}
	v, err := s.view(r, id, target)
	if err != nil {
		return err
	}
	if v.Current == nil || v.Current.Number != target {
		return batch.ErrNotThere
	}
	var marks []audit.MarkSeen
	now := 0
	for i, t := range v.Contest {
		if t.Number == target {
			now = i
		}
		marks = append(marks, asSeen(p, t))
	}
	png, err := s.scans.Crop(p, marks, now)
	if err != nil {
		return noPicture(err)
	}
	return writePNG(w, png)
}

func noPicture(err error) error {
	return &failure{http.StatusNotFound, "There is no picture: " + err.Error() + "."}
}

// tile gives one tile of the upright picture.
func (s *Server) tile(w http.ResponseWriter, r *request, id int64, level, x, y int) error {
	p, err := s.index.PageByID(id)
	if err != nil {
		return err
	}
	return s.shared(w, r, "", func() ([]byte, error) { return s.scans.Tile(p, level, x, y) })
}

// whole gives a page to be printed, its targets outlined as this person may see them.
func (s *Server) whole(w http.ResponseWriter, r *request, id int64) error {
	v, err := s.view(r, id, 0)
	if err != nil {
		return err
	}
	var marks []audit.MarkSeen
	var numbers []int
	for i := range v.Targets {
		marks = append(marks, asSeen(v.Page, &v.Targets[i]))
		numbers = append(numbers, v.Targets[i].Number)
	}
	png, err := s.scans.Whole(v.Page, marks, numbers)
	if err != nil {
		return noPicture(err)
	}
	return writePNG(w, png)
}

// shared answers with a picture that is the same for all who ask. The browser keeps it, and asks each time whether it is still that of
// its address: on the same port another run may be looked at next. more tells pictures of one address apart.
func (s *Server) shared(w http.ResponseWriter, r *request, more string, draw func() ([]byte, error)) error {
	name := sha256.Sum256([]byte(s.o.Run.Definition + "\n" + s.o.Run.Manifest + "\n" + r.URL.Path + "\n" + more))
	tag := `"` + hex.EncodeToString(name[:12]) + `"`
	h := w.Header()
	if r.Header.Get("If-None-Match") == tag {
		h.Set("Cache-Control", "private, no-cache")
		h.Set("ETag", tag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	png, err := draw()
	if errors.Is(err, batch.ErrNotThere) {
		return notThere("picture")
	}
	if err != nil {
		return noPicture(err)
	}
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Type", "image/png")
	_, _ = w.Write(png)
	return nil
}

// writePNG answers with a picture that is this person's, and of now.
func writePNG(w http.ResponseWriter, png []byte) error {
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(png)
	return nil
}
