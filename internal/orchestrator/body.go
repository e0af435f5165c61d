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

// Accepted is what the orchestrator answers to a request that it has taken. It does not mean that
// anything has finished, nor always that anything was started (docs/wire-contract.md, "Requests").
type Accepted struct {
	LifecycleID  string         `json:"lifecycle_id"`
	Owner        string         `json:"owner"`
	CreationDate lifecycle.Date `json:"creation_date"`
	Channels     []Notification `json:"notification_channels"`
}

// The bodies are what goes over the wire, field by field the table of docs/wire-contract.md, "Requests".
// The API key comes in front of it. What is mandatory there is always sent; properties are left out where there are none, never null: the
// orchestrator breaks on that.
type (
	eventsBody struct {
		StackTag      string                  `json:"stack_tag"`
		Owner         string                  `json:"owner"`
		Notifications []Notification          `json:"notifications"`
		Events        []lifecycle.EventSwitch `json:"events"`
		Properties    map[string]string       `json:"properties,omitempty"`
	}
	createBody struct {
		eventsBody
		ProductVer  string `json:"product_ver"`
		ProductName string `json:"product_name"`
		CommitRef   string `json:"commit_ref"`
	}
	updateBody struct {
		eventsBody
		LifecycleID string `json:"lifecycle_id"`
	}
	patchBody struct {
		eventsBody
		LifecycleID string `json:"lifecycle_id"`
		CommitRef   string `json:"commit_ref"`
	}
	verdictBody struct {
		StackTag            string            `json:"stack_tag"`
		LifecycleID         string            `json:"lifecycle_id"`
		CertificationStatus string            `json:"certification_status,omitempty"`
		ApprovalStatus      string            `json:"approval_status,omitempty"`
		Properties          map[string]string `json:"properties,omitempty"`
	}
)

// switches lists every event that a request of the operation's phase knows, in order, and says of each
// whether it is wanted (docs/wire-contract.md, "Requests"). The first one makes the image: it is on in the
// operation that starts the phase and off in the one that goes on with it.
func switches(o lifecycle.Operation, wanted []lifecycle.Event) ([]lifecycle.EventSwitch, error) {
	known := o.Phase().Requestable()
	starts := o == lifecycle.Create || o == lifecycle.Patch
	for _, event := range wanted {
		if !slices.Contains(known, event) || event == known[0] && !starts {
			return nil, &InvalidError{Operation: o, Reason: fmt.Sprintf("event %s cannot be asked for by %s", event, o)}
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

// eventsOf returns the part of the body that the four operations share which start events.
func eventsOf(
	o lifecycle.Operation, stackTag, owner string, channels []Notification, wanted []lifecycle.Event, properties map[string]string,
) (eventsBody, error) {
	list, err := switches(o, wanted)
	if err != nil {
		return eventsBody{}, err
	}
	// A channel without a method makes the orchestrator leave an orphan behind.
	if len(channels) == 0 || slices.ContainsFunc(channels, func(n Notification) bool { return n.Method == "" || n.Target == "" }) {
		return eventsBody{}, &InvalidError{Operation: o, Reason: "at least one notification is needed, each with a method and a target"}
	}
	return eventsBody{StackTag: stackTag, Owner: owner, Notifications: channels, Events: list, Properties: properties}, nil
}

func (r CreateRequest) render() (call, error) {
	events, err := eventsOf(lifecycle.Create, r.StackTag, r.Owner, r.Notifications, r.Events, r.Properties)
	return call{
		operation: lifecycle.Create, method: http.MethodPost, path: "/ami-creation/lifecycles",
		body: createBody{eventsBody: events, ProductVer: r.ProductVer, ProductName: r.ProductName, CommitRef: r.CommitRef},
	}, err
}

func (r UpdateRequest) render() (call, error) {
	events, err := eventsOf(lifecycle.CreateUpdate, r.StackTag, r.Owner, r.Notifications, r.Events, r.Properties)
	return call{
		operation: lifecycle.CreateUpdate, id: r.LifecycleID, method: http.MethodPut, path: "/ami-creation/lifecycles",
		body: updateBody{eventsBody: events, LifecycleID: r.LifecycleID},
	}, err
}

func (r PatchRequest) render() (call, error) {
	properties := map[string]string{}
	maps.Copy(properties, r.Properties)
	properties[lifecycle.PropertyComponentURL] = r.ComponentURL
	properties[lifecycle.PropertyChangeDescription] = r.ChangeDescription
	properties[lifecycle.PropertySemverBumpType] = r.SemverBumpType
	events, err := eventsOf(lifecycle.Patch, r.StackTag, r.Owner, r.Notifications, r.Events, properties)
	return call{
		operation: lifecycle.Patch, id: r.LifecycleID, method: http.MethodPost, path: "/ami-patch/lifecycles",
		body: patchBody{eventsBody: events, LifecycleID: r.LifecycleID, CommitRef: r.CommitRef},
	}, err
}

func (r PatchUpdateRequest) render() (call, error) {
	events, err := eventsOf(lifecycle.PatchUpdate, r.StackTag, r.Owner, r.Notifications, r.Events, r.Properties)
	return call{
		operation: lifecycle.PatchUpdate, id: r.LifecycleID, method: http.MethodPut, path: "/ami-patch/lifecycles",
		body: patchBody{eventsBody: events, LifecycleID: r.LifecycleID, CommitRef: r.CommitRef},
	}, err
}

func (r CertifyRequest) render() (call, error) { //nolint:unparam // as every Request
	return call{
		operation: lifecycle.QACertification, id: r.LifecycleID, method: http.MethodPost,
		path: "/ami-creation/lifecycles/" + url.PathEscape(r.LifecycleID) + "/certify",
		body: verdictBody{
			StackTag: r.StackTag, LifecycleID: r.LifecycleID, CertificationStatus: r.CertificationStatus, Properties: r.Properties,
		},
	}, nil
}

func (r ApproveRequest) render() (call, error) { //nolint:unparam // as every Request
	operation, path := lifecycle.ApprovalCreate, "/ami-creation/lifecycles/"
	if r.Phase == lifecycle.Patching {
		operation, path = lifecycle.ApprovalPatch, "/ami-patch/lifecycles/"
	}
	return call{
		operation: operation, id: r.LifecycleID, method: http.MethodPost, path: path + url.PathEscape(r.LifecycleID) + "/approve",
		body: verdictBody{StackTag: r.StackTag, LifecycleID: r.LifecycleID, ApprovalStatus: r.ApprovalStatus, Properties: r.Properties},
	}, nil
}

// encode returns the body with the API key in it, or without one where key is "".
func (c call) encode(key string) ([]byte, error) {
	body, err := json.Marshal(c.body)
	if err != nil {
		return nil, &InvalidError{Operation: c.operation, Reason: err.Error()}
	}
	if len(body) > maxRequest {
		return nil, &InvalidError{
			Operation: c.operation,
			Reason:    fmt.Sprintf("the request has more than the %d KB that the orchestrator can take: use fewer or shorter properties", maxRequest>>10),
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

// Preview is a request as it would go out, without its API key.
type Preview struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
}

// PreviewOf returns what [Client.Send] would send. The error is an *InvalidError.
func PreviewOf(r Request) (Preview, error) {
	c, err := r.render()
	if err != nil {
		return Preview{}, err
	}
	body, err := c.encode("")
	return Preview{Method: c.method, Path: c.path, Body: body}, err
}
