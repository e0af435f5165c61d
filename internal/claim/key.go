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

// Build is what a create asks for. It holds what makes another image, and nothing that changes between
// attempts of a job: no owner, no properties, no notifications.
type Build struct {
	ProductName, ProductVer, StackTag, CommitRef string
	Events                                       []lifecycle.Event
}

// CreateKey returns the key of the claim on a create: the same for each attempt of a job and each step of it
// that builds the same, and another for everything else. job names the job: its repository, workflow or
// project, run or pipeline, name and leg of a matrix. It is "" for a job without an identity, which claims
// nothing.
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

// LifecycleKey returns the key of the claim on what happens next in a lifecycle that stands as the document
// says: the same for all who saw the same results and the same execution. Owner, properties and dates of
// requests do not count: a refused request changes them, and starts nothing.
func LifecycleKey(document *lifecycle.Document) string {
	return LifecycleKeyOf(document.ID, Digest(document))
}

// LifecycleKeyOf is [LifecycleKey] of a lifecycle whose document had the digest.
func LifecycleKeyOf(lifecycleID, digest string) string {
	directory := lifecycleID
	if !lifecycle.IsID(directory) {
		directory = sum(lifecycleID)
	}
	return location.ClaimPrefix + "lifecycles/" + directory + "/" + digest + ".json"
}

// Digest identifies how a lifecycle stands: its results, those of earlier patches too, and its execution.
func Digest(document *lifecycle.Document) string {
	var stands struct {
		Running *struct {
			Name      lifecycle.Event  `json:"name"`
			Execution string           `json:"execution_arn"`
			Started   string           `json:"execution_startdate"`
			Status    lifecycle.Status `json:"status"`
		} `json:"event_in_progress"`
		Creation any `json:"outputs_ami_creation"`
		Patching any `json:"outputs_ami_patch"`
	}
	// Numbers stay as they are written, and members are sorted when they are written again: the server may
	// order them as it likes. The document was read before, so it is JSON.
	decoder := json.NewDecoder(bytes.NewReader(document.Raw))
	decoder.UseNumber()
	_ = decoder.Decode(&stands)
	text, err := json.Marshal(stands)
	if err != nil {
		panic("claim: what was read as JSON cannot be written as JSON: " + err.Error())
	}
	return sum(string(text))
}

// inOrder returns the events in the order of the wire, each once.
func inOrder(events []lifecycle.Event) []lifecycle.Event {
	return slices.Compact(slices.Sorted(slices.Values(events)))
}

// sum is one name for the parts; no two lists of parts share one.
func sum(parts ...string) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic("claim: texts cannot be written as JSON: " + err.Error())
	}
	hash := sha256.Sum256(text)
	return hex.EncodeToString(hash[:16])
}
