package orchestrator

import "github.com/org/ami-action/internal/lifecycle"

// The names of the secrets that hold the API keys, one per endpoint (docs/wire-contract.md, "Finding it").
const (
	keyCreate         = "ami_creation_post_api_key"
	keyCreateUpdate   = "ami_creation_put_api_key"
	keyPatch          = "ami_patch_post_api_key"
	keyPatchUpdate    = "ami_patch_put_api_key"
	keyStatus         = "ami_creation_status_api_key"
	keyTimelineCreate = "ami_creation_timeline_api_key"
	keyTimelinePatch  = "ami_patch_timeline_api_key"
	keyCertification  = "ami_creation_qa_certification_key"
	keyApprovalCreate = "ami_creation_mark_for_production_key"
	keyApprovalPatch  = "ami_patch_mark_for_production_key"
)

var keys = map[lifecycle.Operation]string{
	lifecycle.Create:          keyCreate,
	lifecycle.CreateUpdate:    keyCreateUpdate,
	lifecycle.Patch:           keyPatch,
	lifecycle.PatchUpdate:     keyPatchUpdate,
	lifecycle.GetStatus:       keyStatus,
	lifecycle.GetStatuses:     keyStatus,
	lifecycle.TimelineCreate:  keyTimelineCreate,
	lifecycle.TimelinePatch:   keyTimelinePatch,
	lifecycle.QACertification: keyCertification,
	lifecycle.ApprovalCreate:  keyApprovalCreate,
	lifecycle.ApprovalPatch:   keyApprovalPatch,
	lifecycle.Wait:            keyStatus,
	lifecycle.Select:          keyStatus,
}

// KeysFor returns the names of the secrets, without their prefix, that the operation needs from its first request to the
// end of its wait. An operation that writes also needs the key for the status: it reads the status before, and polls it
// afterwards. The result is nil for an operation that needs no key.
func KeysFor(o lifecycle.Operation) []string {
	own, ok := keys[o]
	switch {
	case !ok:
		return nil
	case o.Writes():
		return []string{own, keyStatus}
	}
	return []string{own}
}
