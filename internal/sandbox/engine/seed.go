package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// Seeding configures [Engine.Seed].
type Seeding struct {
	// Count is the number of lifecycles, and Bytes the least size of the document of each; 0 adds nothing.
	Count, Bytes int
	// StackTag is their stack tag; seed by default.
	StackTag string
}

// seedStages are the stages of the seeded lifecycles, in turn: each event so far with the status of its result. The last
// event may be in progress.
var seedStages = [][]string{
	{"BUILD_AMI IN_PROGRESS"},
	{"BUILD_AMI ERROR"},
	{"BUILD_AMI COMPLETED"},
	{"BUILD_AMI COMPLETED", "SMOKE_TESTS COMPLETED"},
	{"BUILD_AMI COMPLETED", "SMOKE_TESTS COMPLETED", "VULNERABILITY_SCANS ERROR"},
	{"BUILD_AMI COMPLETED", "SMOKE_TESTS COMPLETED", "VULNERABILITY_SCANS COMPLETED", "QA_CERTIFICATION_REQUEST COMPLETED"},
	{
		"BUILD_AMI COMPLETED", "SMOKE_TESTS COMPLETED", "VULNERABILITY_SCANS COMPLETED", "QA_CERTIFICATION_REQUEST COMPLETED",
		"QA_CERTIFICATION_RESPONSE FAILED",
	},
	{
		"BUILD_AMI COMPLETED", "SMOKE_TESTS COMPLETED", "VULNERABILITY_SCANS COMPLETED", "QA_CERTIFICATION_REQUEST COMPLETED",
		"QA_CERTIFICATION_RESPONSE COMPLETED", "MARK_FOR_PRODUCTION FAILED",
	},
	{
		"BUILD_AMI COMPLETED", "SMOKE_TESTS COMPLETED", "VULNERABILITY_SCANS COMPLETED", "QA_CERTIFICATION_REQUEST COMPLETED",
		"QA_CERTIFICATION_RESPONSE COMPLETED", "MARK_FOR_PRODUCTION COMPLETED",
	},
}

// Seed makes lifecycles in every stage of a creation, for tests and measurements, and returns their ids. They have the
// same form as lifecycles made by requests: the first of each stage goes through the handlers, and the others are copies
// of it with their own ids, images and versions.
func (e *Engine) Seed(tx *store.Tx, seeding Seeding) ([]string, error) {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return nil, err
	}
	if seeding.StackTag == "" {
		seeding.StackTag = "seed"
	}
	var ids []string
	var templates []string
	for len(ids) < seeding.Count {
		stage := len(ids) % len(seedStages)
		var id string
		var err error
		if stage >= len(templates) {
			id, err = e.seedOne(tx, seedStages[stage], seeding, at)
			templates = append(templates, id)
		} else {
			id, err = e.copyOf(tx, templates[stage], at)
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// seedOne makes a lifecycle through the handlers, takes it to the stage, and returns its id.
func (e *Engine) seedOne(tx *store.Tx, stage []string, seeding Seeding, at time.Time) (string, error) {
	list := python.List{}
	for i, event := range lifecycle.Creation.Requestable() {
		list = append(list, python.Dict{"name": string(event), "enabled": i < len(stage)})
	}
	// Events that end here are ended by seedStep. An event that stays in progress ends by itself.
	if !strings.HasSuffix(stage[len(stage)-1], string(lifecycle.InProgress)) {
		e = &Engine{
			BaseURL: e.BaseURL, Now: e.Now, Rand: e.Rand, Duration: e.Duration, Outcome: e.Outcome, Manual: true,
		}
	}
	response, err := e.create(tx, python.Dict{
		"stack_tag": seeding.StackTag, "owner": "seed", "events": list,
		"product_name": "Golden image", "product_ver": "1.0.0", "commit_ref": "0123abc",
		"notifications": python.List{python.Dict{"method": "EMAIL", "target": "seed@example.com"}},
		"properties":    python.Dict{"NOTE": strings.Repeat("x", seeding.Bytes)},
	}, at)
	if err != nil {
		return "", fmt.Errorf("seeding a lifecycle: %w", err)
	}
	id := text(response.(python.Dict)["lifecycle_id"])
	for i, step := range stage {
		_, status, _ := strings.Cut(step, " ")
		if status == string(lifecycle.InProgress) {
			break
		}
		if err := e.seedStep(tx, id, lifecycle.Creation.Order()[i], lifecycle.Status(status), at); err != nil {
			return "", fmt.Errorf("seeding %s: %w", step, err)
		}
	}
	return id, nil
}

func (e *Engine) seedStep(tx *store.Tx, id string, event lifecycle.Event, status lifecycle.Status, at time.Time) error {
	verdict := python.Dict{"lifecycle_id": id, "stack_tag": "seed"}
	switch event {
	case lifecycle.QACertificationResponse:
		verdict["certification_status"] = verdictWord(status, "CERTIFIED")
		if _, err := e.certify(tx, verdict, at); err != nil {
			return err
		}
		return e.deliverOf(tx, id, at)
	case lifecycle.MarkForProductionCreate:
		verdict["approval_status"] = verdictWord(status, "APPROVED")
		if _, err := e.approve(tx, verdict, lifecycle.ApprovalCreate, at); err != nil {
			return err
		}
		if status == lifecycle.Failed {
			return e.deliverOf(tx, id, at)
		}
	}
	_, err := e.EndEvent(tx, id, nil, Ending{Status: status})
	return err
}

func verdictWord(status lifecycle.Status, good string) string {
	if status == lifecycle.Completed {
		return good
	}
	return "FAILED"
}

// deliverOf delivers the queued messages of the lifecycle.
func (e *Engine) deliverOf(tx *store.Tx, id string, at time.Time) error {
	return tx.Pending(func(one *store.Pending) error {
		if one.Kind != store.MessageArrives || one.LifecycleID != id {
			return nil
		}
		if err := tx.Dequeue(one); err != nil {
			return err
		}
		_, err := e.receive(tx, one.Receiver, one.Message, at, 0)
		return err
	})
}

// copyOf stores a copy of a lifecycle with its own id, images and version, and returns the id.
func (e *Engine) copyOf(tx *store.Tx, template string, at time.Time) (string, error) {
	original, err := tx.Lifecycle(template)
	if err != nil {
		return "", err
	}
	id, err := e.newID()
	if err != nil {
		return "", err
	}
	record, err := json.Marshal(original)
	if err != nil {
		return "", err
	}
	record = bytes.ReplaceAll(record, []byte(template), []byte(id))
	for _, execution := range original.Executions {
		run, err := e.newID()
		if err != nil {
			return "", err
		}
		record = bytes.ReplaceAll(record, []byte(execution.ARN), []byte(machines[execution.Event].execution(run)))
	}
	version := ""
	if images := imagesOf(creationResults(original.Document), lifecycle.BuildAMI); len(images) > 0 {
		tag := text(original.Document["stack_tag"])
		version = tx.Seed(tag)
		next, err := bump(version, "major")
		if err != nil {
			return "", err
		}
		if err := tx.PutSeed(tag, next); err != nil {
			return "", err
		}
		image, err := e.randomText(17, digits+"abcdef")
		if err != nil {
			return "", err
		}
		record = bytes.ReplaceAll(record, []byte(text(images[0]["image"])), []byte("ami-"+image))
	}
	copied, err := store.DecodeLifecycle(record)
	if err != nil {
		return "", err
	}
	return id, e.storeCopy(tx, copied, version, at)
}

func (e *Engine) storeCopy(tx *store.Tx, copied *store.Lifecycle, version string, at time.Time) error {
	results := creationResults(copied.Document)
	for _, image := range imagesOf(results, lifecycle.BuildAMI) {
		image["ami_semver"] = version
	}
	if err := tx.PutLifecycle(copied); err != nil {
		return err
	}
	for _, execution := range copied.Executions {
		if _, err := e.startRun(tx, copied.ID, execution, at, true); err != nil || execution.Outcome == "" {
			return err
		}
		err := tx.Enqueue(store.Pending{
			At: at.Add(e.Duration(execution.Event)), Kind: store.ExecutionEnds, LifecycleID: copied.ID, ARN: execution.ARN,
		})
		if err != nil {
			return err
		}
	}
	if len(results) > 0 {
		if err := listImages(tx, copied, results[len(results)-1], lifecycle.Creation, at); err != nil {
			return err
		}
	}
	return nil
}
