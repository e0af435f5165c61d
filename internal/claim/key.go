package claim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/location"
)

// Build is what a create asks for. It contains only what makes the image a different one, and nothing that changes
// between attempts of a job: no owner, no properties, no notifications.
type Build struct {
	ProductName, ProductVer, StackTag, CommitRef string
	Events                                       []lifecycle.Event
}

// CreateKey returns the key of the claim on a create. The key is the same for all attempts and steps of a job that build
// the same, and different for everything else. job identifies the job: its repository, workflow or
// project, run or pipeline, name and leg of a matrix. For a job without an identity, job and the key are "", and nothing
// is claimed.
func CreateKey(job string, build Build) string {
	if job == "" {
		return ""
	}
	parts := []string{job, build.ProductName, build.ProductVer, build.StackTag, build.CommitRef}
	for _, event := range inOrder(build.Events) {
		parts = append(parts, string(event))
	}
	return location.ClaimPrefix + "creates/" + sum(parts...) + ".json"
}

// LifecycleKey returns the key of the claim on what happens next in a lifecycle in the state of the document. The key is
// the same for all runs that saw the same results and the same execution. Owner, properties and dates of
// requests are not part of it, because a refused request changes them and starts nothing.
func LifecycleKey(document *lifecycle.Document) string {
	return LifecycleKeyOf(document.ID, Digest(document))
}

// LifecycleKeyOf returns the [LifecycleKey] of a lifecycle whose document has the digest.
func LifecycleKeyOf(lifecycleID, digest string) string {
	directory := lifecycleID
	if !lifecycle.IsID(directory) {
		directory = sum(lifecycleID)
	}
	return location.ClaimPrefix + "lifecycles/" + directory + "/" + digest + ".json"
}

// Digest returns a hash of the state of a lifecycle: its results, including those of earlier patches, and its execution.
func Digest(document *lifecycle.Document) string {
	var state struct {
		Running *struct {
			Name      lifecycle.Event  `json:"name"`
			Execution string           `json:"execution_arn"`
			Started   string           `json:"execution_startdate"`
			Status    lifecycle.Status `json:"status"`
		} `json:"event_in_progress"`
		Creation any `json:"outputs_ami_creation"`
		Patching any `json:"outputs_ami_patch"`
	}
	// Numbers keep their spelling. Members are sorted when they are written again, because the server may
	// return them in any order. The document has been decoded before, so it is valid JSON.
	decoder := json.NewDecoder(bytes.NewReader(document.Raw))
	decoder.UseNumber()
	_ = decoder.Decode(&state)
	text, err := json.Marshal(state)
	if err != nil {
		panic("claim: what was read as JSON cannot be written as JSON: " + err.Error())
	}
	return sum(string(text))
}

// inOrder returns the events sorted by their names on the wire, without duplicates.
func inOrder(events []lifecycle.Event) []lifecycle.Event {
	return slices.Compact(slices.Sorted(slices.Values(events)))
}

// sum returns a hash of the parts. Different lists of parts have different hashes.
func sum(parts ...string) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic("claim: texts cannot be written as JSON: " + err.Error())
	}
	hash := sha256.Sum256(text)
	return hex.EncodeToString(hash[:16])
}
