package ui

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/listing"
	"github.com/org/ami-action/internal/report"
)

// carryOutShown runs an operation that only reads, and shows a loading page meanwhile. If the operation fails, the user
// can try again.
func (s *session) carryOutShown(ctx context.Context, title string, f *form) (*job, error) {
	for {
		settings, err := s.settings(f)
		if err == nil {
			j := &job{title: title, settings: settings, begun: time.Now()}
			if _, err = load(ctx, s, title, "Loading…", func(ctx context.Context) (struct{}, error) {
				s.carryOut(ctx, j)
				return struct{}{}, j.err
			}); err == nil {
				return j, nil
			}
		}
		if isWayOut(ctx, err) {
			return nil, err
		}
		if err := s.askAgain(ctx, title, err); err != nil {
			return nil, err
		}
	}
}

// showStatus shows the current status of a lifecycle and the operations that its rules allow next.
func (s *session) showStatus(ctx context.Context, title string, document *lifecycle.Document) error {
	j, err := s.carryOutShown(ctx, title, s.formAbout(title, lifecycle.GetStatus, document))
	if err != nil {
		return err
	}
	if newest, _, _ := j.state(); newest != nil {
		document = newest
	}
	var entries []entry
	if document.Running.IsRunning() {
		entries = append(entries, s.goOn(document))
	}
	entries = append(append(entries, s.nextSteps(document)...), previous())
	return s.menu(ctx, question{title: title, body: fixed(j.result()), entries: fixed(entries)})
}

// showStatuses lists all lifecycles. Each entry opens the status of its lifecycle.
func (s *session) showStatuses(ctx context.Context) error {
	const title = "Get Statuses Url"
	documents, err := s.fetch(ctx, title)
	if err != nil {
		return err
	}
	body := "All lifecycles, most recently changed first."
	if len(documents) == 0 {
		body = "There are no lifecycles yet."
	}
	if !listing.IsComplete(documents) {
		body += "\n" + report.ListIsCut
	}
	entries := s.entriesFor(documents, lifecycle.GetStatus)
	for i := range entries {
		document := entries[i].value.(*lifecycle.Document)
		entries[i].value = page(func(ctx context.Context) error { return s.showStatus(ctx, title, document) })
	}
	return s.menu(ctx, question{title: title, body: fixed(body), entries: fixed(append(entries, previous())), search: true})
}

// saveTimeline saves the timeline page and offers to open it.
func (s *session) saveTimeline(ctx context.Context, title string, operation lifecycle.Operation, document *lifecycle.Document) error {
	f := s.formAbout(title, operation, document)
	delete(f.values, config.StackTag)
	j, err := s.carryOutShown(ctx, title, f)
	if err != nil {
		return err
	}
	path := strings.TrimSpace(j.result())
	return s.menu(ctx, question{
		title: title, body: fixed("The timeline was saved to:\n\n  " + path),
		entries: fixed([]entry{
			{text: "Open in browser", value: page(func(ctx context.Context) error {
				if err := openPage(ctx, path); err != nil {
					s.notify("The page could not be opened: " + oneLine(err.Error()))
				}
				return nil
			})},
			previous(),
		}),
	})
}

// openPage opens a file in the default browser of the desktop.
func openPage(ctx context.Context, path string) error {
	command := []string{"xdg-open", path}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open", path}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", path}
	}
	opening := exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...) //nolint:gosec // the file that was just written, with the desktop's own program
	if err := opening.Start(); err != nil {
		return err
	}
	go func() { _ = opening.Wait() }()
	return nil
}
