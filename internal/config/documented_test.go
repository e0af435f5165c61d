package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// documentedComponent is the path of the component in the documentation's example of a patch.
const documentedComponent = "/path/dir/other/dir/sample_component.yaml"

func TestEveryDocumentedExampleIsTakenWordForWord(t *testing.T) {
	component := filepath.Join(t.TempDir(), "sample_component.yaml")
	require.NoError(t, os.WriteFile(component, []byte("schemaVersion: 1.0\n"), 0o600))

	var seen []lifecycle.Operation
	for title, args := range documentedExamples(t) {
		t.Run(title, func(t *testing.T) {
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], documentedComponent, component)
			}
			implied := config.Implied{CommitRef: "0123456789abcdef"} // git's HEAD
			settings, err := config.Load(args, nil, implied, config.CommandLine)
			require.NoError(t, err)
			if title == "UI mode" {
				assert.Equal(t, config.ModeUI, settings.Mode)
				return
			}
			assert.Equal(t, config.ModeBatch, settings.Mode)
			assert.Equal(t, "main", settings.StackTag)
			assert.True(t, settings.StackTagGiven)
			assert.Equal(t, "ownername", settings.Owner)
			assert.Equal(t, []lifecycle.Notification{{Method: "EMAIL", Target: "user@domain.com"}}, settings.Notifications)
			seen = append(seen, settings.Operation)
		})
	}
	documented := lifecycle.Operations()
	assert.Subset(t, documented, seen)
	assert.Len(t, seen, len(documented)-3, "all operations but AMI_WAIT, AMI_SELECT and AMI_DOCTOR are documented")
}

func TestEveryExampleOfTheHelpIsTaken(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("sample_component.yaml", []byte("schemaVersion: 1.0\n"), 0o600))
	help := strings.ReplaceAll(config.Help("", 80), "\\\n", " ")
	examples := 0
	for line := range strings.SplitSeq(help, "\n") {
		if arguments, ok := strings.CutPrefix(line, "    ami-action "); ok {
			_, err := config.Load(shellWords(arguments), nil, config.Implied{CommitRef: "c0ffee"}, config.CommandLine)
			assert.NoError(t, err, line)
			examples++
		}
	}
	assert.Greater(t, examples, 5)
}

// documentedExamples reads the committed copy of the documentation's examples. It returns the arguments of each
// command by the heading above it.
func documentedExamples(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/documented-examples.sh")
	require.NoError(t, err)
	examples := map[string][]string{}
	title := ""
	for _, line := range strings.Split(strings.ReplaceAll(string(text), "\\\n", " "), "\n") {
		if heading, ok := strings.CutPrefix(line, "# "); ok {
			title = heading
		}
		if arguments, ok := strings.CutPrefix(line, "python api-cli.py "); ok {
			examples[title] = shellWords(arguments)
		}
	}
	require.Len(t, examples, 12)
	return examples
}

// shellWords splits a line at spaces outside of double quotes. The examples need nothing else of a shell.
func shellWords(line string) []string {
	var words []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}
