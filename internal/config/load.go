package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v10"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/unseen"
)

// Load reads the settings from the command line's arguments (without the program's name) and the
// environment (as os.Environ gives it). A flag takes precedence over the variable of an input, that over the AMI_
// variable, that over what the pipeline implies, and that over the default. A variable that is empty or
// blank counts as not set: it is how GitHub and GitLab write an input that nobody gave.
//
// The error is a *HelpRequest, ErrUsage, ErrVersion, or a *Problems with every fault of the configuration. It reads
// nothing but its arguments and, for a patch, the state of the component's file.
func Load(args, environ []string, implied Implied, platform Platform) (*Settings, error) {
	problems := &Problems{}
	flags, err := readFlags(args, problems)
	if err != nil {
		return nil, err
	}
	reading := &reading{
		flags: flags, environment: env.ToMap(environ), implied: implied, platform: platform,
		problems: problems, given: map[Name]given{},
	}
	settings := reading.settings()
	if len(args) == 0 && platform == CommandLine && settings.Operation == "" && !problems.about(Operation) {
		return nil, ErrUsage
	}
	reading.check(settings)
	if len(problems.All) > 0 {
		problems.inOrder()
		problems.Summary = settings.Summary
		return nil, problems
	}
	settings.Warnings = reading.warnings
	return settings, nil
}

// reading is the state of one Load.
type reading struct {
	flags       map[Name][]string
	environment map[string]string
	implied     Implied
	platform    Platform
	problems    *Problems
	warnings    []Problem
	given       map[Name]given
	operation   lifecycle.Operation
}

// given is where a setting's value comes from.
type given struct {
	source source
	// called is what its user calls the setting there.
	called string
	// text is the value as the user wrote it.
	text string
}

type source int

const (
	fromDefault source = iota
	fromPipeline
	fromVariable
	fromInput
	fromFlag
)

// called names the setting as the user wrote it, or, where nobody gave it, as the user would.
func (r *reading) called(name Name) string {
	if called := r.given[name].called; called != "" {
		return called
	}
	return name.On(r.platform)
}

// explicitly reports whether the user gave the setting to this very command. A variable does not count:
// it is often set for many jobs at once.
func (r *reading) explicitly(name Name) bool { return r.given[name].source >= fromInput }

func (r *reading) faulty(name Name, format string, arguments ...any) {
	r.problems.add(Problem{Setting: name, Message: r.called(name) + " " + fmt.Sprintf(format, arguments...)})
}

// invalid reports a value and how it must be. A sensitive one is not shown.
func (r *reading) invalid(name Name, value, must string) {
	if declaration(name).Sensitive {
		r.faulty(name, "%s", must)
		return
	}
	r.problems.add(Problem{Setting: name, Message: fmt.Sprintf("invalid value %s for %s: %s",
		quoted(value, shownOfValue), r.called(name), must)})
}

// fewOptions are so few that a message which lists them needs no hint.
const fewOptions = 3

// invalidOption is the problem of a text that is no option of the setting, which the user calls so. It names the option
// that was most likely meant.
func invalidOption(setting *Setting, called, text string) Problem {
	problem := Problem{Setting: setting.Name, Message: fmt.Sprintf("invalid value %s for %s: must be %s",
		quoted(text, shownOfValue), called, phrase.Or(setting.Options))}
	if meant := nearest(text, setting.Options); meant != "" && len(setting.Options) > fewOptions {
		problem.Hint = "did you mean " + meant + "?"
	}
	return problem
}

func (r *reading) warn(name Name, hint, format string, arguments ...any) {
	r.warnings = append(r.warnings, Problem{Setting: name, Message: fmt.Sprintf(format, arguments...), Hint: hint})
}

// settings merges the sources into one environment, which the env library converts.
func (r *reading) settings() *Settings {
	merged := map[string]string{}
	for i := range declared {
		if text := r.value(&declared[i]); text != "" {
			merged[declared[i].Name.Variable()] = text
		}
	}
	settings := &Settings{Platform: r.platform, StackTagGiven: r.given[StackTag].source >= fromVariable}
	err := env.ParseWithOptions(settings, env.Options{Environment: merged, FuncMap: maps.Clone(parsers)})
	if parsing, ok := errors.AsType[env.AggregateError](err); ok {
		for _, one := range parsing.Errors {
			r.unreadable(one)
		}
	}
	return settings
}

// value finds the text of a setting and records where it comes from. The entries of a list are joined by a NUL,
// which none of them contains.
func (r *reading) value(setting *Setting) string {
	name := setting.Name
	if values, ok := r.flags[name]; ok {
		r.given[name] = given{source: fromFlag, called: name.Flag(), text: values[len(values)-1]}
		isBlank := slices.ContainsFunc(values, func(value string) bool { return strings.TrimSpace(value) == "" })
		if !isBlank {
			if setting.Repeats() {
				values = spread(values)
			}
			text := r.accepted(setting, values)
			if text == "" && !r.problems.about(name) {
				r.faulty(name, "is empty: give it a value or leave it out")
			}
			return text
		}
		// An empty flag is most often a shell's variable that is not set: to fall back on another
		// source could work on another lifecycle than the one that was meant.
		if r.operation == "" || slices.Contains(setting.UsedBy, r.operation) {
			r.faulty(name, "is empty: give it a value or leave it out")
			return ""
		}
		delete(r.given, name) // the operation does not use it
	}
	for _, candidate := range []given{
		{fromInput, "input " + name.Input(), r.environment[name.inputVariable()]},
		{fromVariable, name.Variable(), r.environment[name.Variable()]},
		{fromPipeline, name.On(r.platform) + " (from the pipeline)", r.implied.of(name)},
	} {
		if candidate.source == fromVariable && setting.NoVariable {
			continue
		}
		if strings.TrimSpace(candidate.text) == "" || candidate.source == fromInput && r.isDefaultOfComponent(setting, candidate.text) {
			continue
		}
		r.given[name] = candidate
		values := []string{candidate.text}
		if setting.Repeats() {
			entries, err := entriesOf(candidate.text)
			if err != nil {
				r.faulty(name, "%v", err)
				return ""
			}
			values = entries
		}
		if text := r.accepted(setting, values); text != "" || r.problems.about(name) {
			return text
		}
		delete(r.given, name) // a list without entries, such as [] or a lone comma, gives nothing
	}
	return setting.Default
}

// isDefaultOfComponent reports whether an input says no more than its default. A boolean of a GitLab component cannot
// be left empty: one that stands at its default must not hide the variable that a project sets for all jobs,
// AMI_DRY_RUN least of all.
func (r *reading) isDefaultOfComponent(setting *Setting, text string) bool {
	return r.platform == GitLabComponent && setting.Kind == Boolean && strings.TrimSpace(text) == setting.Default
}

// accepted returns the values in the form that the env library converts, or "" if there are none or they have faults,
// which it reports.
func (r *reading) accepted(setting *Setting, values []string) string {
	for _, value := range values {
		if !r.checkEncoding(setting.Name, value) || !r.checkExpanded(setting, value) {
			return ""
		}
	}
	if setting.Repeats() {
		return r.list(setting.Name, values)
	}
	text := unseen.Trim(values[len(values)-1])
	switch {
	case setting.isStrict():
		text = unquoted(text)
	case isQuoted(text) && !setting.FreeText && r.given[setting.Name].source > fromPipeline:
		r.faulty(setting.Name, "must not have quotes around it: %s", r.shown(setting.Name, text))
		return ""
	}
	if len(setting.Options) == 0 {
		return text
	}
	option, ok := setting.option(text)
	if !ok {
		r.problems.add(invalidOption(setting, r.called(setting.Name), text))
	}
	if setting.Name == Operation {
		r.operation = lifecycle.Operation(option)
	}
	return option
}

// checkExpanded refuses a value in which a variable stands for itself. Properties are checked by key and value, later.
func (r *reading) checkExpanded(setting *Setting, value string) bool {
	if r.given[setting.Name].source == fromPipeline || setting.Name == Properties {
		return true
	}
	part, found := unexpanded(value)
	if strings.HasPrefix(strings.TrimSpace(value), "~/") && setting.MaxBytes == maxPath {
		part, found = "~/", true
	}
	switch {
	case !found:
		return true
	case setting.FreeText:
		r.warn(setting.Name, r.howToWrite(setting.Name, part), "%s contains %s, which is not expanded",
			r.called(setting.Name), quoted(part, shownOfValue))
		return true
	}
	r.notExpanded(setting.Name, part)
	return false
}

// list returns the entries joined by a NUL, or "" if there are none.
func (r *reading) list(name Name, entries []string) string {
	entries = trimmed(entries)
	switch name {
	case Events, SandboxFail, CheckFor:
		entries = splitWords(entries)
	case Notifications:
		entries = notificationEntries(entries)
	}
	return strings.Join(entries, entrySeparator)
}

const entrySeparator = "\x00"

// parsers tell the env library how to read types other than text, number and duration. It adds its own to the map that it is given.
var parsers = map[reflect.Type]env.ParserFunc{
	reflect.TypeFor[[]string]():                 parser(func(entries []string) ([]string, error) { return entries, nil }),
	reflect.TypeFor[[]lifecycle.Notification](): parser(notificationsOf),
	reflect.TypeFor[map[string]string]():        parser(propertiesOf),
	reflect.TypeFor[SandboxFailures]():          parser(sandboxFailuresOf),
	reflect.TypeFor[AgeLimit]():                 ageOf,

	reflect.TypeFor[[]lifecycle.Operation](): parser(checkedOperationsOf),
}

func parser[T any](parse func(entries []string) (T, error)) env.ParserFunc {
	return func(text string) (any, error) { return parse(strings.Split(text, entrySeparator)) }
}

// unreadable reports a value that the env library could not convert.
func (r *reading) unreadable(err error) {
	parsing, ok := errors.AsType[env.ParseError](err)
	if !ok {
		r.problems.add(Problem{Message: "the settings cannot be read: " + quoted(err.Error(), shownOfValue)})
		return
	}
	field, _ := reflect.TypeFor[Settings]().FieldByName(parsing.Name)
	variable := field.Tag.Get("env")
	setting := &declared[slices.IndexFunc(declared, func(s Setting) bool { return s.Name.Variable() == variable })]
	if faults, ok := errors.AsType[entryFaults](parsing.Err); ok {
		for _, fault := range faults {
			r.problems.add(Problem{Setting: setting.Name, Message: r.called(setting.Name) + ": " + fault})
		}
		return
	}
	must := map[Kind]string{
		Boolean:  "must be true or false",
		Duration: "must be a length of time with its unit, such as 90s, 45m or 5h45m",
		Number:   "must be a number",
		Age:      "must be an age with its unit, such as 30d, 2w or 12h",
	}[setting.Kind]
	r.invalid(setting.Name, r.given[setting.Name].text, must)
}
