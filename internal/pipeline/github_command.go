package pipeline

import (
	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/redact"
)

// The runner takes ::name::data at the beginning of a line and ##[name]data anywhere in one as a command,
// on either stream (actions/runner, ActionCommand.cs). It trims what .NET calls white space, and compares
// by the rules of a culture, which pass over characters that are not shown: a zero-width space between
// the colons does not help, and one that is there already must not hide the colons from us.
// A tab is a control character, and may be passed over as well.
const notShown = `\t\p{Cf}\p{M}\x{115F}\x{1160}\x{3164}\x{FFA0}`

var (
	colonCommand = pattern.Lazy(`(?m)^([ \x{FFFD}\p{Z}` + notShown + `]*:)[` + notShown + `]*:`)
	hashCommand  = pattern.Lazy(`#[` + notShown + `]*#[` + notShown + `]*\[`)
)

// withoutWorkflowCommands makes a text harmless to a terminal and to GitHub's runner: a space is put where
// a command would begin.
func withoutWorkflowCommands(text string) string {
	text = redact.ControlCharacters(text)
	text = colonCommand().ReplaceAllString(text, "${1} :")
	return hashCommand().ReplaceAllString(text, "## [")
}
