package pipeline

import (
	"strings"

	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/redact"
)

// environment maps the names of the environment variables to their values.
type environment map[string]string

func newEnvironment(environ []string) environment {
	env := make(environment, len(environ))
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			env[name] = value
		}
	}
	return env
}

func (e environment) get(name string) string { return e[name] }

// oneLine replaces line breaks and tabs in the text by spaces.
func oneLine(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(text))
}

// acceptable replaces the characters in the value of a property that the orchestrator fails on: quotes, backslashes and
// control characters (docs/wire-contract.md, "Refused, and done all the same"). The name of a workflow, for example, can
// contain any of them.
func acceptable(value string) string {
	value = oneLine(redact.ControlCharacters(value))
	return strings.NewReplacer(`"`, "'", `\`, "/").Replace(value)
}

var versionTag = pattern.Lazy(`^v?(\d+\.\d+(?:\.\d+)*(?:[-+][0-9A-Za-z.+-]+)?)$`)

// versionOf returns the version in the name of a tag, or "" if the tag is not a version.
func versionOf(tag string) string {
	if groups := versionTag().FindStringSubmatch(tag); groups != nil {
		return groups[1]
	}
	return ""
}

var notInKey = pattern.Lazy(`[^A-Za-z0-9_]+`)

func keyOf(text string) string { return notInKey().ReplaceAllString(text, "_") }
