package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caarlos0/env/v10"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/spelling"
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
