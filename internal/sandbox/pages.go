package sandbox

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/engine"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// frontPage serves GET / and GET /_sandbox/: the page of all lifecycles. A client that accepts JSON and not HTML
// gets the addresses of the sandbox instead.
func (s *Server) frontPage(w http.ResponseWriter, r *http.Request) {
	if accept := r.Header.Get("Accept"); strings.Contains(accept, "json") && !strings.Contains(accept, "html") {
		writeJSON(w, http.StatusOK, python.Dict{
			"name": "ami-sandbox", "api": s.BaseURL(), "aws_endpoint_url": s.URL(),
			"about": "A sandbox orchestrator. Nothing here is real, and nothing costs anything.",
		})
		return
	}
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	s.page(w, r, func(tx *store.Tx) ([]byte, error) { return s.engine.Overview(tx, number) })
}

// pageOf serves a control route that is a page. It returns false, and writes nothing, for any other path.
func (s *Server) pageOf(w http.ResponseWriter, r *http.Request, path string) bool {
	if r.Method != http.MethodGet {
		return false
	}
	if path == "" {
		s.frontPage(w, r)
		return true
	}
	for phase, pattern := range map[lifecycle.Phase]string{
		lifecycle.Creation: "lifecycles/{id}/timeline/creation", lifecycle.Patching: "lifecycles/{id}/timeline/patch",
	} {
		if id, ok := matchPath(pattern, path); ok {
			s.page(w, r, func(tx *store.Tx) ([]byte, error) { return s.engine.TimelinePage(tx, id, phase) })
			return true
		}
	}
	return false
}

func (s *Server) page(w http.ResponseWriter, r *http.Request, render func(*store.Tx) ([]byte, error)) {
	var html []byte
	err := s.read(r.Context(), func(tx *store.Tx) (err error) {
		html, err = render(tx)
		return err
	})
	switch {
	case errors.Is(err, engine.ErrNoTimeline):
		writeJSON(w, http.StatusNotFound, python.Dict{"error": err.Error()})
	case err != nil:
		writeJSON(w, http.StatusInternalServerError, python.Dict{"error": err.Error()})
	default:
		writeHTML(w, http.StatusOK, html)
	}
}
