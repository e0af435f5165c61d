package pipeline

import (
	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/redact"
)

// notShown matches characters that the runner may ignore in a command.
//
// On stdout and on stderr, the runner takes ::name::data at the beginning of a line and ##[name]data anywhere in a line
// as a command (actions/runner, ActionCommand.cs). It trims what .NET defines as white space, and its comparison depends
// on the culture, which ignores invisible characters. So a zero-width space between the colons does not disable a
// command, and colons with one between them must be found here too. A tab is a control character and may also be
// ignored.
const notShown = `\t\p{Cf}\p{M}\x{115F}\x{1160}\x{3164}\x{FFA0}`

var (
	colonCommand = pattern.Lazy(`(?m)^([ \x{FFFD}\p{Z}` + notShown + `]*:)[` + notShown + `]*:`)
	hashCommand  = pattern.Lazy(`#[` + notShown + `]*#[` + notShown + `]*\[`)
)

// withoutWorkflowCommands makes text harmless to a terminal and to GitHub's runner: it replaces control characters, and
// breaks the beginning of each command with a space.
func withoutWorkflowCommands(text string) string {
	text = redact.ControlCharacters(text)
	text = colonCommand().ReplaceAllString(text, "${1} :")
	return hashCommand().ReplaceAllString(text, "## [")
}
