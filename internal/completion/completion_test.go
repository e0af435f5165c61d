package completion_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/completion"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// ask holds a program for each shell that loads the script in the file "script", and defines a function that prints what
// the shell offers. The arguments of the function are the words of the command line, the last of which is being typed.
var ask = map[string]string{
	"bash": `. ./script; compopt() { echo FILES; }
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _ami_action; printf '%s\n' "${COMPREPLY[@]}"; }`,
	// The functions stand in for the completion system of zsh.
	"zsh": `compdef() { :; }; compset() { current=${current#*=}; }; _files() { echo FILES; }
compadd() { shift; for offer; do [[ $offer == ${current}* ]] && echo $offer; done; return 0; }
. ./script
ask() { local words=("$@") CURRENT=$#; _ami_action; }`,
	"fish": `source ./script; function ask; complete -C (string join " " -- $argv); end`,
}

// asked returns what the shell offers for each of the command lines, without the descriptions. One process of the shell
// is asked for all of them.
func asked(t *testing.T, shell string, lines ...[]string) [][]string {
	t.Helper()
	program, err := exec.LookPath(shell)
	if err != nil && shell != "bash" {
		t.Skip(err)
	}
	require.NoError(t, err)
	script, ok := completion.Script(shell)
	require.True(t, ok)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "script"), []byte(script), 0o600))
	var questions strings.Builder
	questions.WriteString(ask[shell])
	for _, line := range lines {
		questions.WriteString("\nask ami-action '" + strings.Join(line, "' '") + "'\necho " + next)
	}
	args := []string{"-c", questions.String()}
	switch shell {
	case "bash":
		args = append([]string{"--norc"}, args...)
	case "zsh":
		args = append([]string{"-f"}, args...)
	}
	c := exec.CommandContext(t.Context(), program, args...)
	c.Dir, c.Env = dir, append(os.Environ(), "HOME="+dir)
	output, err := c.CombinedOutput()
	require.NoError(t, err, "%s", output)
	answers := strings.Split(string(output), next+"\n")
	require.Len(t, answers, len(lines)+1)
	all := make([][]string, len(lines))
	for i := range all {
		for said := range strings.Lines(answers[i]) {
			offer, _, _ := strings.Cut(strings.TrimSpace(said), "\t")
			if isSecondForm := shell == "fish" && strings.HasSuffix(offer, "="); offer != "" && !isSecondForm { // --wait and --wait=
				all[i] = append(all[i], offer)
			}
		}
	}
	return all
}

// next is the line after the offers for a command line.
const next = "next:"

// offered returns what the shell offers for the command line.
func offered(t *testing.T, shell string, line ...string) []string {
	t.Helper()
	return asked(t, shell, line)[0]
}

func TestEachShellOffersWhatCanFollow(t *testing.T) {
	t.Parallel()
	for _, shell := range completion.Shells() {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			rows := []struct {
				line []string
				want []string
			}{
				{[]string{"--mode", ""}, []string{"BATCH", "UI"}},
				{[]string{"--operation", "AMI_CR"}, []string{"AMI_CREATE", "AMI_CREATE_UPDATE"}},
				{[]string{"--operation", "AMI_PATCH", "--events", ""}, lifecycle.Patch.Choices()},
				{[]string{"--operation", "AMI_CREATE", "--events", "Q"}, []string{"QA_CERTIFICATION_REQUEST"}},
				{[]string{"--operation", "AMI_PATCH", "--semver"}, []string{"--semverBumpType"}},
				{[]string{"--operation", "AMI_SELECT", "--semver"}, []string{"--semver"}},
				{[]string{"doctor", "--check"}, []string{"--checkFor"}},
				{[]string{"doctor", "--events"}, nil},
				{[]string{"completion", ""}, completion.Shells()},
				{[]string{"help", "AMI_W"}, []string{"AMI_WAIT"}},
				{[]string{"ver"}, []string{"version"}},
				{[]string{"--operation", "AMI_WAIT", "ver"}, nil},
				{[]string{"--lifecycleId", ""}, nil},
			}
			var lines [][]string
			for _, row := range rows {
				lines = append(lines, row.line)
			}
			for i, offers := range asked(t, shell, lines...) {
				assert.ElementsMatch(t, rows[i].want, offers, rows[i].line)
			}
		})
	}
}

func TestEachShellOffersTheFlagsOfTheOperation(t *testing.T) {
	t.Parallel()
	for _, shell := range completion.Shells() {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			operations := append(lifecycle.Operations(), "")
			var lines [][]string
			for _, operation := range operations {
				line := []string{"--"}
				if operation != "" {
					line = []string{"--operation", string(operation), "--"}
				}
				lines = append(lines, line)
			}
			for i, offers := range asked(t, shell, lines...) {
				want := []string{"--help"}
				settings := config.Declared()
				for j := range settings {
					if settings[j].IsUsedBy(operations[i]) {
						want = append(want, settings[j].Name.Flag())
					}
				}
				assert.ElementsMatch(t, want, offers, operations[i])
			}
		})
	}
}

func TestAValueAfterAnEqualsSign(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"UI"}, offered(t, "bash", "--mode", "=", "U"), "bash breaks the word")
	assert.Equal(t, []string{"AMI_PATCH_ONLY"}, offered(t, "bash", "--operation", "=", "AMI_PATCH", "--events", "=", "AMI"))
	for _, shell := range []string{"zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, []string{"UI"}, trimmed("--mode=", offered(t, shell, "--mode=U")))
			assert.Equal(t, []string{"AMI_PATCH_ONLY"}, trimmed("--events=", offered(t, shell, "--operation=AMI_PATCH", "--events=AMI")))
		})
	}
}

// trimmed removes the flag that fish puts before each offer.
func trimmed(flag string, offers []string) []string {
	for i := range offers {
		offers[i] = strings.TrimPrefix(offers[i], flag)
	}
	return offers
}

func TestFilesAreOfferedWhereAFileIsNamed(t *testing.T) {
	t.Parallel()
	for _, line := range [][]string{{"--operation", "AMI_PATCH", "--patchComponent", ""}, {"check-component", ""}} {
		assert.Equal(t, []string{"FILES"}, offered(t, "bash", line...))
		t.Run("zsh", func(t *testing.T) { assert.Equal(t, []string{"FILES"}, offered(t, "zsh", line...)) })
		t.Run("fish", func(t *testing.T) { assert.Contains(t, offered(t, "fish", line...), "script") })
	}
}

func TestThereIsNoScriptForAnotherShell(t *testing.T) {
	t.Parallel()
	_, ok := completion.Script("powershell")
	assert.False(t, ok)
}
