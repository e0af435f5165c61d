package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

// send shows the request for review, sends it, and watches its events. It is the last step of every form.
func (s *session) send(ctx context.Context, f *form) error {
	for {
		err := s.previewAndSend(ctx, f)
		if err == nil || isWayOut(ctx, err) {
			return err
		}
		if err := s.askAgain(ctx, f.title, err); err != nil {
			return err
		}
	}
}

func (s *session) previewAndSend(ctx context.Context, f *form) error {
	settings, err := s.settings(f)
	if err != nil {
		return err
	}
	request, err := s.dryRun(ctx, f)
	if err != nil {
		return err
	}
	line := s.Action.Redactor.Text(config.ShellLine(s.arguments(f)))
	lines := s.Action.Redactor.Text(config.ShellLines(s.arguments(f)))
	for {
		chosen, err := s.choose(ctx, question{
			title: f.title + " › Review and send",
			body:  fixed(s.inWords(f, settings) + "\nEquivalent BATCH command:\n\n" + still(lines) + "\n\nRequest:\n\n" + request),
			entries: fixed([]entry{
				{text: "Send", value: "send"},
				{text: "Copy the BATCH command", value: "copy"},
				previous(),
			}),
		})
		switch {
		case err != nil:
			return err
		case chosen == "copy":
			s.copyLine(line)
			continue
		}
		for _, name := range kept {
			s.memory.keep(name, strings.Join(f.values[name], " "))
		}
		s.memory.save()
		j := &job{title: s.titleOf(f), settings: settings, line: line, begun: time.Now()}
		s.start(j)
		if err := s.watch(ctx, j); !errors.Is(err, errBack) || ctx.Err() != nil {
			return err
		}
		return nil // going back after sending leaves the form, so that nothing is sent twice
	}
}

func (s *session) copyLine(line string) {
	if s.copy(line) {
		s.notify("Copied to the clipboard, if your terminal supports it (OSC 52).")
		return
	}
	s.notify("This terminal has no clipboard. Copy the command from the screen.")
}

// dryRun runs the operation with --dryRun: everything is checked, including the state at the orchestrator, and nothing
// is sent. It returns the text of the request.
func (s *session) dryRun(ctx context.Context, f *form) (string, error) {
	settings, err := s.settings(f)
	if err != nil {
		return "", err
	}
	settings.DryRun = true
	j := &job{title: f.title, settings: settings, begun: time.Now()}
	return load(ctx, s, f.title+" › Review and send", "Checking the request. Nothing has been sent yet…", func(ctx context.Context) (string, error) {
		s.carryOut(ctx, j)
		return j.result(), j.err
	})
}

// inWords describes the operation of the form in words, with any warnings about its settings.
func (s *session) inWords(f *form, settings *config.Settings) string {
	var b strings.Builder
	about := "a new lifecycle"
	if f.document != nil {
		about = "lifecycle " + oneLine(f.document.ID) + nameOf(f.document)
	} else {
		about += fmt.Sprintf(" for %s %s, stack tag %s", oneLine(settings.ProductName), oneLine(settings.ProductVer), oneLine(settings.StackTag))
	}
	b.WriteString(f.operation.Summary() + ": " + about + ".\n")
	if f.operation.TakesEvents() {
		events, _ := lifecycle.EventsOf(f.operation, settings.Events)
		var titles []string
		for _, event := range events {
			titles = append(titles, event.Title())
		}
		b.WriteString("Events, in order: " + strings.Join(titles, ", ") + ".\n")
		b.WriteString("Owner: " + oneLine(settings.Owner) + ". Notifications: " + oneLine(s.Action.Redactor.Text(channels(settings.Notifications))) + ".\n")
	}
	for _, verdict := range []string{settings.CertificationStatus, settings.ApprovalStatusAMICreation, settings.ApprovalStatusAMIPatch} {
		if verdict != "" {
			b.WriteString("Verdict: " + verdict + ".\n")
		}
	}
	for _, problem := range settings.Warnings {
		b.WriteString("Note: " + oneLine(strings.TrimSuffix(problem.Message+"; "+problem.Hint, "; ")) + ".\n")
	}
	return b.String()
}

func nameOf(document *lifecycle.Document) string {
	name := oneLine(strings.TrimSpace(document.ProductName + " " + document.ProductVer))
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}

// titleOf returns a title that identifies the operation among the jobs: its menu, the product and the version.
func (s *session) titleOf(f *form) string {
	name := strings.Join(append(append([]string{}, f.values[config.ProductName]...), f.values[config.ProductVer]...), " ")
	if f.document != nil {
		name = f.document.ProductName + " " + f.document.ProductVer
	}
	name = oneLine(s.Action.Redactor.Value(name))
	return strings.TrimSuffix(f.title+": "+cut(name, 32), ": ")
}

// watch shows a job until the user goes back. The job continues then.
func (s *session) watch(ctx context.Context, j *job) error {
	return s.menu(ctx, question{
		title: j.title, body: func() string { return s.view(j) }, progress: j.progress,
		entries: func() []entry { return s.afterwards(j) },
	})
}

// afterwards returns the entries below the view of a job. After the job has ended, they include the operations that the
// rules allow next.
func (s *session) afterwards(j *job) []entry {
	document, ended, err := j.state()
	var entries []entry
	if ended && document != nil {
		if failure := outcome.Of(err); failure != nil && failure.Resume != "" {
			entries = append(entries, s.watchEntry(document))
		}
		entries = append(entries, s.nextSteps(document)...)
	}
	if document != nil {
		entries = append(entries, entry{text: "Show full status", value: page(func(ctx context.Context) error {
			return s.showStatus(ctx, j.title, document)
		})})
	}
	text := "Back (the operation continues)"
	if ended {
		text = "Previous Menu"
	}
	return append(entries, entry{text: text, value: wayBack{}})
}

// nextSteps returns an entry for each operation that the rules allow on a lifecycle.
func (s *session) nextSteps(document *lifecycle.Document) []entry {
	var entries []entry
	add := func(operation lifecycle.Operation, title string, next func(ctx context.Context) error) {
		if refusalText(document, operation) == "" {
			entries = append(entries, entry{text: title, value: page(next)})
		}
	}
	add(lifecycle.CreateUpdate, titleUpdate, func(ctx context.Context) error {
		return s.update(ctx, titleUpdate, lifecycle.CreateUpdate, document)
	})
	add(lifecycle.PatchUpdate, titleContinue, func(ctx context.Context) error {
		return s.update(ctx, titleContinue, lifecycle.PatchUpdate, document)
	})
	for _, verdict := range []struct {
		operation lifecycle.Operation
		title     string
	}{
		{lifecycle.QACertification, "Simulate QA Certification Response"},
		{lifecycle.ApprovalCreate, "Simulate AMI Approval AMI Creation"},
		{lifecycle.ApprovalPatch, "Simulate AMI Approval AMI Patch"},
	} {
		add(verdict.operation, verdict.title, func(ctx context.Context) error {
			return s.recordVerdict(ctx, verdict.title, verdict.operation, document)
		})
	}
	add(lifecycle.Patch, titlePatch, func(ctx context.Context) error { return s.patch(ctx, document) })
	return entries
}

// watchEntry returns the entry that watches the event in progress of a lifecycle, even if another job started it.
func (s *session) watchEntry(document *lifecycle.Document) entry {
	return entry{text: "Watch the event in progress", value: page(func(ctx context.Context) error {
		f := s.formAbout("Watch", lifecycle.Wait, document)
		settings, err := s.settings(f)
		if err != nil {
			return s.show(ctx, f.title, s.explain(err))
		}
		j := &job{title: s.titleOf(f), settings: settings, line: config.ShellLine(s.arguments(f)), begun: time.Now()}
		s.start(j)
		return s.watch(ctx, j)
	})}
}
