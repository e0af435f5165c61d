package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/phrase"
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

// EventsNamed returns the events that a spelling means, without regard to case: the documented name or choice
// (SMOKE_TESTS is an event of either phase), the name on the wire, and that name without its spelling mistake. It
// is empty for a name that means nothing.
func EventsNamed(name string) []Event {
	name = strings.ToUpper(strings.TrimSpace(name))
	var events []Event
	for _, event := range append(Creation.Order(), Patching.Order()...) {
		if name == string(event) || name == event.String() || name == choiceOf(event) || name == correctSpelling[event] {
			events = append(events, event)
		}
	}
	return events
}

// correctSpelling is the name that an event would have without the wire's spelling mistake.
var correctSpelling = map[Event]string{VulnerabilityScansCreate: ChoiceVulnerabilityScans + "_AMI_CREATE"}

// NormalizeChoices gives the words of --events their documented spelling, each once; a word that means nothing to
// the operation stays as it is, in upper case. The names of a build and of a patch next to other events add
// nothing, since both run in any case: they must not override the others as AMI_BUILD_ONLY and AMI_PATCH_ONLY do.
// For AMI_WAIT the wire's names stay, since they say which phase is meant.
func NormalizeChoices(o Operation, words []string) []string {
	var choices []string
	for _, word := range words {
		word = strings.ToUpper(strings.TrimSpace(word))
		for _, event := range EventsNamed(word) {
			switch {
			case o == Wait && word == correctSpelling[event]:
				word = string(event)
			case o != Wait && event.Phase() == o.Phase() && slices.Contains(o.Choices(), choiceOf(event)) && word != choiceOf(event):
				word = choiceOf(event)
				if len(words) > 1 && !event.IsRepeatable() {
					word = ""
				}
			}
		}
		if word != "" && !slices.Contains(choices, word) {
			choices = append(choices, word)
		}
	}
	return choices
}

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
		return []string{
			ChoiceBuildOnly, ChoicePatchOnly, ChoiceSmokeTests, ChoiceVulnerabilityScans, ChoiceQACertification,
			QACertificationResponse.String(), MarkForProductionCreate.String(),
		}
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
	if only := overriding(words); only != "" {
		return o.Phase().Requestable()[:1], nil
	}
	var events []Event
	missing := Event("")
	for i, event := range o.Phase().Requestable() {
		asked := i == 0 && (o == Create || o == Patch) || slices.Contains(words, choiceOf(event))
		switch {
		case asked && missing != "":
			return nil, fmt.Errorf("%s cannot start without %s before it: events complete in this order only",
				choiceOf(event), choiceOf(missing))
		case asked:
			events = append(events, event)
		case len(events) > 0 && missing == "":
			missing = event
		}
	}
	return events, nil
}

// overriding returns the word that overrides every other one, or "" if there is none among the words.
func overriding(words []string) string {
	i := slices.IndexFunc(words, func(word string) bool { return word == ChoiceBuildOnly || word == ChoicePatchOnly })
	if i < 0 {
		return ""
	}
	return words[i]
}

// Overridden returns the word among those of --events that overrides the others, and the others, whose events do not
// run. For AMI_WAIT no word overrides another.
func Overridden(o Operation, words []string) (only string, others []string) {
	if only = overriding(words); only == "" || o == Wait {
		return "", nil
	}
	return only, slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == only })
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
		named := EventsNamed(word)
		event := named[0]
		for _, candidate := range named {
			if candidate.Phase() == phase {
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
		return slices.Contains(known, word) || o == Wait && len(EventsNamed(word)) > 0
	})
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("%s has no event %s: must be %s", o, strings.Join(unknown, ", "), phrase.Or(known))
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
