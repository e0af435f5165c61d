package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/unseen"
)

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
	if !r.checkStandIn(setting, text) {
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

// checkStandIn refuses a text that a tool writes in place of a value. A name that is really null is possible, so that one is
// only a warning.
func (r *reading) checkStandIn(setting *Setting, text string) bool {
	why, isStandIn := standIns[text]
	if !isStandIn || setting.FreeText || r.given[setting.Name].source <= fromPipeline {
		return true
	}
	const hint = "check the output, the expression or the log that it comes from"
	message := fmt.Sprintf("%s is %s, which stands for a %s value", r.called(setting.Name), quoted(text, shownOfValue), why)
	if text == "null" && !setting.isStrict() {
		r.warn(setting.Name, hint, "%s", message)
		return true
	}
	r.problems.add(Problem{Setting: setting.Name, Message: message, Hint: hint})
	return false
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
