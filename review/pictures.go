package review

import (
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
	var png []byte
	if kind != "crop" {
		m, err := s.index.Mark(p, target-1)
		if err != nil {
			return err
		}
		draw := s.scans.Chip
		if kind == "enlarged" {
			draw = s.scans.Enlarged
		}
		png, err = draw(p, audit.MarkSeen{X: m.X, Y: m.Y, W: m.W, H: m.H})
		if err != nil {
			return noPicture(err)
		}
		return writePNG(w, png)
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
	if png, err = s.scans.Crop(p, marks, now); err != nil {
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
	png, err := s.scans.Tile(p, level, x, y)
	if errors.Is(err, batch.ErrNotThere) {
		return notThere("tile")
	}
	if err != nil {
		return noPicture(err)
	}
	return writePNG(w, png)
}

func writePNG(w http.ResponseWriter, png []byte) error {
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_, _ = w.Write(png)
	return nil
}
