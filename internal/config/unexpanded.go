package config

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/unseen"
)

// notExpanded matches a text that a shell, a pipeline or a template should have replaced by a value. The pattern of %NAME%
// does not match URL escapes such as %ab%cd. A $name in lower case does not match if the dollar sign is inside a word.
var notExpanded = pattern.Lazy("" +
	`\$\{\{.*?(?:\}\}|$)` + // GitHub
	`|\$\[\[.*?(?:\]\]|$)` + // GitLab
	`|\{\{.*?\}\}` + // templates
	`|\$\{?(?i:env):[A-Za-z_][A-Za-z0-9_]*\}?` + // $env:NAME of PowerShell
	`|\$\{[A-Za-z_!#][^}]*\}?` + // ${NAME}
	`|\$\(.*?(?:\)|$)` + // $(command)
	`|\$[A-Z_][A-Z0-9_]+\b` + // $NAME
	`|(?:^|[^A-Za-z0-9])\$[A-Za-z_][A-Za-z0-9_]*` + // $name
	`|%[A-Za-z_][A-Za-z0-9_]{2,}%` + // %NAME%
	"|`[^`]+`") // `command`

// unexpanded returns the first part of the text that should have been replaced by a value, and whether there is one.
func unexpanded(text string) (part string, found bool) {
	part = notExpanded().FindString(text)
	if i := strings.IndexByte(part, '$'); i > 0 && !strings.HasPrefix(part, "{{") {
		part = part[i:]
	}
	return part, part != ""
}

// notExpanded reports that the value of a setting contains a variable that was not expanded.
func (r *reading) notExpanded(name Name, part string) {
	length := shownOfValue
	if declaration(name).Sensitive {
		length = shownOfSensitive
	}
	r.problems.add(Problem{
		Setting: name, Hint: r.howToWrite(name, part),
		Message: fmt.Sprintf("%s contains %s, which is not expanded", r.called(name), quoted(part, length)),
	})
}

var ofPowerShell = pattern.Lazy(`(?i)^\$\{?env:`)

var variableName = pattern.Lazy(`[A-Za-z_][A-Za-z0-9_]*`)

// howToWrite returns a hint that says how to use the value of a variable in the setting on this platform.
func (r *reading) howToWrite(name Name, part string) string {
	variable := variableName().FindString(ofPowerShell().ReplaceAllString(part, ""))
	isVariable := variable != "" && !strings.HasPrefix(part, "{{") && !strings.HasPrefix(part, "${{") &&
		!strings.HasPrefix(part, "$[[") && !strings.HasPrefix(part, "$(") && !strings.HasPrefix(part, "`")
	switch source := r.given[name].source; {
	case source == fromFlag && isVariable:
		return "a shell expands $" + variable + " outside of single quotes only: use double quotes"
	case source == fromFlag:
		return "write the value itself, or let the shell expand it in double quotes"
	case r.platform == GitHubAction && isVariable:
		return "variables are not expanded in inputs: write " + expressionFor(variable)
	case r.platform == GitHubAction:
		return "GitHub evaluates ${{ }} in the workflow file only, and no commands: compute the value in an earlier step, and write ${{ steps.ID.outputs.NAME }}"
	case r.platform == GitLabComponent && source == fromInput:
		return fmt.Sprintf("variables are not expanded in the component's inputs: leave the input out, and set the variable %s: %s instead",
			name.Variable(), cmp.Or(dollar(variable, isVariable), "VALUE"))
	case r.platform == GitLabComponent:
		return fmt.Sprintf("GitLab expands a variable only if it is defined for this job, and not in a variable with expand: false: check %s",
			name.Variable())
	}
	return "set " + name.Variable() + " to the value itself, in a shell in double quotes"
}

func dollar(variable string, isVariable bool) string {
	if !isVariable {
		return ""
	}
	return "$" + variable
}

// expressionFor returns the GitHub expression for a variable.
func expressionFor(variable string) string {
	for prefix, context := range map[string]string{"GITHUB_": "github.", "RUNNER_": "runner."} {
		if rest, ok := strings.CutPrefix(variable, prefix); ok {
			return "${{ " + context + strings.ToLower(rest) + " }}"
		}
	}
	return "${{ env." + variable + " }}"
}

// quotes matches a text with quotes around it: straight ones, or the typographic ones of word processors and chats.
var quotes = pattern.Lazy(`^(?:"([^"]*)"|'([^']*)'|[“„”]([^“„”]*)[“”]|[‘‚’]([^‘‚’]*)[‘’])$`)

// isQuoted reports whether a text has quotes around it.
func isQuoted(text string) bool { return quotes().MatchString(text) }

// unquoted removes quotes around a text, and the white space inside and outside of the quotes.
func unquoted(text string) string {
	text = unseen.Trim(text)
	if inner := quotes().FindStringSubmatch(text); inner != nil {
		text = unseen.Trim(strings.Join(inner[1:], ""))
	}
	return text
}

// standIns are the texts that tools write in place of a value that is missing, and that logs show in place of one that is
// masked.
var standIns = map[string]string{
	"null": "missing", "undefined": "missing", "<no value>": "missing", "[object Object]": "missing",
	"***": "masked", "[MASKED]": "masked",
}
