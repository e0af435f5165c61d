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

// asked holds a program for each shell that prints what the shell offers. Its argument $1 is the path of the script. The
// arguments from $2 on are the words of the command line, the last of which is being typed.
var asked = map[string]string{
	"bash": `. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { echo FILES; }
_ami_action; printf '%s\n' "${COMPREPLY[@]}"`,
	// The functions stand in for the completion system of zsh.
	"zsh": `compdef() { :; }; compset() { current=${current#*=}; }; _files() { echo FILES; }
compadd() { shift; for offer; do [[ $offer == ${current}* ]] && echo $offer; done; return 0; }
. "$1"; shift
words=("$@"); CURRENT=$#; _ami_action`,
	"fish": `source $argv[1]; complete -C (string join " " -- $argv[2..-1])`,
}

// offered returns what the shell offers for the command line, without the descriptions.
func offered(t *testing.T, shell string, line ...string) []string {
	t.Helper()
	program, err := exec.LookPath(shell)
	if err != nil && shell != "bash" {
		t.Skip(err)
	}
	require.NoError(t, err)
	script, ok := completion.Script(shell)
	require.True(t, ok)
	dir := t.TempDir()
	path := filepath.Join(dir, "script")
	require.NoError(t, os.WriteFile(path, []byte(script), 0o600))
	args := []string{"-c", asked[shell]}
	switch shell {
	case "bash":
		args = append([]string{"--norc"}, append(args, "bash")...)
	case "zsh":
		args = append([]string{"-f"}, append(args, "zsh")...)
	}
	c := exec.CommandContext(t.Context(), program, append(append(args, path, "ami-action"), line...)...)
	c.Dir, c.Env = dir, append(os.Environ(), "HOME="+dir)
	output, err := c.CombinedOutput()
	require.NoError(t, err, "%s", output)
	var offers []string
	for said := range strings.Lines(string(output)) {
		offer, _, _ := strings.Cut(strings.TrimSpace(said), "\t")
		if isSecondForm := shell == "fish" && strings.HasSuffix(offer, "="); offer != "" && !isSecondForm { // --wait and --wait=
			offers = append(offers, offer)
		}
	}
	return offers
}

func TestEachShellOffersWhatCanFollow(t *testing.T) {
	t.Parallel()
	for _, shell := range completion.Shells() {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			for _, row := range []struct {
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
			} {
				assert.ElementsMatch(t, row.want, offered(t, shell, row.line...), row.line)
			}
		})
	}
}

func TestEachShellOffersTheFlagsOfTheOperation(t *testing.T) {
	t.Parallel()
	for _, shell := range completion.Shells() {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			for _, operation := range append(lifecycle.Operations(), "") {
				want := []string{"--help"}
				settings := config.Declared()
				for i := range settings {
					if settings[i].IsUsedBy(operation) {
						want = append(want, settings[i].Name.Flag())
					}
				}
				line := []string{"--"}
				if operation != "" {
					line = []string{"--operation", string(operation), "--"}
				}
				assert.ElementsMatch(t, want, offered(t, shell, line...), operation)
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
