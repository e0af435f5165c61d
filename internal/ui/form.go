package ui

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/rules"
)

// form is an operation that the user is filling in.
type form struct {
	title     string
	operation lifecycle.Operation
	document  *lifecycle.Document // the lifecycle, nil for a create
	values    config.Values
}

// step is one question of a form. It sets values.
type step func(ctx context.Context, f *form) error

// fill asks one step after another. Going back asks the step before again; at the first step it leaves the form.
func (s *session) fill(ctx context.Context, f *form, steps ...step) error {
	for i := 0; i < len(steps); i++ {
		err := steps[i](ctx, f)
		switch {
		case errors.Is(err, errBack) && i > 0:
			i -= 2
		case err != nil:
			return err
		}
	}
	return nil
}

// all returns the values of the form and those given on the command line. The form takes precedence.
func (s *session) all(f *form) config.Values {
	values := config.Values{}
	for name, value := range s.given {
		values[name] = value
	}
	for name, value := range f.values {
		values[name] = value
	}
	return values
}

// arguments returns the BATCH command line that is equivalent to the form.
func (s *session) arguments(f *form) []string { return config.Arguments(f.operation, s.all(f)) }

// settings reads the command line of the form as BATCH mode would.
func (s *session) settings(f *form) (*config.Settings, error) {
	return config.Load(s.arguments(f), localOnly(s.Environ), s.Implied, config.CommandLine)
}

// problemWith returns what is wrong with one setting of the form, or "".
func (s *session) problemWith(f *form, name config.Name) string {
	_, err := s.settings(f)
	var problems *config.Problems
	if !errors.As(err, &problems) {
		return ""
	}
	var messages []string
	for _, problem := range problems.All {
		if problem.Setting == name {
			messages = append(messages, strings.TrimSuffix(problem.Message+"; "+problem.Hint, "; "))
		}
	}
	return still(strings.Join(messages, "\n"))
}

// offered returns the initial content of the field for a setting, the first of: the answer already given in this form,
// the value from the command line or the environment, the answer of an earlier session, the implied value.
func (s *session) offered(f *form, name config.Name) string {
	if values := f.values[name]; len(values) > 0 {
		return strings.Join(values, " ")
	}
	settings, implied := s.Action.Settings, ""
	current := map[config.Name]string{
		config.Owner: settings.Owner, config.StackTag: settings.StackTag,
		config.ProductName: settings.ProductName, config.ProductVer: settings.ProductVer,
		config.Notifications: channels(settings.Notifications), config.PatchComponent: settings.PatchComponent,
		config.PatchChangeDescription: settings.PatchChangeDescription, config.SemverBumpType: settings.SemverBumpType,
	}[name]
	if name == config.Owner {
		implied = s.Implied.Owner
	}
	if last := s.memory.answers[name]; last != "" && (current == "" || current == implied) {
		return oneLine(last)
	}
	return current
}

func channels(notifications []lifecycle.Notification) string {
	var texts []string
	for _, n := range notifications {
		texts = append(texts, n.Method+"::"+n.Target)
	}
	return strings.Join(texts, " ")
}

// valuesOf returns the values of a setting from the content of its field. The entries of a list are separated by
// spaces.
func valuesOf(name config.Name, text string) []string {
	switch text = strings.TrimSpace(text); {
	case text == "":
		return nil
	case config.Declaration(name).Kind == config.List:
		return strings.Fields(text)
	}
	return []string{text}
}

// askText returns the step that asks for a setting in a text field.
func (s *session) askText(name config.Name, title string) step {
	return func(ctx context.Context, f *form) error {
		declaration := config.Declaration(name)
		body := declaration.Description
		if name == config.Notifications {
			body += " Separate multiple entries with spaces."
		}
		q := question{
			title: f.title + " › " + title, body: fixed(body), isField: true, text: s.offered(f, name),
			check: func(text string) string {
				f.values[name] = valuesOf(name, text)
				if problem := s.problemWith(f, name); problem != "" {
					return problem
				}
				return s.faultsOf(name, text)
			},
		}
		if name == config.PatchComponent {
			q.advice = adviceOnComponent
		}
		before, hadBefore := f.values[name]
		_, err := s.ask(ctx, q)
		if err != nil && hadBefore {
			f.values[name] = before
		}
		return err
	}
}

// askOption returns the step that asks for a setting with a fixed list of values. meaning explains the values.
func (s *session) askOption(name config.Name, title string, meaning map[string]string) step {
	return func(ctx context.Context, f *form) error {
		declaration := config.Declaration(name)
		var entries []entry
		offered := s.offered(f, name)
		for _, option := range declaration.Options {
			e := entry{text: option, detail: meaning[option], value: option}
			if option == offered {
				entries = slices.Insert(entries, 0, e)
				continue
			}
			entries = append(entries, e)
		}
		value, err := s.choose(ctx, question{
			title: f.title + " › " + title, body: fixed(declaration.Description), entries: fixed(append(entries, previous())),
		})
		if err == nil {
			f.values[name] = []string{value.(string)}
		}
		return err
	}
}

// askEvents returns the step that asks for the events of the operation. Events that the lifecycle does not allow are
// shown with the reason.
func (s *session) askEvents(entries []entry) step {
	return func(ctx context.Context, f *form) error {
		problem := ""
		for {
			given, err := s.ask(ctx, question{
				title:   f.title,
				body:    fixed(strings.TrimSpace("Which events? You can select more than one.\n" + problem)),
				entries: fixed(append(slices.Clone(entries), previous())), several: true,
			})
			switch {
			case err != nil:
				return err
			case given.isPrevious():
				return errBack
			}
			var words []string
			for _, e := range given.chosen {
				words = append(words, e.value.(string))
			}
			f.values[config.Events] = words
			if problem = cmp.Or(s.problemWith(f, config.Events), refusalOfEvents(f)); problem == "" {
				return nil
			}
		}
	}
}

// refusalOfEvents returns why the lifecycle of the form does not allow the selected events, or "".
func refusalOfEvents(f *form) string {
	if f.document == nil {
		return ""
	}
	events, err := lifecycle.EventsOf(f.operation, f.values[config.Events])
	if err != nil || len(events) == 0 {
		return ""
	}
	return reasonOf(rules.Refusal(f.document, f.operation, events))
}

// adviceOnComponent returns the problems of the component file at path, each with its line and a caret below the fault.
func adviceOnComponent(path string) string {
	path = strings.TrimSpace(path)
	info, err := os.Stat(path)
	switch {
	case path == "":
		return "Enter the path to a YAML file."
	case err != nil:
		return "File not found."
	case !info.Mode().IsRegular():
		return "This is not a file."
	}
	if text := componentFaults(path); text != "" {
		return text
	}
	return "✓ No problems found in the component."
}

// componentFaults returns the faults and warnings of a component file, or "" if it has none.
func componentFaults(path string) string {
	_, warnings, err := component.Read(path)
	var faulty *component.Error
	switch {
	case errors.As(err, &faulty):
		warnings = faulty.Problems
	case err != nil:
		return still(err.Error())
	}
	var b strings.Builder
	for _, problem := range warnings {
		b.WriteString(problem.Text(path) + "\n")
	}
	return still(b.String())
}

// faultsOf returns the faults of the file that a setting names, or "". Only the patch component is such a file.
func (s *session) faultsOf(name config.Name, text string) string {
	if name != config.PatchComponent {
		return ""
	}
	path := strings.TrimSpace(text)
	if _, _, err := component.Read(path); err != nil {
		return componentFaults(path)
	}
	return ""
}
