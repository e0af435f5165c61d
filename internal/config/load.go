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
	"github.com/org/ami-action/internal/spelling"
	"github.com/org/ami-action/internal/unseen"
)

// Load reads the settings from the command line's arguments (without the program's name) and the
// environment (in the form of os.Environ). The order of precedence is: flag, variable of an input, AMI_ variable, what the
// pipeline implies, default. A variable that is empty or blank counts as not set, because GitHub and GitLab pass an input
// without a value in that way.
//
// The error is a *HelpRequest, ErrUsage, ErrVersion, or a *Problems with every problem of the configuration. Load reads
// only its arguments and, for a patch, the state of the component's file.
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

// given is where the value of a setting comes from.
type given struct {
	source source
	// called is the name of the setting in that source.
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

// called returns the name of the setting as the user wrote it, or, if the setting was not given, as the user of the
// platform writes it.
func (r *reading) called(name Name) string {
	if called := r.given[name].called; called != "" {
		return called
	}
	return name.On(r.platform)
}

// explicitly reports whether the user gave the setting to this command, as a flag or an input. A variable does not count,
// because it is often set for many jobs at once.
func (r *reading) explicitly(name Name) bool { return r.given[name].source >= fromInput }

func (r *reading) faulty(name Name, format string, arguments ...any) {
	r.problems.add(Problem{Setting: name, Message: r.called(name) + " " + fmt.Sprintf(format, arguments...)})
}

// invalid reports an invalid value and what is allowed. It does not show the value of a sensitive setting.
func (r *reading) invalid(name Name, value, must string) {
	if declaration(name).Sensitive {
		r.faulty(name, "%s", must)
		return
	}
	r.problems.add(Problem{Setting: name, Message: fmt.Sprintf("invalid value %s for %s: %s",
		quoted(value, shownOfValue), r.called(name), must)})
}

// fewOptions is the number of options up to which the message that lists them needs no hint.
const fewOptions = 3

// invalidOption returns the problem of a text that is not an option of the setting. called is the user's name of the
// setting. The hint names the option that was most likely meant.
func invalidOption(setting *Setting, called, text string) Problem {
	problem := Problem{Setting: setting.Name, Message: fmt.Sprintf("invalid value %s for %s: must be %s",
		quoted(text, shownOfValue), called, phrase.Or(setting.Options))}
	if meant := optionsMeantBy(text, setting.Options); len(meant) > 0 && len(setting.Options) > fewOptions {
		problem.Hint = "did you mean " + phrase.Or(meant) + "?"
	}
	return problem
}

// optionsMeantBy returns the options that were most likely meant: the nearest one, and the few that have the text as their
// first words.
func optionsMeantBy(text string, options []string) []string {
	meant := slices.DeleteFunc(slices.Clone(options), func(option string) bool {
		return !strings.HasPrefix(option, strings.ToUpper(text)+"_")
	})
	nearest := spelling.Nearest(text, options, spelling.Half)
	if len(meant) >= fewOptions {
		meant = nil
	}
	if nearest != "" && !slices.Contains(meant, nearest) {
		meant = append(meant, nearest)
	}
	return meant
}

func (r *reading) warn(name Name, hint, format string, arguments ...any) {
	r.warnings = append(r.warnings, Problem{Setting: name, Message: fmt.Sprintf(format, arguments...), Hint: hint})
}

// settings merges the sources into one environment, which the env library converts to Settings.
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

// value returns the text of a setting and records where it comes from. The entries of a list are joined by a NUL,
// which no entry contains.
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
		// An empty flag is most often an unset shell variable. To fall back to another source could use a
		// different lifecycle than the intended one.
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
		delete(r.given, name) // a list without entries, such as [] or a single comma, counts as not given
	}
	return setting.Default
}

// isDefaultOfComponent reports whether an input only has the default of the GitLab component. A boolean input of a
// component cannot be empty, so at its default it must not override the variable that a project sets for all jobs. This
// matters most for AMI_DRY_RUN.
func (r *reading) isDefaultOfComponent(setting *Setting, text string) bool {
	return r.platform == GitLabComponent && setting.Kind == Boolean && strings.TrimSpace(text) == setting.Default
}

// accepted returns the values in the form that the env library converts. If there are none, or if they are invalid, it
// returns "". It reports invalid values.
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
	if why, ok := standIns[text]; ok && !setting.FreeText && r.given[setting.Name].source > fromPipeline {
		r.problems.add(Problem{
			Setting: setting.Name, Message: fmt.Sprintf("%s is %s, which stands for a %s value", r.called(setting.Name), quoted(text, shownOfValue), why),
			Hint: "check the output, the expression or the log that it comes from",
		})
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

// checkExpanded refuses a value that contains a variable that was not expanded. In free text it is only a warning.
// Properties are checked later, by key and value.
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

// list splits the entries further as the setting requires, and returns them joined by a NUL, or "" if there are none.
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

// parsers tells the env library how to parse types other than text, number and duration. The library adds its own parsers
// to the map that it gets, so it gets a clone.
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
