package rules_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/rules"
)

func documentWith(completed ...lifecycle.Event) *lifecycle.Document {
	document := &lifecycle.Document{ID: "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7"}
	for _, event := range completed {
		document.Outputs.Events = append(document.Outputs.Events, lifecycle.Result{Name: event, Status: lifecycle.Completed})
	}
	return document
}

func TestWhatTheRulesAllowNext(t *testing.T) {
	creation := lifecycle.Creation.Order()
	for _, c := range []struct {
		name      string
		document  *lifecycle.Document
		operation lifecycle.Operation
		refused   string // part of the reason; "" if the operation is allowed
	}{
		{"nothing is certified before the QA request", documentWith(creation[:3]...), lifecycle.QACertification, "cannot start before QA_CERTIFICATION_REQUEST"},
		{"a certification after it", documentWith(creation[:4]...), lifecycle.QACertification, ""},
		{"no second certification", documentWith(creation[:5]...), lifecycle.QACertification, "has already completed"},
		{"an approval of what is certified", documentWith(creation[:5]...), lifecycle.ApprovalCreate, ""},
		{"a patch only of what is approved", documentWith(creation[:5]...), lifecycle.Patch, "only a certified and approved AMI"},
		{"a patch of what is approved", documentWith(creation...), lifecycle.Patch, ""},
		{"no approval of a patch that is not there", documentWith(creation...), lifecycle.ApprovalPatch, "cannot start before PATCH_AMI"},
		{"no timeline of a patch that is not there", documentWith(creation...), lifecycle.TimelinePatch, "never been patched"},
		{"a status always", documentWith(), lifecycle.GetStatus, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusal := rules.Refusal(c.document, c.operation, nil)
			if c.refused == "" {
				assert.Nil(t, refusal)
				return
			}
			assert.ErrorContains(t, refusal, c.refused)
		})
	}
}

func TestChoicesOfAnUpdate(t *testing.T) {
	var allowed []string
	for _, choice := range rules.Choices(documentWith(lifecycle.Creation.Order()[:2]...), lifecycle.CreateUpdate) {
		if choice.Refusal == nil {
			allowed = append(allowed, choice.Word)
		}
	}
	assert.Equal(t, []string{lifecycle.ChoiceVulnerabilityScans, lifecycle.ChoiceQACertification}, allowed)
	for _, choice := range rules.Choices(documentWith(), lifecycle.CreateUpdate) {
		assert.ErrorContains(t, choice.Refusal, "BUILD_AMI", choice.Word)
	}
}
