package engine

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// scores are the scores of the events in the look-up table of images (docs/behind-the-document.md, "The
// look-up table of images").
var scores = map[lifecycle.Event]int{
	lifecycle.BuildAMI: 1, lifecycle.PatchAMI: 1,
	lifecycle.SmokeTestsCreate: 2, lifecycle.SmokeTestsPatch: 2,
	lifecycle.VulnerabilityScansCreate: 3, lifecycle.VulnerabilityScansPatch: 3,
	lifecycle.QACertificationRequest:  4,
	lifecycle.QACertificationResponse: 5,
	lifecycle.MarkForProductionCreate: 6, lifecycle.MarkForProductionPatch: 6,
}

// listImages stores the phase's current images in the look-up table, with the event of the result and its score. Like
// the deployment it also does so for a FAILED result and for a repeated earlier event, so the table shows a refused
// image as certified or approved. No item is ever deleted.
func listImages(tx *store.Tx, one *store.Lifecycle, result python.Dict, phase lifecycle.Phase, at time.Time) error {
	document, results := one.Document, creationResults(one.Document)
	if phase == lifecycle.Patching {
		results = currentPatchResults(document)
	}
	event := lifecycle.Event(text(result["name"]))
	for _, detail := range imagesOf(results, phase.Order()[0]) {
		id := text(detail["image"])
		if id == "" || scores[event] == 0 {
			continue
		}
		image := &store.Image{
			LookupID: one.ID + "_" + id, LifecycleID: one.ID, StackTag: text(document["stack_tag"]),
			ProductName: text(document["product_name"]), ProductVer: text(document["product_ver"]),
			CommitRef: text(document["commit_ref"]),
			AMIID:     id, Version: text(detail["ami_semver"]), Region: text(detail["region"]),
			Type: wirePhase(phase), Event: event, Score: scores[event], Modified: date(at),
		}
		if phase == lifecycle.Patching {
			image.CommitRef = text(member(document, "inputs_ami_patch")["commit_ref"])
		}
		if err := tx.PutImage(image); err != nil {
			return err
		}
	}
	return nil
}
