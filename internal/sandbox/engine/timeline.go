package engine

import (
	"bytes"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// timelineData is the content of a timeline page. It holds no key, no presigned URL and no address with a key in it.
type timelineData struct {
	Title, LifecycleID, ProductName, ProductVer, StackTag, CommitRef, Owner string
	Created, Shown, Version                                                 string
	Events                                                                  []timelineEvent
	// Refresh is after how many seconds the page reloads itself; 0 means never, for a page that is saved.
	Refresh int
}

type timelineEvent struct {
	Title, Description string
	// State is a status, IN_PROGRESS or NOT_STARTED. Class is its CSS class.
	State, Class, Date, Error string
	AMIs                      []timelineAMI
	Details                   []timelineDetail
}

type timelineAMI struct{ Region, Image, Name, Version string }

type timelineDetail struct{ Name, Value string }

// timeline returns the page of one phase of a lifecycle. It is an error if the document, as that of an orphan can, lacks
// a member that the page shows: the handler of the creation's page then crashes (docs/wire-contract.md, "Errors").
func (e *Engine) timeline(one *store.Lifecycle, phase lifecycle.Phase, at time.Time, refresh int) ([]byte, error) {
	document := one.Document
	for _, key := range []string{"stack_tag", "product_ver", "product_name", "commit_ref"} {
		if _, err := python.Item(document, key); err != nil {
			if phase == lifecycle.Creation {
				return nil, errCrash
			}
			return nil, err
		}
	}
	data := timelineData{
		Title: "AMI creation", LifecycleID: one.ID, Shown: date(at), Refresh: refresh,
		ProductName: fmt.Sprint(document["product_name"]), ProductVer: fmt.Sprint(document["product_ver"]),
		StackTag: fmt.Sprint(document["stack_tag"]), CommitRef: fmt.Sprint(document["commit_ref"]),
		Owner: fmt.Sprint(document["owner"]), Created: fmt.Sprint(document["creation_date"]),
	}
	results := creationResults(document)
	if phase == lifecycle.Patching {
		data.Title, results = "AMI patch", currentPatchResults(document)
	}
	inProgress := member(document, "event_in_progress")
	if inProgress["name"] == any(string(lifecycle.PatchAMI)) {
		results = nil // They are those of the previous patch.
	}
	for _, event := range phase.Order() {
		data.Events = append(data.Events, timelineOf(event, results, inProgress))
	}
	if ami := amiOf(results, phase.Order()[0]); ami != nil {
		data.Version = text(ami["ami_semver"])
	}
	var page bytes.Buffer
	err := timelinePage(data).Render(&page)
	return page.Bytes(), err
}

func timelineOf(event lifecycle.Event, results []python.Dict, inProgress python.Dict) timelineEvent {
	shown := timelineEvent{
		Title: event.Title(), Description: machines[event].description,
		State: notStarted, Class: "waiting",
	}
	if event == lifecycle.QACertificationResponse {
		shown.Description = "Receives result of external QA team application certification process."
	}
	if inProgress["name"] == any(string(event)) {
		shown.State, shown.Class, shown.Date = string(lifecycle.InProgress), "running", text(inProgress["execution_startdate"])
		if state := text(inProgress["status"]); state != "" {
			shown.State, shown.Class, shown.Date = state, "failed", text(inProgress["status_date"])
			shown.Error = text(inProgress["error_message"])
		}
		return shown
	}
	for _, result := range results {
		if result["name"] != any(string(event)) {
			continue
		}
		shown.State, shown.Class, shown.Date = text(result["status"]), "failed", text(result["status_date"])
		if shown.State == string(lifecycle.Completed) {
			shown.Class = "completed"
		}
		shown.describe(result)
		break
	}
	return shown
}

// describe adds those members of a result that are known not to be secret. All others are left out, because requests
// and receivers can store anything there.
func (e *timelineEvent) describe(result python.Dict) {
	properties := member(result, "properties")
	for _, ami := range objects(properties["ami_details"]) {
		e.AMIs = append(e.AMIs, timelineAMI{
			Region: text(ami["region"]), Image: text(ami["image"]), Name: text(ami["name"]), Version: text(ami["ami_semver"]),
		})
	}
	add := func(name string, value any) {
		if value := text(value); value != "" {
			e.Details = append(e.Details, timelineDetail{name, value})
		}
	}
	add("Ancestry", properties["ami_ancestry"])
	add("Smoke tests", properties["smoke_tests_status"])
	add("Findings", properties["total_vulnerabilities"])
	severities := member(properties, "vulnerability_severities")
	for _, severity := range lifecycle.Severities() {
		add(string(severity), severities[string(severity)])
	}
	add("Exported to", properties["export_image_path"])
	add("Certification", result["certification_status"])
	add("Approval", properties["approval_status"])
	add("Backup", properties["s3_object_key"])
}
