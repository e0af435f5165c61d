package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
)

// The titles of the documented menus.
const (
	titleMain     = "AMI Lifecycle Orchestrator API"
	titleCreate   = "Create AMI"
	titleUpdate   = "Update a non-production AMI"
	titlePatch    = "Patch AMI"
	titleContinue = "Continue patch operation"
	titleUtils    = "API Utils"
)

// page is the target of a menu entry.
type page func(context.Context) error

// menu shows the entries of q and opens the page of each selected one, until the user goes back. After a page, it shows
// the menu again.
func (s *session) menu(ctx context.Context, q question) error {
	for {
		next, err := s.choose(ctx, q)
		if err != nil {
			return err
		}
		if err := next.(page)(ctx); err != nil && (!errors.Is(err, errBack) || ctx.Err() != nil) {
			return err
		}
	}
}

// errQuit reports that the user selected Quit.
var errQuit = errors.New("quit")

// mainMenu shows the main menu. It returns nil when the user selects Quit.
func (s *session) mainMenu(ctx context.Context) error {
	q := question{title: titleMain, body: s.overview, entries: func() []entry {
		entries := []entry{
			{text: "Create AMI", value: page(s.createMenu)},
			{text: "Update AMI", value: page(s.updateMenu)},
			{text: "Patch approved AMI", value: page(s.patchMenu)},
			{text: "Continue AMI Patching", value: page(s.continueMenu)},
			{text: "Utils", value: page(s.utilsMenu)},
		}
		entries = append(entries, entry{text: "Quit", value: page(func(context.Context) error { return errQuit })})
		for _, j := range slices.Backward(s.allJobs()) {
			entries = append(entries, entry{
				text: "Watch " + j.title, detail: j.statusLine(),
				value: page(func(ctx context.Context) error { return s.watch(ctx, j) }),
			})
		}
		return entries
	}}
	for {
		switch err := s.menu(ctx, q); {
		case errors.Is(err, errQuit):
			return nil
		case !errors.Is(err, errBack):
			return err
		}
		s.notify("This is the main menu. To quit, select Quit or press Ctrl-C.")
	}
}

// overview returns the text above the main menu, with the number of unfinished jobs of this session.
func (s *session) overview() string {
	text, underWay := "What do you want to do?", 0
	for _, j := range s.allJobs() {
		if _, ended, _ := j.state(); !ended {
			underWay++
		}
	}
	if underWay > 0 {
		text += fmt.Sprintf(" In progress: %d.", underWay)
	}
	return text
}

// menuTexts maps the events to their names in the documented menus.
var menuTexts = map[string]string{
	lifecycle.ChoiceBuildOnly:          "AMI Build only",
	lifecycle.ChoicePatchOnly:          "AMI Patch only",
	lifecycle.ChoiceSmokeTests:         "Smoke Tests",
	lifecycle.ChoiceVulnerabilityScans: "Vulnerability Scans",
	lifecycle.ChoiceQACertification:    "QA Certification",
}

// eventEntries returns the events of an operation that starts a new lifecycle or patch. All of them are allowed.
func eventEntries(operation lifecycle.Operation) []entry {
	var entries []entry
	for _, word := range operation.Choices() {
		e := entry{text: menuTexts[word], value: word}
		if word == lifecycle.ChoiceBuildOnly || word == lifecycle.ChoicePatchOnly {
			e.detail = "overrides all other events"
		}
		entries = append(entries, e)
	}
	return entries
}

// utilsMenu shows the documented menu API Utils. Its "Url" entries show the status or save the page, because a URL that
// contains a key is never shown.
func (s *session) utilsMenu(ctx context.Context) error {
	about := func(show func(context.Context, string, *lifecycle.Document) error, text string, operation lifecycle.Operation) entry {
		return entry{text: text, value: page(func(ctx context.Context) error {
			document, err := s.pick(ctx, text, operation)
			if err != nil {
				return err
			}
			return show(ctx, text, document)
		})}
	}
	verdict := func(text string, operation lifecycle.Operation) entry {
		return about(func(ctx context.Context, title string, document *lifecycle.Document) error {
			return s.recordVerdict(ctx, title, operation, document)
		}, text, operation)
	}
	timeline := func(text string, operation lifecycle.Operation) entry {
		return about(func(ctx context.Context, title string, document *lifecycle.Document) error {
			return s.saveTimeline(ctx, title, operation, document)
		}, text, operation)
	}
	return s.menu(ctx, question{title: titleUtils, entries: fixed([]entry{
		about(s.showStatus, "Get Status Url by LifecycleId", lifecycle.GetStatus),
		{text: "Get Statuses Url", value: page(s.showStatuses)},
		timeline("Get Timeline Url for AMI Creation", lifecycle.TimelineCreate),
		timeline("Get Timeline Url for AMI Patch", lifecycle.TimelinePatch),
		verdict("Simulate QA Certification Response", lifecycle.QACertification),
		verdict("Simulate AMI Approval AMI Creation", lifecycle.ApprovalCreate),
		verdict("Simulate AMI Approval AMI Patch", lifecycle.ApprovalPatch),
		previous(),
	})})
}
