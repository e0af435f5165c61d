package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// hostile is an orchestrator that keeps one lifecycle, whose events end at once. A test can change every response.
type hostile struct {
	id string
	// plant changes each status document and each response to a write on its way out.
	plant func(document map[string]any)
	// intercept returns true if it has written the response itself. body is the body of the request.
	intercept func(rw http.ResponseWriter, r *http.Request, body []byte) bool
	// status, if not nil, keeps the last event of a request in progress with that status. If it is nil, the event
	// completes.
	status *string
	// page is the HTML of the timeline.
	page string

	mu              sync.Mutex
	created         []lifecycle.Event
	patched         []lifecycle.Event
	running         map[string]any
	properties      map[string]any
	served, changed int
}

const hostileID = "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7"

// newHostile replaces the orchestrator of the world's sandbox with a hostile one. The sandbox still stands in for AWS.
// The limits are short, because nothing takes time in a hostile orchestrator.
func newHostile(w *world) *hostile {
	h := &hostile{id: hostileID, page: "<html></html>"}
	server := httptest.NewServer(h)
	w.t.Cleanup(server.Close)
	w.endpoint = server.URL + sandbox.Stage
	w.limits = action.Limits{
		Settle: 5 * time.Millisecond, Lease: time.Minute, Upload: 10 * time.Second, Handover: time.Millisecond, Stall: time.Millisecond, LostVerdict: time.Millisecond,
		PollFloor: time.Millisecond, PollBudget: time.Millisecond, Heartbeat: time.Hour, GracePeriod: time.Second,
	}
	return h
}

func (h *hostile) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.served++
	body, _ := io.ReadAll(r.Body)
	if h.intercept != nil && h.intercept(rw, r, body) {
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	switch path := r.URL.Path; {
	case r.Method != http.MethodGet:
		h.take(r, body)
		h.write(rw, map[string]any{"lifecycle_id": h.id, "owner": "me", "creation_date": "03/04/2026, 09:00:00", "notification_channels": []any{}})
	case strings.HasSuffix(path, "/timeline"):
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, h.page)
	case strings.HasSuffix(path, "/lifecycles/status"):
		fmt.Fprint(rw, "[")
		h.write(rw, h.document())
		fmt.Fprint(rw, "]")
	default:
		h.write(rw, h.document())
	}
}

func (h *hostile) write(w io.Writer, value map[string]any) {
	if h.plant != nil {
		h.plant(value)
	}
	_ = json.NewEncoder(w).Encode(value)
}

// take carries out a write at once.
func (h *hostile) take(r *http.Request, body []byte) {
	h.changed++
	var request struct {
		Events        []lifecycle.EventSwitch `json:"events"`
		Properties    map[string]any          `json:"properties"`
		Certification string                  `json:"certification_status"`
	}
	_ = json.Unmarshal(body, &request)
	h.properties = request.Properties
	events := &h.created
	if strings.Contains(r.URL.Path, "/ami-patch/") {
		events = &h.patched
	}
	for _, event := range request.Events {
		if event.Enabled {
			*events = append(*events, event.Name)
		}
	}
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/certify"):
		*events = append(*events, lifecycle.QACertificationResponse)
	case strings.HasSuffix(path, "/approve") && strings.Contains(path, "/ami-patch/"):
		*events = append(*events, lifecycle.MarkForProductionPatch)
	case strings.HasSuffix(path, "/approve"):
		*events = append(*events, lifecycle.MarkForProductionCreate)
	}
	if h.status != nil {
		h.running = map[string]any{"name": string((*events)[len(*events)-1]), "execution_startdate": "03/04/2026, 11:00:00"}
		if *h.status != "" {
			h.running["status"], h.running["status_date"] = *h.status, "03/04/2026, 12:00:00"
		}
		*events = (*events)[:len(*events)-1]
	}
}

// results returns results in the orchestrator's form (docs/wire-contract.md, "The status document").
func (h *hostile) results(events []lifecycle.Event) []any {
	results := []any{}
	for i, event := range events {
		properties := map[string]any{"task": string(event)}
		switch {
		case event == lifecycle.BuildAMI || event == lifecycle.PatchAMI:
			properties["ami_ancestry"] = "ami-0123456789abcdef0 (v1.0.0)"
			properties["ami_details"] = []any{map[string]any{"region": "us-east-1", "image": "ami-0123456789abcdef0", "name": "build",
				"accountId": "123456789012", "description": "build", "ami_semver": "1.0.0"}}
		case event.IsScan():
			properties["total_vulnerabilities"] = "1"
			properties["vulnerability_severities"] = map[string]any{"HIGH": "1"}
			properties["vulnerability_scan_report"] = map[string]any{"S3Bucket": "reports", "S3Key": "report-1"}
		case event == lifecycle.MarkForProductionCreate || event == lifecycle.MarkForProductionPatch:
			properties["approval_status"] = "APPROVED"
		}
		result := map[string]any{"name": string(event), "status": "COMPLETED", "lifecycle_id": h.id,
			"status_date": fmt.Sprintf("03/04/2026, 10:00:%02d", i), "properties": properties}
		if event == lifecycle.QACertificationResponse {
			result["certification_status"] = "CERTIFIED"
		}
		results = append(results, result)
	}
	return results
}

func (h *hostile) document() map[string]any {
	switches := func(phase lifecycle.Phase, done []lifecycle.Event) []any {
		list := []any{}
		for _, event := range phase.Requestable() {
			list = append(list, map[string]any{"name": string(event), "enabled": slices.Contains(done, event)})
		}
		return list
	}
	document := map[string]any{
		"lifecycle_id": h.id, "stack_tag": "main", "owner": "me", "creation_date": "03/04/2026, 09:00:00",
		"product_ver": "1.0.0", "product_name": "Demo", "commit_ref": "0123456789abcdef", "properties": h.properties,
		"notifications":        []any{map[string]any{"method": "EMAIL", "target": "me@example.com"}},
		"timeline":             map[string]any{},
		"inputs_ami_creation":  map[string]any{"events": switches(lifecycle.Creation, h.created)},
		"outputs_ami_creation": map[string]any{"events": h.results(h.created)},
	}
	if h.running != nil {
		document["event_in_progress"] = h.running
	}
	if len(h.patched) > 0 {
		document["inputs_ami_patch"] = map[string]any{"events": switches(lifecycle.Patching, h.patched)}
		document["outputs_ami_patch"] = map[string]any{"patch_history": map[string]any{"current": map[string]any{"events": h.results(h.patched)}}}
	}
	return document
}

// reset puts the lifecycle into a state in which the operation can begin, and removes what a test has set.
func (h *hostile) reset(o lifecycle.Operation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.intercept, h.plant, h.running, h.status, h.properties, h.created, h.patched = nil, nil, nil, nil, nil, nil, nil
	creation, patching := lifecycle.Creation.Order(), lifecycle.Patching.Order()
	switch o {
	case lifecycle.Create:
	case lifecycle.CreateUpdate:
		h.created = creation[:1]
	case lifecycle.QACertification:
		h.created = creation[:4]
	case lifecycle.ApprovalCreate:
		h.created = creation[:5]
	case lifecycle.Patch:
		h.created = creation
	case lifecycle.PatchUpdate:
		h.created, h.patched = creation, patching[:1]
	case lifecycle.ApprovalPatch:
		h.created, h.patched = creation, patching[:3]
	default:
		h.created, h.patched = creation, patching
	}
	h.created, h.patched = slices.Clone(h.created), slices.Clone(h.patched)
}

// argsOf returns a command line for the operation. Its files are in the world's directory.
func argsOf(w *world, o lifecycle.Operation) []string {
	args := []string{"--operation", string(o)}
	add := func(more ...string) { args = append(args, more...) }
	if o.TakesLifecycleID() {
		add("--lifecycleId", hostileID)
	}
	if o.Writes() || o == lifecycle.Select { // a checkout without a branch has no stack tag
		add("--stackTag", "main")
	}
	if o.TakesEvents() {
		add("--owner", "me", "--notifications", "EMAIL::me@example.com")
	}
	if slices.Contains([]lifecycle.Operation{lifecycle.Create, lifecycle.Patch, lifecycle.PatchUpdate}, o) {
		add("--commitRef", "0123456789abcdef")
	}
	switch o {
	case lifecycle.Create:
		add("--events", "SMOKE_TESTS", "--events", "VULNERABILITY_SCANS", "--productName", "Demo", "--productVer", "1.0.0")
	case lifecycle.CreateUpdate, lifecycle.PatchUpdate:
		add("--events", "SMOKE_TESTS", "--events", "VULNERABILITY_SCANS")
	case lifecycle.QACertification:
		add("--certificationStatus", "CERTIFIED")
	case lifecycle.ApprovalCreate:
		add("--approvalStatusAmiCreation", "APPROVED")
	case lifecycle.ApprovalPatch:
		add("--approvalStatusAmiPatch", "APPROVED")
	case lifecycle.Patch:
		add("--events", "AMI_PATCH_ONLY", "--semverBumpType", "MINOR", "--patchComponent", w.component(), "--patchChangeDescription", "Adds.")
	case lifecycle.TimelineCreate, lifecycle.TimelinePatch:
		add("--timelineFile", w.path("timeline.html"))
	}
	return args
}

// component writes a patch component and returns the path by which the job names it.
func (w *world) component() string {
	content := "name: P\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: S\n        action: ExecuteBash\n" +
		"        inputs:\n          commands: [true]\n"
	require.NoError(w.t, os.WriteFile(w.path("component.yaml"), []byte(content), 0o644))
	if w.place == "local" {
		return w.path("component.yaml")
	}
	return "component.yaml"
}

// left returns the content of every file that commands have left in the world's directory, by name, and removes the
// files.
func (w *world) left() map[string]string {
	w.t.Helper()
	entries, err := os.ReadDir(w.dir)
	require.NoError(w.t, err)
	files := map[string]string{}
	for _, entry := range entries {
		if entry.Name() == "state" || entry.IsDir() {
			continue
		}
		content, err := os.ReadFile(w.path(entry.Name()))
		require.NoError(w.t, err)
		files[entry.Name()] = string(content)
		require.NoError(w.t, os.Remove(filepath.Join(w.dir, entry.Name())))
	}
	return files
}

// places are where a job can run.
var places = []string{"github", "gitlab", "local"}

// everywhere runs the test once in each place.
func everywhere(t *testing.T, test func(t *testing.T, w *world, h *hostile)) {
	for _, place := range places {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.place = place
			test(t, w, newHostile(w))
		})
	}
}

// inTurn reports whether the place of the world is one in which to try case n. A plain test run tries each case in one
// place, and the places take turns. AMI_EVERY_PLACE=1, which CI sets, tries each case in all of them.
func (w *world) inTurn(n int) bool {
	return os.Getenv("AMI_EVERY_PLACE") == "1" || n%len(places) == slices.Index(places, w.place)
}

// memoryDir returns a directory for the test, in memory if the machine has a file system for that. Hundreds of
// commands write a few small files each, and the sandbox syncs each change of its state; on a disk, that takes longer than
// the commands themselves. What a process has written there outlives it, as on a disk.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ami-action-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}
