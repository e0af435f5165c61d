package pipeline_test

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/pipeline"
)

// ignorable matches the characters that a culture-sensitive comparison ignores, which is what the runner uses.
var ignorable = regexp.MustCompile(`[\p{Cf}\p{Cc}\p{M}\x{115F}\x{1160}\x{3164}\x{FFA0}]`)

// runnerCommands returns the lines that GitHub's runner takes as commands, by the rules of ActionCommand.cs. It is broader
// than the runner in what counts as white space and as equal.
func runnerCommands(output string) []string {
	var commands []string
	for line := range strings.FieldsFuncSeq(output, func(r rune) bool { return r == '\n' || r == '\r' }) {
		seen := strings.TrimLeftFunc(ignorable.ReplaceAllString(line, ""), func(r rune) bool {
			return unicode.IsSpace(r) || r == '\ufeff' || r == '\ufffd'
		})
		if strings.HasPrefix(seen, "::") || strings.Contains(seen, "##[") {
			commands = append(commands, line)
		}
	}
	return commands
}

var forgeries = []string{
	"::error::forged", "  ::error::forged", "\t::set-output name=x::y", "text\r::error::forged",
	"text\n::add-mask::forged", "\n\n \n::stop-commands::x", "in the middle ##[error]forged", "##[group]forged", "###[error]x",
	"\u00a0::error::no-break space", "\u3000::error::wide space", "\u200b::error::zero width", "\ufeff::error::mark",
	":\u200b:error::zero width between", "#\u200d#[error]joiner", "##\u00ad[error]soft hyphen", "\u2028::error::x", "\u0085::error::x",
	"\v::error::x", "\f::error::x", "\x00::error::x", "\x1b[0m::error::x", ":::error::x", "\xff::error::x",
	"\u202e::error::x", "#\u0301#[x]", ":\t:error::x", "#\t#[x]", "\u115f::error::x", "\r\n::error::x", "\n\r::error::x",
	"\x1b[0Ksection_start:1:x[collapsed=true]\r\x1b[0KForged", "section_end:1:ami_lifecycle_1\r\x1b[0K",
	"\x1b]0;title\a\x1b[2J\x1b[1A", "\u009b2J", "\b\b\b\b",
}

func TestTextFromOutsideIsNeverACommand(t *testing.T) {
	for name, environ := range places() {
		for _, forged := range forgeries {
			t.Run(fmt.Sprintf("%s/%q", name, forged), func(t *testing.T) {
				for _, stream := range []string{"stdout", "stderr"} {
					p := newPlace(t, environ...)
					writer := p.Stdout()
					if stream == "stderr" {
						writer = p.Stderr()
					}
					for i := range len(forged) { // byte by byte, so that no single write contains the command
						_, err := io.WriteString(writer, forged[i:i+1])
						require.NoError(t, err)
					}
					require.NoError(t, p.Close())
					output := p.stdout.String() + p.stderr.String()
					assert.NotEmpty(t, output)
					if name == "github" {
						assert.Empty(t, runnerCommands(output), stream)
					}
					assert.NotContains(t, output, "\x1b", stream)
					assert.NotContains(t, output, "\r", stream)
				}
			})
		}
	}
}

func TestOurOwnCommandsCarryNoOthers(t *testing.T) {
	for _, forged := range forgeries {
		requireOwnCommandsOnly(t, forged)
	}
}

func FuzzOwnCommands(f *testing.F) {
	for _, forged := range forgeries {
		f.Add(forged)
	}
	f.Fuzz(func(t *testing.T, text string) { requireOwnCommandsOnly(t, text) })
}

// requireOwnCommandsOnly writes a group, a line and an annotation with the text in them, on GitHub and on GitLab. It
// requires that the output contains no other commands than those for the group and the annotation.
func requireOwnCommandsOnly(t *testing.T, text string) {
	t.Helper()
	p := newPlace(t, gitHub()...)
	p.Group(text)
	p.Say(pipeline.Error, text)
	p.Annotate(pipeline.Annotation{Level: pipeline.Error, Title: text, Message: text, File: text, Line: 3})
	p.EndGroup()
	var names []string
	for _, command := range runnerCommands(p.stderr.String()) {
		names = append(names, regexp.MustCompile(`^::([a-z]+)`).FindString(command))
	}
	require.Equal(t, []string{"::group", "::error", "::endgroup"}, names, "%q: %q", text, p.stderr.String())

	p = newPlace(t, gitLab()...)
	p.Group(text)
	p.Say(pipeline.Error, text)
	p.Annotate(pipeline.Annotation{Level: pipeline.Error, Title: text, Message: text, File: text})
	p.EndGroup()
	markers := regexp.MustCompile(`section_(start|end):\d+:[a-z0-9_]+(\[[^\]]*\])?\r\x1b\[0K`).FindAllString(p.stderr.String(), -1)
	require.Equal(t, []string{
		"section_start:1700000000:ami_lifecycle_1[collapsed=true]\r\x1b[0K",
		"section_end:1700000000:ami_lifecycle_1\r\x1b[0K",
	}, markers, "%q", text)
}

func TestALiveLineStaysBelowTheStory(t *testing.T) {
	p := newPlace(t)
	p.width = 20
	assert.True(t, p.IsInteractive())
	p.Live("Build: 1m")
	_, err := io.WriteString(p.Stderr(), "a line\n")
	require.NoError(t, err)
	_, err = io.WriteString(p.Stdout(), "the-id\n")
	require.NoError(t, err)
	p.Live("Build:\n2m, 日本語日本語日本語日本語")
	require.NoError(t, p.Close())
	const erase = "\r\x1b[K"
	assert.Equal(t, "Build: 1m"+erase+"a line\nBuild: 1m"+erase+"Build: 1m"+erase+"Build: 2m, 日本語日"+erase, p.stderr.String())
	assert.Equal(t, "the-id\n", p.stdout.String())
}

func TestWithoutATerminalThereIsNoLiveLineAndNoColour(t *testing.T) {
	p := newPlace(t)
	assert.False(t, p.IsInteractive())
	p.Live("Build: 1m")
	p.Say(pipeline.Success, "done")
	p.Group("Build")
	p.Annotate(pipeline.Annotation{Level: pipeline.Error, Title: "Component", Message: "is wrong\nat all", File: "a.yaml", Line: 3, Column: 5})
	require.NoError(t, p.Close())
	assert.Equal(t, "done\nBuild\nerror: a.yaml:3:5: Component: is wrong\n  at all\n", p.stderr.String())
}

func TestColoursAreShownWhereTheyMeanSomething(t *testing.T) {
	say := func(width int, environ ...string) string {
		p := newPlaceOfWidth(t, width, environ...)
		p.Say(pipeline.Success, "done")
		return p.stderr.String()
	}
	assert.Equal(t, "\x1b[32;1mdone\x1b[0m\n", say(0, gitLab()...))
	assert.Equal(t, "\x1b[32;1mdone\x1b[0m\n", say(80))
	assert.Equal(t, "done\n", say(80, "NO_COLOR=1"))
	assert.Equal(t, "done\n", say(80, "TERM=dumb"))
	assert.Equal(t, "done\n", say(0, append(gitLab(), "NO_COLOR=1")...))
	assert.Equal(t, "done\n", say(0, gitHub()...))
}

func FuzzNeutralise(f *testing.F) {
	for _, forged := range forgeries {
		f.Add(forged)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := newPlace(t, gitHub()...)
		_, err := io.WriteString(p.Stdout(), text)
		require.NoError(t, err)
		_, err = io.WriteString(p.Stderr(), text)
		require.NoError(t, err)
		require.NoError(t, p.Close())
		require.Empty(t, runnerCommands(p.stdout.String()))
		require.Empty(t, runnerCommands(p.stderr.String()))
	})
}
