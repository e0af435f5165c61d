package sandbox

import (
	"net/http"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// route is a route of the API: its method, its path, in which {id} stands for any one part, and its operation.
type route struct {
	method, pattern string
	operation       lifecycle.Operation
}

func (r route) String() string { return r.method + " " + r.pattern }

// routes are the routes of docs/wire-contract.md, "Finding it".
var routes = []route{
	{http.MethodPost, "/ami-creation/lifecycles", lifecycle.Create},
	{http.MethodPut, "/ami-creation/lifecycles", lifecycle.CreateUpdate},
	{http.MethodPost, "/ami-patch/lifecycles", lifecycle.Patch},
	{http.MethodPut, "/ami-patch/lifecycles", lifecycle.PatchUpdate},
	{http.MethodGet, "/ami-creation/lifecycles/status", lifecycle.GetStatuses},
	{http.MethodGet, "/ami-patch/lifecycles/status", lifecycle.GetStatuses},
	{http.MethodGet, "/ami-creation/lifecycles/{id}/status", lifecycle.GetStatus},
	{http.MethodGet, "/ami-patch/lifecycles/{id}/status", lifecycle.GetStatus},
	{http.MethodGet, "/ami-creation/lifecycles/{id}/timeline", lifecycle.TimelineCreate},
	{http.MethodGet, "/ami-patch/lifecycles/{id}/timeline", lifecycle.TimelinePatch},
	{http.MethodPost, "/ami-creation/lifecycles/{id}/certify", lifecycle.QACertification},
	{http.MethodPost, "/ami-creation/lifecycles/{id}/approve", lifecycle.ApprovalCreate},
	{http.MethodPost, "/ami-patch/lifecycles/{id}/approve", lifecycle.ApprovalPatch},
}

// findRoute returns the route of a request and the part of its path that {id} stands for. It returns false if there
// is none.
func findRoute(method, path string) (route, string, bool) {
	for _, one := range routes {
		if id, ok := matchPath(one.pattern, path); ok && one.method == method {
			return one, id, true
		}
	}
	return route{}, "", false
}

// matchPath compares a path with a pattern part by part. A part in braces matches any part that is not empty; id is
// the last part matched that way.
func matchPath(pattern, path string) (id string, ok bool) {
	wanted, parts := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(wanted) != len(parts) {
		return "", false
	}
	for i, part := range parts {
		switch isWildcard := strings.HasPrefix(wanted[i], "{"); {
		case isWildcard && part != "":
			id = part
		case isWildcard || wanted[i] != part:
			return "", false
		}
	}
	return id, true
}

// apiPath returns the path without the stage. The sandbox serves the API with and without it.
func apiPath(path string) string {
	if rest, found := strings.CutPrefix(path, Stage); found && strings.HasPrefix(rest, "/") {
		return rest
	}
	return path
}
