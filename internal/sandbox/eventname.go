package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/sandbox/engine"
)

// EventsNamed returns the events that the name stands for, in the order of the lifecycle. It accepts every
// spelling in use: the documented name and the word of --events, which can stand for an event of each phase
// (SMOKE_TESTS); the event's title; the wire's name; and the wire's name with its spelling corrected, or with the
// misspelling of the other phase (docs/wire-contract.md, "Requests"). Case does not matter, and blanks and hyphens
// are read as underscores. For an unknown name, the error lists the documented names of the events that a state
// machine runs.
func EventsNamed(name string) ([]lifecycle.Event, error) {
	var named []lifecycle.Event
	wanted := canonical(name)
	for _, event := range append(lifecycle.Creation.Order(), lifecycle.Patching.Order()...) {
		if slices.ContainsFunc(spellings(event), func(s string) bool { return canonical(s) == wanted }) {
			named = append(named, event)
		}
	}
	if len(named) == 0 {
		return nil, fmt.Errorf("unknown event %q: must be %s", name, phrase.Or(documentedNames()))
	}
	return named, nil
}

func spellings(event lifecycle.Event) []string {
	names := []string{string(event), event.String(), event.Title()}
	switch event {
	case lifecycle.BuildAMI:
		names = append(names, lifecycle.ChoiceBuildOnly)
	case lifecycle.PatchAMI:
		names = append(names, lifecycle.ChoicePatchOnly)
	}
	return names
}

// canonical returns the one form that all spellings of a name are compared in.
func canonical(name string) string {
	name = strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToUpper(strings.TrimSpace(name)))
	return strings.ReplaceAll(name, "VULNERABILIY", "VULNERABILITY")
}

// running returns those of the named events that a state machine runs: only they take time and can fail. The error
// names the setting and the first name that stands for none of them.
func running(setting string, names []lifecycle.Event) ([]lifecycle.Event, error) {
	var all []lifecycle.Event
	for _, name := range names {
		events, _ := EventsNamed(string(name))
		events = slices.DeleteFunc(events, func(e lifecycle.Event) bool { return !engine.Runs(e) })
		if len(events) == 0 {
			return nil, fmt.Errorf("invalid value %q for %s: must be %s", string(name), setting, phrase.Or(documentedNames()))
		}
		all = append(all, events...)
	}
	return all, nil
}

// documentedNames returns the documented names of the events that a state machine runs.
func documentedNames() []string {
	var names []string
	for _, event := range append(lifecycle.Creation.Order(), lifecycle.Patching.Order()...) {
		if engine.Runs(event) && !slices.Contains(names, event.String()) {
			names = append(names, event.String())
		}
	}
	return names
}
