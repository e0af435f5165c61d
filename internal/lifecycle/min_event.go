package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// minEvents are the words of the documented selection client for the least event that an image must have completed.
// Here each word means the event that it names. The selection client itself asks for too little in two of the six
// cases (docs/behind-the-document.md, "The look-up table of images").
var minEvents = []struct {
	word  string
	event Event
}{
	{"AMI_WITH_OS_HARDENING", BuildAMI},
	{"SMOKE_TESTED", SmokeTestsCreate},
	{"VULNERABILITY_SCANNED", VulnerabilityScansCreate},
	{"QA_CERTIFICATION_REQUESTED", QACertificationRequest},
	{"QA_CERTIFIED", QACertificationResponse},
	{MinEventApproved, MarkForProductionCreate},
}

// MinEventApproved asks for an image that is approved for production.
const MinEventApproved = "PRODUCTION_APPROVED"

// MinEvents returns the words for the least event that an image must have completed, least first.
func MinEvents() []string {
	words := make([]string, len(minEvents))
	for i, one := range minEvents {
		words[i] = one.word
	}
	return words
}

// ParseMinEvent returns the event that a word for the least event stands for, ignoring case and surrounding space. The
// word is one of [MinEvents] or any name of an event ([EventsNamed]). A name that stands for an event of each phase
// means that of the creation. It returns false for an unknown word.
func ParseMinEvent(word string) (Event, bool) {
	for _, one := range minEvents {
		if strings.EqualFold(one.word, strings.TrimSpace(word)) {
			return one.event, true
		}
	}
	if events := EventsNamed(word); len(events) > 0 {
		return events[0], true
	}
	return "", false
}

// scores are the scores of the look-up table (docs/behind-the-document.md, "The look-up table of images").
var scores = map[Event]int{
	BuildAMI: 1, SmokeTestsCreate: 2, VulnerabilityScansCreate: 3,
	QACertificationRequest: 4, QACertificationResponse: 5, MarkForProductionCreate: 6,
	PatchAMI: 1, SmokeTestsPatch: 2, VulnerabilityScansPatch: 3, MarkForProductionPatch: 6,
}

// Score returns the score of the event in the look-up table, from 1 for a build or a patch to 6 for an approval. Events
// of the two phases that have the same score correspond to each other. It is 0 for an unknown event.
func (e Event) Score() int { return scores[e] }

// UpTo returns the events of the phase that an image must have completed to reach least, in their order. A patch has no
// certification of its own: if least is one, the patch must be approved.
func (p Phase) UpTo(least Event) []Event {
	events := order[p]
	for i, event := range events {
		if event.Score() >= least.Score() {
			return slices.Clone(events[:i+1])
		}
	}
	return slices.Clone(events)
}

// Shortfall returns why the version's image has not reached least: an event has not completed, has a negative verdict,
// or has a result that contradicts itself. It returns "" for an image that has reached it. The image of a patch also
// needs every event of the creation.
func (d *Document) Shortfall(version Version, least Event) string {
	if version.Phase == Patching {
		creation := versionIn(Creation, d.Results(Creation))
		if reason := creation.shortfall(Creation.Order()); reason != "" {
			return "the image that it patches is not approved: " + reason
		}
	}
	return version.shortfall(version.Phase.UpTo(least))
}

func (v Version) shortfall(events []Event) string {
	for _, event := range events {
		result := v.ResultOf(event)
		switch {
		case result == nil:
			return fmt.Sprintf("%s has no result", event)
		case result.Status != Completed:
			return fmt.Sprintf("%s is %s", event, result.Status)
		case result.Contradiction() != "":
			return fmt.Sprintf("%s cannot be relied upon: %s", event, result.Contradiction())
		case v.Phase == Patching && slices.ContainsFunc(v.results, func(r Result) bool { return r.Name == event && r.Status == Failed }):
			// The server never replaces a FAILED result of a patch (docs/wire-contract.md, "What a client must not
			// be fooled by").
			return fmt.Sprintf("%s has a result FAILED beside the one that is COMPLETED", event)
		}
	}
	return ""
}
