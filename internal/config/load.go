package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v10"
)

// Load reads the settings from the command line's arguments (without the program's name) and the
// environment (as os.Environ gives it). A flag beats the variable of an input, which beats the AMI_
// variable, which beats what the pipeline implies, which beats the default. A variable that is empty or
// blank counts as not set: it is how GitHub and GitLab write an input that nobody gave.
//
// The error is ErrHelp, ErrVersion, or a *Problems with every fault of the configuration. It reads
// nothing but its arguments and, for a patch, the state of the component's file.
func Load(args, environ []string, implied Implied, face Face) (*Settings, error) {
	problems := &Problems{}
	flags, err := readFlags(args, problems)
	if err != nil {
		return nil, err
	}
	reading := &reading{
		flags: flags, environment: env.ToMap(environ), implied: implied, face: face,
		problems: problems, given: map[Name]given{},
	}
	settings := reading.settings()
	reading.check(settings)
	if len(problems.All) > 0 {
		problems.inOrder()
		return nil, problems
	}
	return settings, nil
}

// reading is the state of one Load.
type reading struct {
	flags       map[Name][]string
	environment map[string]string
	implied     Implied
	face        Face
	problems    *Problems
	given       map[Name]given
}

// given is where a setting's value comes from.
type given struct {
	source source
	// called is what its user calls the setting there.
	called string
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
	return name.On(r.face)
}

// explicitly reports whether the user gave the setting to this very command. A variable does not count:
// it is often set for many jobs at once.
func (r *reading) explicitly(name Name) bool { return r.given[name].source >= fromInput }

func (r *reading) faulty(name Name, format string, arguments ...any) {
	r.problems.add(name, r.called(name)+" "+fmt.Sprintf(format, arguments...))
}

// settings merges the sources into one environment and lets the env library convert it.
func (r *reading) settings() *Settings {
	merged := map[string]string{}
	for i := range declared {
		if text := r.value(&declared[i]); text != "" {
			merged[declared[i].Name.Variable()] = text
		}
	}
	settings := &Settings{Face: r.face, StackTagGiven: r.given[StackTag].source >= fromVariable}
	err := env.ParseWithOptions(settings, env.Options{Environment: merged, FuncMap: maps.Clone(listParsers)})
	if parsing, ok := errors.AsType[env.AggregateError](err); ok {
		for _, one := range parsing.Errors {
			r.unreadable(one, merged)
		}
	}
	return settings
}

// value finds the text of a setting and records where it comes from. The text of a list is a JSON array.
func (r *reading) value(setting *Setting) string {
	name := setting.Name
	if values, ok := r.flags[name]; ok {
		r.given[name] = given{fromFlag, name.Flag()}
		// An empty flag is most often a shell's variable that is not set: to fall back on another
		// source could work on another lifecycle than the one that was meant.
		if slices.ContainsFunc(values, func(value string) bool { return strings.TrimSpace(value) == "" }) {
			r.faulty(name, "is empty: give it a value or leave it out")
			return ""
		}
		for _, value := range values {
			if !r.checkEncoding(name, value) {
				return ""
			}
		}
		if !setting.Repeats() {
			return r.known(setting, values[len(values)-1])
		}
		text := r.list(setting, values)
		if text == "" {
			r.faulty(name, "is empty: give it a value or leave it out")
		}
		return text
	}
	for _, candidate := range []struct {
		given
		text string
	}{
		{given{fromInput, "input " + name.Input()}, r.environment[name.inputVariable()]},
		{given{fromVariable, name.Variable()}, r.environment[name.Variable()]},
		{given{fromPipeline, name.On(r.face) + ", taken from the pipeline,"}, r.implied.of(name)},
	} {
		if strings.TrimSpace(candidate.text) == "" || candidate.source == fromInput && r.isNoChoice(setting, candidate.text) {
			continue
		}
		r.given[name] = candidate.given
		if !r.checkEncoding(name, candidate.text) {
			return ""
		}
		if !setting.Repeats() {
			return r.known(setting, candidate.text)
		}
		entries, err := entriesOf(candidate.text)
		if err != nil {
			r.faulty(name, "%v", err)
			return ""
		}
		if text := r.list(setting, entries); text != "" {
			return text
		}
		delete(r.given, name) // a list without entries, such as [] or a lone comma, gives nothing
	}
	return setting.Default
}

// isNoChoice reports whether an input says no more than its default. A boolean of a GitLab component cannot be
// left empty: one that stands at its default must not hide the variable that a project sets for all jobs,
// AMI_DRY_RUN least of all.
func (r *reading) isNoChoice(setting *Setting, text string) bool {
	return r.face == GitLabComponent && setting.Kind == Boolean && strings.TrimSpace(text) == setting.Default
}

// known gives a word out of a fixed set its documented spelling.
func (r *reading) known(setting *Setting, text string) string {
	text = strings.TrimSpace(text)
	if len(setting.Options) == 0 {
		return text
	}
	option, ok := setting.option(text)
	if !ok {
		r.faulty(setting.Name, "is %s; it can be %s", quoted(text, shownOfValue), listed(setting.Options))
	}
	return option
}

// list reports what is wrong with the entries and returns them as a JSON array, or "" if there are none.
func (r *reading) list(setting *Setting, entries []string) string {
	entries = trimmed(entries)
	var faults []string
	switch setting.Name {
	case Events:
		entries = eventWords(entries)
	case Notifications:
		_, faults = notificationsOf(entries)
	case Properties:
		_, faults = propertiesOf(entries)
	default:
		panic("config: no list is named " + string(setting.Name))
	}
	for _, fault := range faults {
		r.faulty(setting.Name, "%s", fault)
	}
	text, err := json.Marshal(entries)
	if err != nil || len(entries) == 0 {
		return ""
	}
	return string(text)
}

// listParsers tell the env library how to read the lists. It adds its own to the map that it is given.
var listParsers = map[reflect.Type]env.ParserFunc{
	reflect.TypeFor[[]string](): func(text string) (any, error) { return entriesOf(text) },
	reflect.TypeFor[[]Notification](): func(text string) (any, error) {
		entries, err := entriesOf(text)
		notifications, _ := notificationsOf(entries)
		return notifications, err
	},
	reflect.TypeFor[map[string]string](): func(text string) (any, error) {
		entries, err := entriesOf(text)
		properties, _ := propertiesOf(entries)
		return properties, err
	},
}

// unreadable reports a value that the env library could not convert.
func (r *reading) unreadable(err error, merged map[string]string) {
	parsing, ok := errors.AsType[env.ParseError](err)
	if !ok {
		r.problems.add("", "the settings cannot be read: "+quoted(err.Error(), shownOfValue))
		return
	}
	field, _ := reflect.TypeFor[Settings]().FieldByName(parsing.Name)
	variable := field.Tag.Get("env")
	i := slices.IndexFunc(declared, func(s Setting) bool { return s.Name.Variable() == variable })
	allowed := "true or false"
	if declared[i].Kind == Duration {
		allowed = "a length of time with its units, such as 90s, 45m or 5h45m"
	}
	r.faulty(declared[i].Name, "is %s; it can be %s", quoted(merged[variable], shownOfValue), allowed)
}
