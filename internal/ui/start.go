package ui

import (
	"context"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/rules"
)

// This file has the menus that start events: which settings they ask for, and in which order.

func (s *session) createMenu(ctx context.Context) error {
	f := &form{title: titleCreate, operation: lifecycle.Create, values: config.Values{}}
	return s.fill(ctx, f,
		s.askEvents(eventEntries(lifecycle.Create)),
		s.askText(config.ProductName, "Product name"),
		s.askText(config.ProductVer, "Product version"),
		s.askText(config.StackTag, "Stack tag"),
		s.askText(config.Owner, "Owner"),
		s.askText(config.Notifications, "Notifications"),
		s.send,
	)
}

func (s *session) updateMenu(ctx context.Context) error {
	return s.pickAndUpdate(ctx, titleUpdate, lifecycle.CreateUpdate)
}

func (s *session) continueMenu(ctx context.Context) error {
	return s.pickAndUpdate(ctx, titleContinue, lifecycle.PatchUpdate)
}

func (s *session) pickAndUpdate(ctx context.Context, title string, operation lifecycle.Operation) error {
	document, err := s.pick(ctx, title, operation)
	if err != nil {
		return err
	}
	return s.update(ctx, title, operation, document)
}

// update asks for further events of a lifecycle.
func (s *session) update(ctx context.Context, title string, operation lifecycle.Operation, document *lifecycle.Document) error {
	var entries []entry
	for _, choice := range rules.Choices(document, operation) {
		entries = append(entries, entry{text: menuTexts[choice.Word], refusal: reasonOf(choice.Refusal), value: choice.Word})
	}
	return s.fill(ctx, s.formAbout(title, operation, document),
		s.askEvents(entries),
		s.askText(config.Owner, "Owner"),
		s.askText(config.Notifications, "Notifications"),
		s.send,
	)
}

func (s *session) patchMenu(ctx context.Context) error {
	document, err := s.pick(ctx, titlePatch, lifecycle.Patch)
	if err != nil {
		return err
	}
	return s.patch(ctx, document)
}

func (s *session) patch(ctx context.Context, document *lifecycle.Document) error {
	return s.fill(ctx, s.formAbout(titlePatch, lifecycle.Patch, document),
		s.askEvents(eventEntries(lifecycle.Patch)),
		s.askText(config.PatchComponent, "Component"),
		s.askText(config.PatchChangeDescription, "Description"),
		s.askOption(config.SemverBumpType, "Version", map[string]string{
			"MINOR": "for example, 1.0.0 to 1.1.0", "PATCH": "for example, 1.0.0 to 1.0.1",
		}),
		s.askText(config.Owner, "Owner"),
		s.askText(config.Notifications, "Notifications"),
		s.send,
	)
}

// recordVerdict asks for a certification or an approval, and sends it.
func (s *session) recordVerdict(ctx context.Context, title string, operation lifecycle.Operation, document *lifecycle.Document) error {
	name := map[lifecycle.Operation]config.Name{
		lifecycle.QACertification: config.CertificationStatus,
		lifecycle.ApprovalCreate:  config.ApprovalStatusAMICreation,
		lifecycle.ApprovalPatch:   config.ApprovalStatusAMIPatch,
	}[operation]
	return s.fill(ctx, s.formAbout(title, operation, document),
		s.askOption(name, "Verdict", map[string]string{
			"CERTIFIED": "final", "APPROVED": "final; creates a backup", "FAILED": "can be changed later",
		}),
		s.send,
	)
}

// formAbout returns a new form for a lifecycle. It uses the stack tag of the lifecycle, unless the command line or the
// environment sets one.
func (s *session) formAbout(title string, operation lifecycle.Operation, document *lifecycle.Document) *form {
	values := config.Values{config.LifecycleID: {document.ID}}
	if !s.Action.Settings.StackTagGiven && document.StackTag != "" {
		values[config.StackTag] = []string{document.StackTag}
	}
	return &form{title: title, operation: operation, document: document, values: values}
}
