package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/org/ami-action/internal/sandbox/awsapi"
	"github.com/org/ami-action/internal/sandbox/engine"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// maxBody is the largest body that API Gateway accepts, in bytes. The sandbox applies it to AWS calls too, such as
// the upload of a component.
const maxBody = 10 << 20

// request is a request whose body has been read and whose route is known.
type request struct {
	*http.Request
	body []byte
	// name is the name of the route in faults and in the log.
	name  string
	serve func(http.ResponseWriter)
	// call is the AWS call if isAWS is true.
	call  awsapi.Call
	isAWS bool
}

// ServeHTTP serves the orchestrator's API, the AWS calls and the control routes.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			writeJSON(w, http.StatusRequestEntityTooLarge, python.Dict{"message": "Request Entity Too Large"})
		}
		return // Otherwise the client has disconnected.
	}
	if reason := s.foreign(r); reason != "" {
		s.options.Log.Warn("request refused", "reason", reason)
		s.refuse(w, r, body, reason)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control(w, r, body)
		return
	}
	one := s.recognise(r, body)
	s.log.add(one.name)
	s.options.Log.Info("request", "route", one.name)
	if fault, ok := s.faults.take(one); ok {
		fault.apply(w, one)
		return
	}
	one.serve(w)
}

func (s *Server) recognise(r *http.Request, body []byte) request {
	one := request{Request: r, body: body}
	path := apiPath(r.URL.Path)
	if found, id, ok := findRoute(r.Method, path); ok {
		one.name = found.String()
		one.serve = func(w http.ResponseWriter) { s.serveAPI(w, one, found, id, path) }
		return one
	}
	if one.call, one.isAWS = s.aws.Recognise(r, body); one.isAWS {
		one.name = one.call.Route()
		one.serve = func(w http.ResponseWriter) { s.aws.Serve(w, r, one.call) }
		return one
	}
	one.name = r.Method + " " + path
	one.serve = func(w http.ResponseWriter) {
		if path == "/" && r.Method == http.MethodGet {
			s.frontPage(w, r)
			return
		}
		writeJSON(w, http.StatusNotFound, python.Dict{"message": "Not Found"})
	}
	return one
}

// serveAPI has the engine carry out a call to the API. A GET first runs in a read-only transaction.
func (s *Server) serveAPI(w http.ResponseWriter, r request, found route, id, path string) {
	query := r.URL.Query()
	call := engine.Call{
		Operation: found.operation, LifecycleID: id, Path: path,
		Key: query.Get("api_key"), HasKey: query.Has("api_key"), Body: r.body,
	}
	var response engine.Response
	do := func(tx *store.Tx) (err error) {
		response, err = s.engine.Do(tx, call)
		return err
	}
	var err error
	if r.Method == http.MethodGet {
		err = s.read(r.Context(), do)
	} else {
		err = s.store.Update(r.Context(), do)
	}
	if response.IsUnknown {
		hint := "check the lifecycle id: the sandbox in " + s.options.Dir + " does not know it; each sandbox has lifecycles of its own, " +
			"and so has each job: pass the sandbox's directory on as an artifact, or run ami-sandbox as a service container that the steps of one job share " +
			"(examples/github/sandbox.yml, examples/gitlab/sandbox.yml)"
		s.options.Log.Warn("unknown lifecycle", "route", r.name, "hint", hint)
		w.Header().Set(HintHeader, strings.Map(printable, hint))
	}
	failure, isFailure := errors.AsType[*store.Failure](err)
	switch {
	case isFailure:
		// The orchestrator's form of an error, not the gateway's, tells the client that nothing was done.
		s.options.Log.Error(failure.Reason, "route", r.name, "hint", failure.Hint, "error", failure.Err)
		writeJSON(w, http.StatusInternalServerError, python.Dict{"error": failure.Error()})
	case err != nil:
		s.options.Log.Error("the request could not be handled", "route", r.name, "error", err)
		writeJSON(w, http.StatusInternalServerError, python.Dict{"message": "Internal Server Error"})
	case response.HTML != nil:
		writeHTML(w, response.Status, response.HTML)
	default:
		writeJSON(w, response.Status, response.Value)
	}
}

// HintHeader is the header in which the sandbox explains an error. The body keeps the orchestrator's own
// text, which does not explain it.
const HintHeader = "X-Ami-Sandbox-Hint"

// printable replaces a character that a header cannot hold by a question mark.
func printable(r rune) rune {
	if r < 0x20 || r > 0x7e {
		return '?'
	}
	return r
}

// read calls do in a read-only transaction. If do has to store something first, such as the end of an event that was
// due, it is called again in a transaction that can write.
func (s *Server) read(ctx context.Context, do func(*store.Tx) error) error {
	err := s.store.View(ctx, do)
	if errors.Is(err, store.ErrReadOnly) {
		err = s.store.Update(ctx, do)
	}
	return err
}

// writeHTML writes a page. Its content security policy allows no scripts and no files from anywhere.
func writeHTML(w http.ResponseWriter, status int, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(page)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"message":"Internal Server Error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
