package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/phrase"
)

// The documented values of --events. They differ from the names on the wire, and the same value means
// a different event in a patch than in a creation.
const (
	ChoiceBuildOnly          = "AMI_BUILD_ONLY"
	ChoicePatchOnly          = "AMI_PATCH_ONLY"
	ChoiceSmokeTests         = "SMOKE_TESTS"
	ChoiceVulnerabilityScans = "VULNERABILITY_SCANS"
	ChoiceQACertification    = "QA_CERTIFICATION_REQUEST"
)

// EventsNamed returns the events that name stands for, ignoring case and surrounding space. A name is the documented
// name or choice (SMOKE_TESTS stands for an event of each phase), the name on the wire, or that name without its
// spelling mistake. The result is empty for an unknown name.
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

// correctSpelling maps an event whose name is misspelled on the wire to the correct spelling.
var correctSpelling = map[Event]string{VulnerabilityScansCreate: ChoiceVulnerabilityScans + "_AMI_CREATE"}

// NormalizeChoices returns the values of --events in their documented spelling, without duplicates. A value that
// the operation does not know is only changed to upper case.
//
// BUILD_AMI and PATCH_AMI are dropped if other events are given. The build or the patch runs in any case, and their
// documented spellings, AMI_BUILD_ONLY and AMI_PATCH_ONLY, override all other events. AMI_WAIT keeps the names of the
// wire, because they say which phase is meant.
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

// Choices returns the values of --events that are allowed for the operation, in the order of the lifecycle. It is nil
// for an operation without --events.
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

// EventsOf converts the values of --events to the events that the operation starts, in the order of the
// lifecycle and without duplicates. AMI_CREATE always includes the build and AMI_PATCH always includes the patch.
// AMI_BUILD_ONLY and AMI_PATCH_ONLY override every other value, as documented.
//
// It returns an error that names the unknown values, or the first event that could never start because the event
// before it is not requested: events can only complete in their order. An update may begin with any event, because
// the earlier ones may have completed already, but it must not leave a gap either.
func EventsOf(o Operation, words []string) ([]Event, error) {
	if err := checkKnown(o, words); err != nil {
		return nil, err
	}
	if overriding(words) != "" {
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

// overriding returns the value that overrides all others, or "" if there is none.
func overriding(words []string) string {
	i := slices.IndexFunc(words, func(word string) bool { return word == ChoiceBuildOnly || word == ChoicePatchOnly })
	if i < 0 {
		return ""
	}
	return words[i]
}

// Overridden returns the value of --events that overrides the others, and the others, whose events do not run. It
// returns nothing if no value overrides others, as for AMI_WAIT.
func Overridden(o Operation, words []string) (only string, others []string) {
	if only = overriding(words); only == "" || o == Wait {
		return "", nil
	}
	return only, slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == only })
}

// WaitedFor converts the values of --events to the events that AMI_WAIT waits for, in the given order and
// without duplicates. A value that stands for an event of each phase (SMOKE_TESTS, VULNERABILITY_SCANS) means the
// one of phase; a name of the wire means that very event. The error names the unknown values.
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
