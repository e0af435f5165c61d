package orchestrator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
)

// Accepted is the response to a request that the orchestrator has accepted. It does not mean that anything has
// finished, nor even that anything was started (docs/wire-contract.md, "Requests").
type Accepted struct {
	LifecycleID  string                   `json:"lifecycle_id"`
	Owner        string                   `json:"owner"`
	CreationDate lifecycle.Date           `json:"creation_date"`
	Channels     []lifecycle.Notification `json:"notification_channels"`
}

// switches returns every event that a request of the operation's phase lists, in order, each enabled or not
// (docs/wire-contract.md, "Requests"). The first one makes the image: it is enabled in the operation that starts the
// phase, and disabled in an update of it. An event that the operation cannot start is an *InvalidError.
func switches(o lifecycle.Operation, wanted []lifecycle.Event) ([]lifecycle.EventSwitch, error) {
	known := o.Phase().Requestable()
	starts := o == lifecycle.Create || o == lifecycle.Patch
	for _, event := range wanted {
		if !slices.Contains(known, event) || event == known[0] && !starts {
			return nil, &InvalidError{Operation: o, Reason: fmt.Sprintf("%s cannot start event %s", o, event)}
		}
	}
	list := make([]lifecycle.EventSwitch, 0, len(known))
	for i, event := range known {
		list = append(list, lifecycle.EventSwitch{
			Name: event, Enabled: i == 0 && starts || slices.Contains(wanted, event),
		})
	}
	return list, nil
}

// eventsBody is the events member of a body. It is embedded beside the request, which has the other members.
type eventsBody struct {
	Events []lifecycle.EventSwitch `json:"events"`
}

// eventsOf returns the events member of a body, and also checks the notification channels of the request. The error is
// an *InvalidError.
func eventsOf(o lifecycle.Operation, wanted []lifecycle.Event, channels []lifecycle.Notification) (eventsBody, error) {
	list, err := switches(o, wanted)
	if err != nil {
		return eventsBody{}, err
	}
	// For a channel without a method, the orchestrator returns an error, but leaves an orphan lifecycle.
	if len(channels) == 0 || slices.ContainsFunc(channels, func(n lifecycle.Notification) bool { return n.Method == "" || n.Target == "" }) {
		return eventsBody{}, &InvalidError{Operation: o, Reason: "at least one notification is needed, each with a method and a target"}
	}
	return eventsBody{list}, nil
}

func (r CreateRequest) render() (call, error) {
	events, err := eventsOf(lifecycle.Create, r.Events, r.Notifications)
	return call{
		operation: lifecycle.Create, method: http.MethodPost, path: "/ami-creation/lifecycles",
		body: struct {
			CreateRequest
			eventsBody
		}{r, events},
	}, err
}

func (r UpdateRequest) render() (call, error) {
	events, err := eventsOf(lifecycle.CreateUpdate, r.Events, r.Notifications)
	return call{
		operation: lifecycle.CreateUpdate, id: r.LifecycleID, method: http.MethodPut, path: "/ami-creation/lifecycles",
		body: struct {
			UpdateRequest
			eventsBody
		}{r, events},
	}, err
}

func (r PatchRequest) render() (call, error) {
	properties := map[string]string{}
	maps.Copy(properties, r.Properties)
	properties[lifecycle.PropertyComponentURL] = r.ComponentURL
	properties[lifecycle.PropertyChangeDescription] = r.ChangeDescription
	properties[lifecycle.PropertySemverBumpType] = r.SemverBumpType
	events, err := eventsOf(lifecycle.Patch, r.Events, r.Notifications)
	return call{
		operation: lifecycle.Patch, id: r.LifecycleID, method: http.MethodPost, path: "/ami-patch/lifecycles",
		body: struct {
			PatchRequest
			eventsBody
			Properties map[string]string `json:"properties"`
		}{r, events, properties},
	}, err
}

func (r PatchUpdateRequest) render() (call, error) {
	events, err := eventsOf(lifecycle.PatchUpdate, r.Events, r.Notifications)
	return call{
		operation: lifecycle.PatchUpdate, id: r.LifecycleID, method: http.MethodPut, path: "/ami-patch/lifecycles",
		body: struct {
			PatchUpdateRequest
			eventsBody
		}{r, events},
	}, err
}

func (r CertifyRequest) render() (call, error) { //nolint:unparam // the signature of Request
	return call{
		operation: lifecycle.QACertification, id: r.LifecycleID, method: http.MethodPost,
		path: "/ami-creation/lifecycles/" + url.PathEscape(r.LifecycleID) + "/certify",
		body: r,
	}, nil
}

func (r ApproveRequest) render() (call, error) { //nolint:unparam // the signature of Request
	operation, path := lifecycle.ApprovalCreate, "/ami-creation/lifecycles/"
	if r.Phase == lifecycle.Patching {
		operation, path = lifecycle.ApprovalPatch, "/ami-patch/lifecycles/"
	}
	return call{
		operation: operation, id: r.LifecycleID, method: http.MethodPost, path: path + url.PathEscape(r.LifecycleID) + "/approve",
		body: r,
	}, nil
}

// encode returns the body as JSON with the API key in it, or without a key if key is "". The error is an *InvalidError.
func (c call) encode(key string) ([]byte, error) {
	body, err := json.Marshal(c.body)
	if err != nil {
		return nil, &InvalidError{Operation: c.operation, Reason: err.Error()}
	}
	if len(body) > maxRequest {
		return nil, &InvalidError{
			Operation: c.operation,
			Reason:    fmt.Sprintf("the request is larger than the orchestrator's limit of %d KB: use fewer or shorter properties", maxRequest>>10),
		}
	}
	if key == "" {
		return body, nil
	}
	quoted, err := json.Marshal(key)
	if err != nil {
		return nil, &InvalidError{Operation: c.operation, Reason: err.Error()}
	}
	return slices.Concat([]byte(`{"api_key":`), quoted, []byte(","), bytes.TrimPrefix(body, []byte("{"))), nil
}

// Preview is the content of a request, without its API key.
type Preview struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
}

// PreviewOf returns what [Client.Send] sends for the request. The error is an *InvalidError.
func PreviewOf(r Request) (Preview, error) {
	c, err := r.render()
	if err != nil {
		return Preview{}, err
	}
	body, err := c.encode("")
	return Preview{Method: c.method, Path: c.path, Body: body}, err
}
