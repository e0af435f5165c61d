package config

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v10"

	"github.com/org/ami-action/internal/lifecycle"
)

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

// entrySeparator joins the entries of a list. No entry contains it.
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
