package pipeline

import (
	"strings"

	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/redact"
)

// environment is the process environment by name.
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

// oneLine joins the lines of a text.
func oneLine(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(text))
}

// acceptable returns a property's value as the orchestrator can take it: quotes, backslashes and control
// characters break it (docs/wire-contract.md, "Refused, and done all the same"), and a workflow's name may
// hold any of them.
func acceptable(value string) string {
	value = oneLine(redact.ControlCharacters(value))
	return strings.NewReplacer(`"`, "'", `\`, "/").Replace(value)
}

var versionTag = pattern.Lazy(`^v?(\d+\.\d+(?:\.\d+)*(?:[-+][0-9A-Za-z.+-]+)?)$`)

// versionOf returns the version that a tag names, or "" of a tag that names none.
func versionOf(tag string) string {
	if groups := versionTag().FindStringSubmatch(tag); groups != nil {
		return groups[1]
	}
	return ""
}

var notInKey = pattern.Lazy(`[^A-Za-z0-9_]+`)

func keyOf(text string) string { return notInKey().ReplaceAllString(text, "_") }
