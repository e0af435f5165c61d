package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/engine"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

const controlPrefix = "/_sandbox/"

// errInvalid is the error of an invalid request to a control route. The response is a 400.
var errInvalid = errors.New("invalid request")

// control serves the control routes, which the package's documentation describes.
func (s *Server) control(w http.ResponseWriter, r *http.Request, body []byte) {
	if s.pageOf(w, r, strings.TrimPrefix(r.URL.Path, controlPrefix)) {
		return
	}
	value, err := s.controlled(r, body)
	switch {
	case err == nil && value == nil:
		writeJSON(w, http.StatusNotFound, python.Dict{"error": "unknown route " + r.Method + " " + r.URL.Path})
	case err == nil:
		writeJSON(w, http.StatusOK, value)
	case errors.Is(err, engine.ErrNoSuchEvent):
		writeJSON(w, http.StatusConflict, python.Dict{"error": err.Error()})
	case errors.Is(err, errInvalid):
		writeJSON(w, http.StatusBadRequest, python.Dict{"error": err.Error()})
	default:
		writeJSON(w, http.StatusInternalServerError, python.Dict{"error": err.Error()})
	}
}

func (s *Server) controlled(r *http.Request, body []byte) (any, error) {
	path := strings.TrimPrefix(r.URL.Path, controlPrefix)
	if id, ok := matchPath("lifecycles/{id}/event", path); ok && r.Method == http.MethodPost {
		return s.endEvent(r, id, body)
	}
	if id, ok := matchPath("lifecycles/{id}/age", path); ok && r.Method == http.MethodPost {
		return s.age(r, id, body)
	}
	if id, ok := matchPath("lifecycles/{id}/image", path); ok && r.Method == http.MethodPost {
		return s.setImage(r, id, body)
	}
	switch r.Method + " " + path {
	case "POST queue":
		return s.setQueue(r, body)
	case "POST queue/deliver":
		var delivered []engine.Delivery
		err := s.store.Update(r.Context(), func(tx *store.Tx) (err error) {
			delivered, err = s.engine.DeliverQueue(tx)
			return err
		})
		return python.Dict{"delivered": delivered}, err
	case "POST seed":
		return s.seed(r, body)
	case "POST keys/rotate":
		return python.Dict{}, s.store.Update(r.Context(), s.engine.RotateKeys)
	case "POST faults":
		return s.addFault(body)
	case "DELETE faults":
		s.faults.clear()
		return python.Dict{}, nil
	case "GET requests":
		return s.log.arrived(), nil
	}
	return nil, nil
}

func (s *Server) endEvent(r *http.Request, id string, body []byte) (any, error) {
	var request struct {
		Status       lifecycle.Status `json:"status"`
		Name         string           `json:"name"`
		Properties   json.RawMessage  `json:"properties"`
		ErrorMessage string           `json:"error_message"`
		StackTrace   string           `json:"stack_trace"`
	}
	if err := decode(body, &request); err != nil {
		return nil, err
	}
	request.Status = lifecycle.Status(strings.ToUpper(string(request.Status)))
	if !slices.Contains([]lifecycle.Status{lifecycle.Completed, lifecycle.Failed, lifecycle.Error}, request.Status) {
		return nil, fmt.Errorf("%w: status must be COMPLETED, FAILED or ERROR", errInvalid)
	}
	var names []lifecycle.Event
	if request.Name != "" {
		var err error
		if names, err = EventsNamed(request.Name); err != nil {
			return nil, fmt.Errorf("%w: %w", errInvalid, err)
		}
	}
	ending := engine.Ending{Status: request.Status, ErrorMessage: request.ErrorMessage, StackTrace: request.StackTrace}
	if len(request.Properties) > 0 {
		properties, err := python.Loads(request.Properties)
		object, ok := properties.(python.Dict)
		if err != nil || !ok && properties != nil {
			return nil, fmt.Errorf("%w: properties must be an object", errInvalid)
		}
		ending.Properties = object
	}
	var delivery engine.Delivery
	err := s.store.Update(r.Context(), func(tx *store.Tx) (err error) {
		delivery, err = s.engine.EndEvent(tx, id, names, ending)
		return err
	})
	return delivery, err
}

func (s *Server) age(r *http.Request, id string, body []byte) (any, error) {
	var request struct {
		Minutes int `json:"minutes"`
	}
	if err := decode(body, &request); err != nil {
		return nil, err
	}
	const century = 100 * 365 * 24 * 60
	if request.Minutes < -century || request.Minutes > century {
		return nil, fmt.Errorf("%w: minutes must be within a century", errInvalid)
	}
	return python.Dict{}, s.store.Update(r.Context(), func(tx *store.Tx) error {
		return s.engine.Age(tx, id, request.Minutes)
	})
}

func (s *Server) setQueue(r *http.Request, body []byte) (any, error) {
	var request struct {
		Auto *bool `json:"auto"`
	}
	if err := decode(body, &request); err != nil {
		return nil, err
	}
	if request.Auto == nil {
		return nil, fmt.Errorf("%w: auto must be true or false", errInvalid)
	}
	return python.Dict{"auto": *request.Auto}, s.store.Update(r.Context(), func(tx *store.Tx) error {
		return s.engine.HoldQueue(tx, !*request.Auto)
	})
}

func (s *Server) addFault(body []byte) (any, error) {
	one := &fault{}
	if err := decode(body, one); err != nil {
		return nil, err
	}
	if one.Route == "" {
		return nil, fmt.Errorf("%w: route is missing", errInvalid)
	}
	if one.Status != 0 && (one.Status < 200 || one.Status > 599) {
		return nil, fmt.Errorf("%w: status must be from 200 to 599", errInvalid)
	}
	if one.Times == 0 {
		one.Times = 1
	}
	s.faults.add(one)
	return python.Dict{}, nil
}

// decode reads the body of a request to a control route. An unknown member is an error, because a test with a
// misspelled member in its fault tests nothing.
func decode(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", errInvalid, err)
	}
	return nil
}
