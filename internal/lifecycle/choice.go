package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// The words that the documentation gives for --events. They differ from the wire's names, and the same
// word means another event in a patch than in a creation.
const (
	ChoiceBuildOnly          = "AMI_BUILD_ONLY"
	ChoicePatchOnly          = "AMI_PATCH_ONLY"
	ChoiceSmokeTests         = "SMOKE_TESTS"
	ChoiceVulnerabilityScans = "VULNERABILITY_SCANS"
	ChoiceQACertification    = "QA_CERTIFICATION_REQUEST"
)

// Choices returns the words that --events knows for the operation, in the order of the lifecycle.
func (o Operation) Choices() []string {
	switch o {
	case Create:
		return []string{ChoiceBuildOnly, ChoiceSmokeTests, ChoiceVulnerabilityScans, ChoiceQACertification}
	case CreateUpdate:
		return []string{ChoiceSmokeTests, ChoiceVulnerabilityScans, ChoiceQACertification}
	case Patch:
		return []string{ChoicePatchOnly, ChoiceSmokeTests, ChoiceVulnerabilityScans}
	case PatchUpdate:
		return []string{ChoiceSmokeTests, ChoiceVulnerabilityScans}
	case Wait:
		words := []string{ChoiceBuildOnly, ChoicePatchOnly, ChoiceSmokeTests, ChoiceVulnerabilityScans}
		for _, event := range append(Creation.Order(), Patching.Order()...) {
			for _, word := range []string{event.String(), string(event)} {
				if !slices.Contains(words, word) {
					words = append(words, word)
				}
			}
		}
		return words
	}
	return nil
}

// EventsOf turns the words of --events into the events of the wire that the operation starts, in the
// order of the lifecycle and each once. A create always builds and a patch always patches;
// AMI_BUILD_ONLY and AMI_PATCH_ONLY override every other word, as documented.
//
// The error names each word that the operation does not know, and each event that could never start
// because the one before it is not asked for: the rules let events complete in their order only.
// An update may start anywhere, since what came before may have completed already, but it may leave no
// gap either.
func EventsOf(o Operation, words []string) ([]Event, error) {
	if err := checkKnown(o, words); err != nil {
		return nil, err
	}
	if slices.Contains(words, ChoiceBuildOnly) {
		return []Event{BuildAMI}, nil
	}
	if slices.Contains(words, ChoicePatchOnly) {
		return []Event{PatchAMI}, nil
	}
	var events []Event
	missing := Event("")
	for i, event := range o.Phase().Requestable() {
		asked := i == 0 && (o == Create || o == Patch) || slices.Contains(words, choiceOf(event))
		switch {
		case asked && missing != "":
			return nil, fmt.Errorf("%s cannot start without %s before it: the events complete in their order only",
				choiceOf(event), choiceOf(missing))
		case asked:
			events = append(events, event)
		case len(events) > 0 && missing == "":
			missing = event
		}
	}
	return events, nil
}

// WaitedFor turns the words of --events into the events that AMI_WAIT waits for, in the order given and
// each once. Words that mean an event of either phase (SMOKE_TESTS, VULNERABILITY_SCANS) mean that of
// phase; the wire's own names mean themselves. The error names the words that mean nothing.
func WaitedFor(words []string, phase Phase) ([]Event, error) {
	if err := checkKnown(Wait, words); err != nil {
		return nil, err
	}
	var events []Event
	for _, word := range words {
		event := Event(word)
		for _, candidate := range append(phase.Order(), BuildAMI, PatchAMI) {
			if choiceOf(candidate) == word {
				event = candidate
			}
		}
		if !slices.Contains(events, event) {
			events = append(events, event)
		}
	}
	return events, nil
}

func checkKnown(o Operation, words []string) error {
	known := o.Choices()
	unknown := slices.DeleteFunc(slices.Clone(words), func(word string) bool {
		return slices.Contains(known, word)
	})
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("%s does not know %s; it knows %s",
		o, strings.Join(unknown, ", "), strings.Join(known, ", "))
}

func choiceOf(e Event) string {
	switch e {
	case BuildAMI:
		return ChoiceBuildOnly
	case PatchAMI:
		return ChoicePatchOnly
	case SmokeTestsCreate, SmokeTestsPatch:
		return ChoiceSmokeTests
	case VulnerabilityScansCreate, VulnerabilityScansPatch:
		return ChoiceVulnerabilityScans
	}
	return e.String()
}
