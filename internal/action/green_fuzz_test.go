package action_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/workspace"
)

// recital is an orchestrator that responds to each request for a status with the next document, and repeats the last one.
type recital struct {
	documents [][]byte
	// returned holds the documents that were returned, and asked how many of them before the request was sent.
	returned [][]byte
	asked    int
}

func (r *recital) Status(context.Context, string) (*lifecycle.Document, error) {
	raw := r.documents[min(len(r.returned), len(r.documents)-1)]
	r.returned = append(r.returned, raw)
	document, err := lifecycle.Decode(raw)
	if err != nil {
		return nil, &orchestrator.UnavailableError{Reason: err.Error()}
	}
	return document, nil
}

func (r *recital) Poll(ctx context.Context, id string) (*lifecycle.Document, error) {
	return r.Status(ctx, id)
}

func (r *recital) Statuses(context.Context) ([]*lifecycle.Document, error) { return nil, nil }

func (r *recital) List(context.Context, func(*lifecycle.Document) any) ([]any, error) {
	return nil, nil
}

func (r *recital) Timeline(context.Context, lifecycle.Phase, string) ([]byte, error) { return nil, nil }

func (r *recital) Send(context.Context, orchestrator.Request) (orchestrator.Accepted, error) {
	r.asked = len(r.returned)
	return orchestrator.Accepted{LifecycleID: drawnID}, nil
}

const drawnID = "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7"

// asking holds the commands that the fuzz target runs, with the wire's names of the events that each asks for. nil means
// the open events of the lifecycle.
var asking = []struct {
	operation lifecycle.Operation
	events    []string
	wire      []string
	gate      lifecycle.Severity
}{
	{lifecycle.Wait, nil, nil, ""},
	{lifecycle.Wait, []string{"BUILD_AMI", "SMOKE_TESTS_AMI_CREATE", scansCreate}, []string{"BUILD_AMI", "SMOKE_TESTS_AMI_CREATE", scansCreate}, ""},
	{lifecycle.Create, []string{"SMOKE_TESTS", "VULNERABILITY_SCANS"}, []string{"BUILD_AMI", "SMOKE_TESTS_AMI_CREATE", scansCreate}, ""},
	{lifecycle.Create, []string{"SMOKE_TESTS", "VULNERABILITY_SCANS"}, []string{"BUILD_AMI", "SMOKE_TESTS_AMI_CREATE", scansCreate}, lifecycle.High},
	{lifecycle.CreateUpdate, []string{"SMOKE_TESTS", "VULNERABILITY_SCANS"}, []string{"SMOKE_TESTS_AMI_CREATE", scansCreate}, lifecycle.Critical},
	{lifecycle.PatchUpdate, []string{"SMOKE_TESTS", "VULNERABILITY_SCANS"}, []string{"SMOKE_TESTS_AMI_PATCH", "VULNERABILITY_SCANS_AMI_PATCH"}, ""},
}

// FuzzGreen runs commands over random status documents. It checks that a command exits with 0 only if every event asked
// for is COMPLETED with its evidence and did not end in an error afterwards. The check reads the JSON with code that it
// does not share with the client.
func FuzzGreen(f *testing.F) {
	for _, recording := range []string{"01_create_build_only", "02_create_all_events", "11_patch_and_patch_again"} {
		for i, raw := range recordedDocuments(f, recording) {
			if i%5 == 0 {
				f.Add(uint8(i), []byte{0}, raw) //nolint:gosec // any number is valid
			}
		}
	}
	for command := range asking {
		for seed := range 12 {
			f.Add(uint8(command), bytes.Repeat([]byte{byte(seed * 21), byte(seed), 200}, 80), []byte(nil)) //nolint:gosec // they are small
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, command uint8, drawn, raw []byte) {
		asked := asking[int(command)%len(asking)]
		served := &recital{documents: drawDocuments(drawn, raw)}
		synctest.Test(t, func(t *testing.T) {
			s := config.Settings{
				Operation: asked.operation, Events: asked.events, ProductName: "Demo", ProductVer: "1.0.0", CommitRef: "abc", Wait: true,
				FailOnSeverity: asked.gate, WaitTimeout: time.Hour, StackTag: "main", Owner: "me", Summary: config.SummaryFull,
			}
			if asked.operation != lifecycle.Create {
				s.LifecycleID = drawnID
			}
			j := &job{}
			err := action.Run(t.Context(), action.Options{
				Settings: &s, Orchestrator: served, Deployment: &bucket{}, Images: &imageTable{}, Pipeline: j, Files: workspace.New("", dir), Redactor: redact.New(),
				Random: strings.NewReader(strings.Repeat("random", 100)), Jitter: func() float64 { return 0.5 }, Limits: action.DefaultLimits(),
			})
			if err != nil {
				require.NotEqual(t, outcome.Internal, outcome.Of(err).Kind, "%v", err)
				return
			}
			why := reading{served: served, waits: asked.operation == lifecycle.Wait}.whyNotGreen(asked.wire, asked.gate != "")
			require.Empty(t, why, "%s is green over\n%s", asked.operation, bytes.Join(served.returned, []byte("\n")))
			require.Equal(t, "COMPLETED", j.outputs["status"])
			if asked.operation == lifecycle.Create {
				require.True(t, isImage(j.outputs["ami_id"]), j.outputs["ami_id"])
			}
		})
	})
}

// recordedDocuments returns the status documents of a recording.
func recordedDocuments(f *testing.F, name string) (documents [][]byte) {
	f.Helper()
	content, err := os.ReadFile(filepath.Join("..", "sandbox", "testdata", "recordings", name+".json"))
	require.NoError(f, err)
	var recording any
	require.NoError(f, json.Unmarshal(content, &recording))
	var find func(any)
	find = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, item := range v {
				find(item)
			}
		case map[string]any:
			if _, ok := v["inputs_ami_creation"]; ok {
				v["lifecycle_id"] = drawnID
				raw, err := json.Marshal(v)
				require.NoError(f, err)
				documents = append(documents, raw)
				return
			}
			for _, item := range v {
				find(item)
			}
		}
	}
	find(recording)
	require.NotEmpty(f, documents)
	return documents
}

// reading is the oracle of the fuzz target. It reads the documents as plain JSON.
type reading struct {
	served *recital
	waits  bool
}

type object = map[string]any

// whyNotGreen returns why a command that asked for the events must not succeed, or "" if it may. nil means the open events
// of the lifecycle.
func (o reading) whyNotGreen(events []string, isGated bool) string {
	var known object
	var after []object
	for i, raw := range o.served.returned {
		document, ok := plain(raw)
		switch {
		case !ok:
		case i < o.served.asked:
			known = document
		case o.waits && known == nil:
			// The first look of a wait, and its first poll: results that are already there count.
			known = object{}
			if events == nil {
				events = standing(document)
			}
		default:
			after = append(after, document)
		}
	}
	last := after[len(after)-1]
	for _, event := range events {
		isWell := false
		for i, document := range after {
			before := known
			if o.waits && i > 0 {
				before = after[0]
			}
			if o.waits && i == 0 && at(document, "event_in_progress", "name") == event &&
				at(document, "event_in_progress", "status") != "COMPLETED" {
				continue // it is running again, or has ended in an error afterwards
			}
			isWell = isWell || lastIsWell(document, before, event)
		}
		if !isWell {
			return fmt.Sprintf("%q has no result that is well", event)
		}
		if isGated && strings.HasPrefix(event, "VULNERABILI") {
			results := resultsOf(last, event)
			if counts := severities(results[len(results)-1]); counts["CRITICAL"]+counts["HIGH"]+counts["UNTRIAGED"] > 0 {
				return "its scan has findings"
			}
		}
	}
	return ""
}

// plain parses a JSON object. ok is false if it is invalid, has a member twice, or has no lifecycle id.
func plain(raw []byte) (object, bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	value, ok := plainValue(decoder)
	document, isObject := value.(object)
	return document, ok && isObject && document["lifecycle_id"] != nil
}

func plainValue(decoder *json.Decoder) (any, bool) {
	token, err := decoder.Token()
	if err != nil {
		return nil, false
	}
	switch token {
	case json.Delim('{'):
		members := object{}
		for decoder.More() {
			name, err := decoder.Token()
			if _, twice := members[fmt.Sprint(name)]; err != nil || twice {
				return nil, false
			}
			value, ok := plainValue(decoder)
			if !ok {
				return nil, false
			}
			members[fmt.Sprint(name)] = value
		}
		_, err := decoder.Token()
		return members, err == nil
	case json.Delim('['):
		items := []any{}
		for decoder.More() {
			value, ok := plainValue(decoder)
			if !ok {
				return nil, false
			}
			items = append(items, value)
		}
		_, err := decoder.Token()
		return items, err == nil
	}
	return token, true
}

// at returns the value at the path of names, or nil if there is none.
func at(value any, names ...string) any {
	for _, name := range names {
		members, _ := value.(object)
		value = members[name]
	}
	return value
}

func list(value any) []any {
	items, _ := value.([]any)
	return items
}

func creationResults(document object) []any {
	return list(at(document, "outputs_ami_creation", "events"))
}

func patchResults(document object) []any {
	return list(at(document, "outputs_ami_patch", "patch_history", "current", "events"))
}

// standing returns the open events of a lifecycle: those asked for, with a result in the current phase, or in progress.
func standing(document object) (names []string) {
	add := func(name any) {
		text, _ := name.(string)
		names = append(names, text)
	}
	inputs, results := at(document, "inputs_ami_creation"), creationResults(document)
	running := at(document, "event_in_progress")
	if patch := at(document, "inputs_ami_patch"); patch != nil {
		inputs, results = patch, patchResults(document)
		if at(running, "name") == "PATCH_AMI" {
			results = nil
		}
	}
	for _, event := range list(at(inputs, "events")) {
		if at(event, "enabled") == true {
			add(at(event, "name"))
		}
	}
	for _, result := range results {
		add(at(result, "name"))
	}
	if running != nil {
		add(at(running, "name"))
	}
	return names
}

// resultsOf returns the results of the event, in their order.
func resultsOf(document object, event string) (results []any) {
	for _, result := range append(slices.Clone(creationResults(document)), patchResults(document)...) {
		if name, _ := at(result, "name").(string); name == event {
			results = append(results, result)
		}
	}
	return results
}

// lastIsWell reports whether the newest result of the event that is not in before is good.
func lastIsWell(document, before object, event string) bool {
	var old []string
	for _, result := range resultsOf(before, event) {
		old = append(old, fmt.Sprint(result))
	}
	results := slices.DeleteFunc(resultsOf(document, event), func(r any) bool { return slices.Contains(old, fmt.Sprint(r)) })
	return len(results) > 0 && isWell(results[len(results)-1])
}

// isWell reports whether a result is COMPLETED and has the evidence for it.
func isWell(result any) bool {
	name, _ := at(result, "name").(string)
	properties := at(result, "properties")
	says := func(value any, word string) bool { return value == nil || value == word || value == "" }
	switch {
	case at(result, "status") != "COMPLETED":
		return false
	case name == "BUILD_AMI" || name == "PATCH_AMI":
		images := list(at(properties, "ami_details"))
		return len(images) > 0 && !slices.ContainsFunc(images, func(i any) bool {
			id, _ := at(i, "image").(string)
			return !isImage(id) || at(i, "region") == nil || at(i, "region") == ""
		})
	case strings.HasPrefix(name, "SMOKE_TESTS_AMI"):
		return says(at(properties, "smoke_tests_status"), "PASSED")
	case strings.HasPrefix(name, "VULNERABILI") && strings.Contains(name, "SCANS_AMI"):
		counts := severities(result)
		total, sum := number(at(properties, "total_vulnerabilities")), 0
		for name, count := range counts {
			if !slices.Contains([]string{"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL", "UNTRIAGED"}, name) || count < 0 {
				return false
			}
			sum += count
		}
		contains := strings.ToLower(fmt.Sprint(at(properties, "ami_contains_vulnerabilities")))
		return counts != nil && total == sum && (contains == "<nil>" || contains == "" || contains == fmt.Sprint(sum > 0))
	case name == "QA_CERTIFICATION_RESPONSE":
		return says(at(result, "certification_status"), "CERTIFIED")
	case strings.HasPrefix(name, "MARK_FOR_PRODUCTION_"):
		return says(at(properties, "approval_status"), "APPROVED")
	}
	return true
}

func isImage(id string) bool {
	digits, ok := strings.CutPrefix(id, "ami-")
	return ok && len(digits) >= 8 && len(digits) <= 17 && strings.Trim(digits, "0123456789abcdef") == ""
}

// severities returns the counts of a scan, -1 for an invalid count, or nil if there are no counts.
func severities(result any) map[string]int {
	members, ok := at(result, "properties", "vulnerability_severities").(object)
	if !ok {
		return nil
	}
	counts := map[string]int{}
	for name, value := range members {
		counts[name] = number(value)
	}
	return counts
}

func number(value any) int {
	var n int
	if _, err := fmt.Sscanf(fmt.Sprint(value)+" ", "%d ", &n); err != nil || n > 1<<31-1 {
		return -1
	}
	return n
}
