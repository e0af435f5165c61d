package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/listing"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/rules"
)

// fetch requests all lifecycles from the orchestrator. If the request fails, the user can try again.
func (s *session) fetch(ctx context.Context, title string) ([]*lifecycle.Document, error) {
	for {
		documents, err := load(ctx, s, title, "Loading lifecycles…", func(ctx context.Context) ([]*lifecycle.Document, error) {
			if err := s.Action.Deployment.Prefetch(ctx, orchestrator.KeysFor(lifecycle.GetStatuses), false); err != nil {
				return nil, err
			}
			return s.Action.Orchestrator.Statuses(ctx)
		})
		if err == nil || isWayOut(ctx, err) {
			return documents, err
		}
		if err := s.askAgain(ctx, title, err); err != nil {
			return nil, err
		}
	}
}

// isWayOut reports whether an error is not a failure: the user went back or quit, or a signal ended the session.
func isWayOut(ctx context.Context, err error) bool {
	return errors.Is(err, errBack) || errors.Is(err, errQuitKey) || ctx.Err() != nil
}

// askAgain shows why something failed. It returns nil if the user wants to try again.
func (s *session) askAgain(ctx context.Context, title string, err error) error {
	_, err = s.choose(ctx, question{
		title: title, body: fixed(s.explain(err)),
		entries: fixed([]entry{{text: "Try again"}, previous()}),
	})
	return err
}

// pick lets the user select a lifecycle for an operation. The lifecycles that the rules allow come first, most recently
// changed first; the others follow, with the reason why they cannot be selected.
func (s *session) pick(ctx context.Context, title string, operation lifecycle.Operation) (*lifecycle.Document, error) {
	documents, err := s.fetch(ctx, title)
	if err != nil {
		return nil, err
	}
	entries := s.entriesFor(documents, operation)
	body := "Which lifecycle?"
	if len(documents) == 0 {
		body = "There are no lifecycles yet. Create an AMI first."
	} else if !slices.ContainsFunc(entries, func(e entry) bool { return e.refusal == "" }) {
		body = "No lifecycle is ready for this operation."
	}
	if !listing.IsComplete(documents) {
		body += "\n" + report.ListIsCut + " In BATCH mode, you can use any lifecycle by its ID."
	}
	value, err := s.choose(ctx, question{
		title: title, body: fixed(body), entries: fixed(append(entries, previous())), search: true,
	})
	if err != nil {
		return nil, err
	}
	return value.(*lifecycle.Document), nil
}

func (s *session) entriesFor(documents []*lifecycle.Document, operation lifecycle.Operation) []entry {
	now := time.Now()
	overviews := make([]lifecycle.Overview, len(documents))
	for i, document := range documents {
		overviews[i] = document.Overview(now, s.Action.Limits.Stall)
	}
	lines := report.Lines(overviews, now, s.Action.Redactor)
	var widths [3]int
	for _, line := range lines {
		for i, text := range columnsOf(line) {
			widths[i] = max(widths[i], ansi.StringWidth(text))
		}
	}
	var entries []entry
	for _, line := range lines {
		var b strings.Builder
		for i, text := range columnsOf(line) {
			b.WriteString(text + strings.Repeat(" ", widths[i]-ansi.StringWidth(text)) + "  ")
		}
		entries = append(entries, entry{
			text:    b.String() + ansi.Truncate(oneLine(line.ID), 8, ""),
			detail:  oneLine(line.Latest + ", " + line.Changed),
			refusal: refusalText(documents[line.Index], operation), value: documents[line.Index],
		})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(len(a.refusal), 0) - cmp.Compare(len(b.refusal), 0) })
	return entries
}

func columnsOf(line report.Line) [3]string {
	return [3]string{oneLine(cmp.Or(line.Product, "-")), oneLine(cmp.Or(line.Version, "-")), oneLine(cmp.Or(line.StackTag, "-"))}
}

// refusalText returns why the rules do not allow an operation on the lifecycle, or "".
func refusalText(document *lifecycle.Document, operation lifecycle.Operation) string {
	var refusal *outcome.Error
	switch operation {
	case lifecycle.CreateUpdate, lifecycle.PatchUpdate:
		choices := rules.Choices(document, operation)
		if slices.ContainsFunc(choices, func(c rules.Choice) bool { return c.Refusal == nil }) {
			return ""
		}
		open := slices.DeleteFunc(choices, func(c rules.Choice) bool { return document.HasCompleted(c.Event) })
		if len(open) == 0 {
			return "all of its events have completed"
		}
		refusal = open[0].Refusal
	default:
		refusal = rules.Refusal(document, operation, nil)
	}
	return reasonOf(refusal)
}

func reasonOf(refusal *outcome.Error) string {
	switch {
	case refusal == nil:
		return ""
	case refusal.Hint == "":
		return oneLine(refusal.Reason)
	}
	return oneLine(fmt.Sprintf("%s; %s", refusal.Reason, refusal.Hint))
}
