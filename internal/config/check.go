package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/phrase"
)

// check adds every problem that the settings have for their operation.
func (r *reading) check(s *Settings) {
	r.checkTexts(s)
	r.checkTimes(s)
	r.checkSandbox(s)
	r.checkAWS(s)
	r.warnOfMisspelt()
	if s.Mode == ModeUI {
		return // the user chooses the operation and what it needs in the menus
	}
	if s.Operation == "" {
		r.checkOperationGiven()
		return
	}
	r.implyCommit(s)
	r.checkNeeded(s)
	r.checkNotWithoutEffect(s)
	r.checkEvents(s)
	r.checkGate(s)
	r.checkPatch(s)
	r.checkSelection(s)
	r.checkListing(s)
}

func (r *reading) checkOperationGiven() {
	if r.problems.about(Operation) || r.problems.about(Mode) {
		return
	}
	r.faulty(Operation, "is missing: must be %s", phrase.Or(declaration(Operation).Options))
}

// unknownCommit is recorded as the commit if the command runs outside of a checkout. A create without a commit leaves an
// unusable lifecycle behind (docs/wire-contract.md, "Refused, and done all the same"), and the documentation's examples
// give none.
const unknownCommit = "unknown"

func (r *reading) implyCommit(s *Settings) {
	if r.platform != CommandLine || s.CommitRef != "" || r.problems.about(CommitRef) ||
		!slices.Contains(declaration(CommitRef).RequiredBy, s.Operation) {
		return
	}
	s.CommitRef = unknownCommit
	r.given[CommitRef] = given{source: fromPipeline, called: CommitRef.Flag(), text: unknownCommit}
	r.warn(CommitRef, "run the command in the checkout, or give "+CommitRef.Flag(),
		"this is not a git checkout: %q is recorded as the commit that the AMI is made from", unknownCommit)
}

func (r *reading) checkNeeded(s *Settings) {
	for i := range declared {
		setting := &declared[i]
		if !slices.Contains(setting.RequiredBy, s.Operation) || r.problems.about(setting.Name) {
			continue
		}
		if r.given[setting.Name].source != fromDefault {
			continue
		}
		switch {
		case setting.Name == LifecycleID && s.DryRun && s.Operation == lifecycle.Patch:
			// The component can be checked before the lifecycle exists.
		case setting.Name == Events:
			r.faulty(Events, "is missing: %s needs one or more of %s", s.Operation, phrase.Or(s.Operation.Choices()))
		case len(setting.Options) > 0:
			r.faulty(setting.Name, "is missing: %s needs %s", s.Operation, phrase.Or(setting.Options))
		default:
			r.faulty(setting.Name, "is missing: %s needs %s (%s)", s.Operation, setting.Placeholder,
				firstSentence(setting.Description))
		}
	}
}

// checkNotWithoutEffect refuses settings that the user gave to this command and that its operation ignores, because the
// user expects them to have an effect. It clears ReportFile if the operation writes no report.
func (r *reading) checkNotWithoutEffect(s *Settings) {
	for i := range declared {
		setting := &declared[i]
		if setting.AcceptedEverywhere || slices.Contains(setting.UsedBy, s.Operation) || !r.explicitly(setting.Name) {
			continue
		}
		hint := phrase.Or(textsOf(setting.UsedBy))
		if setting.Name == LifecycleID && (s.Operation == lifecycle.GetStatuses || s.Operation == lifecycle.Select) {
			hint = string(lifecycle.GetStatus) + ", which shows one lifecycle"
		}
		r.faulty(setting.Name, "has no effect on %s; it is used by %s", s.Operation, hint)
	}
	if !slices.Contains(declaration(ReportFile).UsedBy, s.Operation) {
		s.ReportFile = "" // a variable may set it for all jobs of a pipeline
	}
	if s.Operation == lifecycle.Wait && !s.Wait && r.explicitly(Wait) {
		r.faulty(Wait, "is false, but waiting is all that %s does", s.Operation)
	}
}

func (r *reading) checkEvents(s *Settings) {
	s.Events = lifecycle.NormalizeChoices(s.Operation, s.Events)
	if len(s.Events) == 0 || r.problems.about(Events) || !slices.Contains(declaration(Events).UsedBy, s.Operation) {
		return
	}
	var err error
	if s.Operation == lifecycle.Wait {
		_, err = lifecycle.WaitedFor(s.Events, lifecycle.Creation)
	} else {
		_, err = lifecycle.EventsOf(s.Operation, s.Events)
	}
	if err != nil {
		r.problems.add(Problem{Setting: Events, Message: r.called(Events) + ": " + escaped(err.Error())})
		return
	}
	if only, others := lifecycle.Overridden(s.Operation, s.Events); len(others) > 0 {
		r.warn(Events, "leave out "+only+" to run them", "%s: %s overrides the other events: %s will not run",
			r.called(Events), only, strings.Join(others, ", "))
	}
}

// checkGate refuses a gate that can never fail the job, because the user relies on it. If a variable sets the gate, which
// is often for many jobs, checkGate clears it in jobs that do not wait for a scan.
func (r *reading) checkGate(s *Settings) {
	if s.FailOnSeverity == "" || r.problems.about(FailOnSeverity) || r.problems.about(Events) {
		return
	}
	switch given := r.explicitly(FailOnSeverity); {
	case !s.meetsScan() && given:
		r.faulty(FailOnSeverity, "has no effect without the event %s", lifecycle.ChoiceVulnerabilityScans)
	case !s.meetsScan():
		s.FailOnSeverity = ""
	case !s.Wait && given:
		r.faulty(FailOnSeverity, "has no effect with %s false: give it to the %s that waits for the scan",
			r.called(Wait), lifecycle.Wait)
	}
}

// meetsScan reports whether a vulnerability scan is among the events of the operation. For AMI_WAIT without events, it may
// be.
func (s *Settings) meetsScan() bool {
	switch {
	case s.Operation == lifecycle.Wait && len(s.Events) == 0:
		return true
	case s.Operation.TakesEvents():
		events, err := lifecycle.EventsOf(s.Operation, s.Events)
		return err == nil && slices.ContainsFunc(events, lifecycle.Event.IsScan)
	case s.Operation == lifecycle.Wait:
		events, err := lifecycle.WaitedFor(s.Events, lifecycle.Creation)
		return err == nil && slices.ContainsFunc(events, lifecycle.Event.IsScan)
	default:
		return false
	}
}

// maxWait is a week. No event takes longer than four hours, so a longer timeout must have the wrong unit.
const maxWait = 7 * 24 * time.Hour

func (r *reading) checkTimes(s *Settings) {
	if !r.problems.about(WaitTimeout) && (s.WaitTimeout < time.Second || s.WaitTimeout > maxWait) {
		r.invalid(WaitTimeout, r.given[WaitTimeout].text,
			fmt.Sprintf("must be from 1s to 168h; %s false does not wait at all", Wait.On(r.platform)))
	}
	if s.PollInterval != 0 && (s.PollInterval < time.Second || s.PollInterval > time.Hour) {
		r.invalid(PollInterval, r.given[PollInterval].text, "must be from 1s to 1h, or 0 to let it grow with the time waited")
	}
}
