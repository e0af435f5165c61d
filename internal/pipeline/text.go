package pipeline

import (
	"regexp"
	"strings"

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

// harmless returns a property's value as the orchestrator can take it: quotes, backslashes and control
// characters break it (docs/wire-contract.md, "Refused, and done all the same"), and a workflow's name may
// hold any of them.
func harmless(value string) string {
	value = oneLine(redact.ControlCharacters(value))
	return strings.NewReplacer(`"`, "'", `\`, "/").Replace(value)
}

var notInSlug = regexp.MustCompile(`[^0-9a-z]`)

// slug is the rule of GitLab's CI_COMMIT_REF_SLUG, used everywhere so that one branch has one stack tag:
// lower case, 63 bytes, everything but 0-9 and a-z a hyphen, none of them at the ends.
func slug(ref string) string {
	ref = notInSlug.ReplaceAllString(strings.ToLower(ref), "-")
	return strings.Trim(ref[:min(len(ref), 63)], "-")
}

var versionTag = regexp.MustCompile(`^v?(\d+\.\d+(?:\.\d+)*(?:[-+][0-9A-Za-z.+-]+)?)$`)

// versionOf returns the version that a tag names, or "" of a tag that names none.
func versionOf(tag string) string {
	if groups := versionTag.FindStringSubmatch(tag); groups != nil {
		return groups[1]
	}
	return ""
}

var notInKey = regexp.MustCompile(`[^A-Za-z0-9_]+`)

func keyOf(text string) string { return notInKey.ReplaceAllString(text, "_") }
