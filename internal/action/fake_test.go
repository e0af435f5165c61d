package action_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/pipeline"
)

// server is an in-memory orchestrator that follows docs/wire-contract.md, "How an event goes", in virtual time.
type server struct {
	mu         sync.Mutex
	lifecycles []*record
	// length is how long an event takes, handover the time between two events, and queue how long a verdict is in the
	// queue.
	length, handover, queue time.Duration
	// fails and errs are the events that end FAILED or in ERROR. hangs are those that never end.
	fails, errs, hangs map[lifecycle.Event]bool
	// lose is called before each write. It returns whether the work is done, and whether the response is lost.
	lose func(method string) (done, lost bool)
	// broken is called before each read. If it returns an error, that is the response.
	broken func(method string) error
	// padding is the number of bytes added to each document, and so to the list.
	padding int
	sent    []string
	reads   int
	mangle  func(document map[string]any)
}

// record is one lifecycle of the server.
type record struct {
	id, owner  string
	created    time.Time
	properties map[string]string
	enabled    map[lifecycle.Phase][]lifecycle.Event
	updated    map[lifecycle.Phase]time.Time // when the last request after the create came
	results    []map[string]any
	patches    [][]map[string]any
	running    *execution
	queued     []queued
	executions int
	started    []lifecycle.Event // the event of each execution
}

type execution struct {
	event   lifecycle.Event
	arn     string
	started time.Time
	ends    time.Time
	failed  time.Time // when it ended in an error; zero if it did not
}

type queued struct {
	at     time.Time
	result map[string]any
}

func newServer() *server {
	return &server{
		length: 20 * time.Minute, handover: 2 * time.Second, queue: 10 * time.Second,
		fails: map[lifecycle.Event]bool{}, errs: map[lifecycle.Event]bool{}, hangs: map[lifecycle.Event]bool{},
	}
}

func (s *server) count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, sent := range s.sent {
		if sent == method {
			n++
		}
	}
	return n
}

// write does the work of a request, unless the request is lost before that.
func (s *server) write(ctx context.Context, method string, work func() (*record, error)) (orchestrator.Accepted, error) {
	if ctx.Err() != nil {
		return orchestrator.Accepted{}, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, method)
	done, lost := true, false
	if s.lose != nil {
		done, lost = s.lose(method)
	}
	accepted := orchestrator.Accepted{}
	if done {
		s.advance()
		one, err := work()
		if err != nil && !lost {
			return accepted, err
		}
		if one != nil {
			accepted.LifecycleID = one.id
		}
	}
	if lost {
		return orchestrator.Accepted{}, &orchestrator.UncertainError{Reason: "the connection was cut"}
	}
	return accepted, nil
}

func refusal(text string) error {
	return &orchestrator.RefusedError{Status: 500, Text: text, Hint: "check it"}
}

func (s *server) find(id string) *record {
	for _, one := range s.lifecycles {
		if one.id == id {
			return one
		}
	}
	return nil
}

func (s *server) Send(ctx context.Context, request orchestrator.Request) (orchestrator.Accepted, error) {
	switch r := request.(type) {
	case orchestrator.CreateRequest:
		return s.create(ctx, r)
	case orchestrator.UpdateRequest:
		return s.update(ctx, r)
	case orchestrator.PatchRequest:
		return s.patch(ctx, r)
	case orchestrator.PatchUpdateRequest:
		return s.patchUpdate(ctx, r)
	case orchestrator.CertifyRequest:
		return s.certify(ctx, r)
	case orchestrator.ApproveRequest:
		return s.approve(ctx, r)
	}
	panic("unknown request")
}

func (s *server) create(ctx context.Context, r orchestrator.CreateRequest) (orchestrator.Accepted, error) {
	return s.write(ctx, "create", func() (*record, error) {
		one := &record{
			id:         fmt.Sprintf("%08d-fa7e-473e-a2ba-734ccfe1d0d7", len(s.lifecycles)+1),
			owner:      r.Owner,
			created:    time.Now(),
			properties: maps.Clone(r.Properties), enabled: map[lifecycle.Phase][]lifecycle.Event{lifecycle.Creation: r.Events},
		}
		s.lifecycles = append(s.lifecycles, one)
		s.start(one, lifecycle.BuildAMI)
		return one, nil
	})
}

func (s *server) again(ctx context.Context, method, id string, phase lifecycle.Phase, events []lifecycle.Event, properties map[string]string) (orchestrator.Accepted, error) {
	return s.write(ctx, method, func() (*record, error) {
		one := s.find(id)
		if one == nil {
			return nil, refusal("unknown")
		}
		for key, value := range properties {
			if _, has := one.properties[key]; !has {
				one.properties[key] = value
			}
		}
		one.asked(phase, events)
		s.next(one, phase)
		return one, nil
	})
}

func (s *server) update(ctx context.Context, r orchestrator.UpdateRequest) (orchestrator.Accepted, error) {
	return s.again(ctx, "update", r.LifecycleID, lifecycle.Creation, r.Events, r.Properties)
}

func (s *server) patchUpdate(ctx context.Context, r orchestrator.PatchUpdateRequest) (orchestrator.Accepted, error) {
	return s.again(ctx, "patch update", r.LifecycleID, lifecycle.Patching, r.Events, nil)
}

func (s *server) patch(ctx context.Context, r orchestrator.PatchRequest) (orchestrator.Accepted, error) {
	return s.write(ctx, "patch", func() (*record, error) {
		one := s.find(r.LifecycleID)
		if one == nil {
			return nil, refusal("unknown")
		}
		one.asked(lifecycle.Patching, r.Events)
		s.start(one, lifecycle.PatchAMI)
		return one, nil
	})
}

func (s *server) certify(ctx context.Context, r orchestrator.CertifyRequest) (orchestrator.Accepted, error) {
	return s.write(ctx, "certify", func() (*record, error) {
		one := s.find(r.LifecycleID)
		if one == nil {
			return nil, refusal("unknown")
		}
		result := map[string]any{
			"name": string(lifecycle.QACertificationResponse), "status": "FAILED",
			"certification_status": r.CertificationStatus, "properties": r.Properties,
		}
		if r.CertificationStatus == lifecycle.Certified {
			result["status"] = "COMPLETED"
		}
		one.queued = append(one.queued, queued{time.Now().Add(s.queue), result})
		return one, nil
	})
}

func (s *server) approve(ctx context.Context, r orchestrator.ApproveRequest) (orchestrator.Accepted, error) {
	return s.write(ctx, "approve", func() (*record, error) {
		one, phase := s.find(r.LifecycleID), r.Phase
		event := lifecycle.MarkForProductionCreate
		if phase == lifecycle.Patching {
			event = lifecycle.MarkForProductionPatch
		}
		switch {
		case one == nil:
			return nil, refusal("unknown")
		case r.ApprovalStatus == lifecycle.Approved:
			s.start(one, event)
		case phase == lifecycle.Creation: // the server loses refusals of a patch
			properties := map[string]string{"approval_status": r.ApprovalStatus}
			maps.Copy(properties, r.Properties)
			one.queued = append(one.queued, queued{time.Now().Add(s.queue), map[string]any{
				"name": string(event), "status": "FAILED", "properties": properties,
			}})
		}
		return one, nil
	})
}

// asked records what a request after the create asked for, and when.
func (one *record) asked(phase lifecycle.Phase, events []lifecycle.Event) {
	one.enabled[phase] = events
	if one.updated == nil {
		one.updated = map[lifecycle.Phase]time.Time{}
	}
	one.updated[phase] = time.Now()
}

func (s *server) start(one *record, event lifecycle.Event) {
	one.executions++
	one.started = append(one.started, event)
	one.running = &execution{
		event: event, arn: fmt.Sprintf("arn:execution:%d", one.executions), started: time.Now(), ends: time.Now().Add(s.length),
	}
}

// next starts the first enabled event of the phase that has not completed.
func (s *server) next(one *record, phase lifecycle.Phase) {
	for _, event := range one.enabled[phase] {
		if !one.completed(event) {
			s.start(one, event)
			return
		}
	}
}

func (one *record) phaseResults(phase lifecycle.Phase) *[]map[string]any {
	if phase == lifecycle.Creation {
		return &one.results
	}
	if len(one.patches) == 0 {
		one.patches = append(one.patches, nil)
	}
	return &one.patches[len(one.patches)-1]
}

func (one *record) completed(event lifecycle.Event) bool {
	return slices.ContainsFunc(*one.phaseResults(event.Phase()), func(r map[string]any) bool {
		return r["name"] == string(event) && r["status"] == "COMPLETED"
	})
}

// advance brings the lifecycles up to the current time.
func (s *server) advance() {
	now := time.Now()
	for _, one := range s.lifecycles {
		for len(one.queued) > 0 && !one.queued[0].at.After(now) {
			s.put(one, one.queued[0].result, one.queued[0].at)
			one.queued = one.queued[1:]
		}
		for run := one.running; run != nil && run.failed.IsZero() && !run.ends.After(now) && !s.hangs[run.event]; run = one.running {
			if s.errs[run.event] {
				run.failed = run.ends
				break
			}
			one.running = nil
			if run.event == lifecycle.PatchAMI {
				one.patches = append(one.patches, nil)
			}
			status := "COMPLETED"
			if s.fails[run.event] {
				status = "FAILED"
			}
			s.put(one, map[string]any{"name": string(run.event), "status": status, "properties": evidence(run.event)}, run.ends)
			if status == "FAILED" {
				continue
			}
			s.next(one, run.event.Phase())
			if one.running != nil {
				one.running.started = run.ends.Add(s.handover)
				one.running.ends = one.running.started.Add(s.length)
			}
		}
	}
}

// put adds a result. It replaces a FAILED result of the same event.
func (s *server) put(one *record, result map[string]any, at time.Time) {
	event := lifecycle.Event(result["name"].(string))
	result["status_date"] = at.UTC().Format(lifecycle.DateLayout)
	result["api_key"] = canaryKey
	results := one.phaseResults(event.Phase())
	*results = append(slices.DeleteFunc(*results, func(r map[string]any) bool {
		return r["name"] == string(event) && r["status"] == "FAILED"
	}), result)
}

func evidence(event lifecycle.Event) map[string]any {
	switch event {
	case lifecycle.BuildAMI, lifecycle.PatchAMI:
		return map[string]any{"ami_details": []any{map[string]any{
			"region": "eu-central-1", "image": "ami-0123456789abcdef0", "name": "demo", "accountId": "123456789012", "ami_semver": "1.0.0",
		}}}
	case lifecycle.SmokeTestsCreate, lifecycle.SmokeTestsPatch:
		return map[string]any{"smoke_tests_status": "PASSED"}
	case lifecycle.VulnerabilityScansCreate, lifecycle.VulnerabilityScansPatch:
		counts := map[string]string{}
		for _, severity := range lifecycle.Severities() {
			counts[string(severity)] = "0"
		}
		counts["MEDIUM"] = "2"
		return map[string]any{"total_vulnerabilities": "2", "vulnerability_severities": counts}
	}
	return map[string]any{}
}

// canaryKey is a receiver's key, as the documents contain it.
const canaryKey = "cAnArY0cAnArY1cAnArY2cAnArY345"

func (s *server) document(one *record) *lifecycle.Document {
	fields := map[string]any{
		"lifecycle_id": one.id, "owner": one.owner, "stack_tag": "main", "creation_date": one.created.UTC().Format(lifecycle.DateLayout),
		"properties": one.properties, "product_name": "Demo", "product_ver": "1.0.0", "padding": strings.Repeat("x", s.padding),
		"outputs_ami_creation": map[string]any{"events": one.results},
	}
	for phase, name := range map[lifecycle.Phase]string{lifecycle.Creation: "inputs_ami_creation", lifecycle.Patching: "inputs_ami_patch"} {
		if events, asked := one.enabled[phase]; asked {
			switches := []map[string]any{}
			for _, event := range phase.Requestable() {
				switches = append(switches, map[string]any{"name": string(event), "enabled": slices.Contains(events, event)})
			}
			inputs := map[string]any{"events": switches}
			fields[name] = inputs
			if updated, ok := one.updated[phase]; ok {
				of := map[lifecycle.Phase]map[string]any{lifecycle.Creation: fields, lifecycle.Patching: inputs}[phase]
				of["update_date"] = updated.UTC().Format(lifecycle.DateLayout)
			}
		}
	}
	if len(one.patches) > 0 {
		historical := []any{}
		for _, patch := range one.patches[:len(one.patches)-1] {
			historical = append(historical, map[string]any{"events": patch})
		}
		fields["outputs_ami_patch"] = map[string]any{"patch_history": map[string]any{
			"current": map[string]any{"events": one.patches[len(one.patches)-1]}, "historical": historical,
		}}
	}
	if run := one.running; run != nil && !run.started.After(time.Now()) {
		progress := map[string]any{
			"name": string(run.event), "execution_arn": run.arn, "execution_startdate": run.started.UTC().Format(lifecycle.DateLayout),
			"statemachine_input": `{"api_key": "` + canaryKey + `"}`,
		}
		if !run.failed.IsZero() {
			progress["status"], progress["status_date"] = "ERROR", run.failed.UTC().Format(lifecycle.DateLayout)
			progress["error_message"] = "no capacity"
		}
		fields["event_in_progress"] = progress
	}
	if s.mangle != nil {
		s.mangle(fields)
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	document, err := lifecycle.Decode(raw)
	if err != nil {
		panic(err)
	}
	return document
}

func (s *server) read(ctx context.Context, method string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.reads++
	if s.broken != nil {
		if err := s.broken(method); err != nil {
			return err
		}
	}
	s.advance()
	return nil
}

func (s *server) Status(ctx context.Context, id string) (*lifecycle.Document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.read(ctx, "status"); err != nil {
		return nil, err
	}
	if one := s.find(id); one != nil {
		return s.document(one), nil
	}
	return nil, refusal("missing 1 required positional argument")
}

func (s *server) Poll(ctx context.Context, id string) (*lifecycle.Document, error) {
	return s.Status(ctx, id)
}

func (s *server) Statuses(ctx context.Context) (documents []*lifecycle.Document, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.read(ctx, "list"); err != nil {
		return nil, err
	}
	size := 0
	for _, one := range s.lifecycles {
		document := s.document(one)
		if size += len(document.Raw); size > 1<<20 {
			break // DynamoDB cuts a scan at this size
		}
		documents = append(documents, document)
	}
	return documents, nil
}

func (s *server) List(ctx context.Context, keep func(*lifecycle.Document) any) ([]any, error) {
	documents, err := s.Statuses(ctx)
	var kept []any
	for _, document := range documents {
		kept = append(kept, keep(document))
	}
	return kept, err
}

func (s *server) Timeline(context.Context, lifecycle.Phase, string) ([]byte, error) {
	return []byte("<html>timeline</html>"), nil
}

// bucket is a deployment in memory.
type bucket struct {
	mu       sync.Mutex
	uploaded map[string]string
	denied   error
	noKeys   error
}

func (b *bucket) Prefetch(context.Context, []string, bool) error { return b.noKeys }

func (b *bucket) Upload(_ context.Context, id, name string, _ []byte, token string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.uploaded == nil {
		b.uploaded = map[string]string{}
	}
	b.uploaded[id+"/"+name] = token
	return "s3://bucket/" + id + "/" + name, nil
}

func (b *bucket) Uploaded(_ context.Context, id, name string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.uploaded[id+"/"+name], b.denied
}

// job is an in-memory job of a pipeline.
type job struct {
	identity string
	attempt  int
	run      string

	mu          sync.Mutex
	outputs     map[string]string
	stderr      strings.Builder
	annotations []pipeline.Annotation
	summary     string
	stdout      bytes.Buffer
	unwritable  error

	unwritableFromTheStart error
	sharesIdentity         bool
}

func (j *job) JobIdentity() string { return j.identity }
func (j *job) Attempt() int        { return j.attempt }
func (j *job) Properties() map[string]string {
	return map[string]string{"GITHUB_RUN_ID": "77", "GITHUB_ACTOR": "octocat"}
}
func (j *job) RunKey() string                { return j.run }
func (j *job) Job() pipeline.Link            { return pipeline.Link{} }
func (j *job) ArtifactURL(string) string     { return "" }
func (j *job) Link(pipeline.Link) error      { return nil }
func (j *job) CheckOutputs() error           { return j.unwritableFromTheStart }
func (j *job) DistinguishesMatrixJobs() bool { return !j.sharesIdentity }
func (j *job) Stdout() io.Writer             { return &j.stdout }
func (j *job) IsInteractive() bool           { return false }
func (j *job) Live(string)                   {}
func (j *job) Group(string)                  {}
func (j *job) EndGroup()                     {}

func (j *job) SetOutput(name, value string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.unwritable != nil {
		return j.unwritable
	}
	if j.outputs == nil {
		j.outputs = map[string]string{}
	}
	j.outputs[name] = value
	return nil
}

func (j *job) Say(_ pipeline.Level, text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stderr.WriteString(text + "\n")
}

func (j *job) Annotate(a pipeline.Annotation) { j.annotations = append(j.annotations, a) }

func (j *job) Summary(markdown string) error {
	j.summary = markdown
	return nil
}
