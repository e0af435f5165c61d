package pipeline_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/redact"
)

// readOutputs parses an output file as the runner does on Linux (actions/runner, FileCommandManager.cs).
func readOutputs(content string) (map[string]string, error) {
	outputs := map[string]string{}
	rest := content
	next := func() (string, bool) {
		if rest == "" {
			return "", false
		}
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		return line, true
	}
	for {
		line, ok := next()
		if !ok {
			return outputs, nil
		}
		if line == "" {
			continue
		}
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case equals >= 0 && (heredoc < 0 || equals < heredoc):
			outputs[line[:equals]] = line[equals+1:]
		case heredoc >= 0:
			name, delimiter := line[:heredoc], line[heredoc+2:]
			var lines []string
			for {
				line, ok := next()
				if !ok {
					return nil, fmt.Errorf("matching delimiter not found: %q", delimiter)
				}
				if line == delimiter {
					break
				}
				lines = append(lines, line)
			}
			outputs[name] = strings.Join(lines, "\n")
		default:
			return nil, fmt.Errorf("invalid format: %q", line)
		}
	}
}

func TestALineThatAnotherCommandHasNotEndedKeepsItsValue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "output")
	require.NoError(t, os.WriteFile(path, []byte("earlier=value"), 0o600))
	p := pipeline.Detect([]string{"GITHUB_ACTIONS=true", "GITHUB_OUTPUT=" + path}, pipeline.Options{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}})
	require.NoError(t, p.SetOutput("lifecycle_id", "a1b2c3d4"))
	require.NoError(t, p.SetOutput("status", "COMPLETED"))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	outputs, err := readOutputs(string(content))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"earlier": "value", "lifecycle_id": "a1b2c3d4", "status": "COMPLETED"}, outputs)
	assert.NotContains(t, string(content), "\n\n")
}

func TestOutputsAreWrittenTheMomentTheyAreKnown(t *testing.T) {
	p := newPlace(t, gitHub()...)
	require.NoError(t, p.SetOutput("lifecycle_id", "bf2ddb94"))
	outputs, err := readOutputs(p.read(t, "output"))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"lifecycle_id": "bf2ddb94"}, outputs)

	require.NoError(t, p.SetOutput("status", "IN_PROGRESS"))
	require.NoError(t, p.SetOutput("status", "COMPLETED"))
	size := len(p.read(t, "output"))
	require.NoError(t, p.SetOutput("status", "COMPLETED"))
	assert.Len(t, p.read(t, "output"), size, "what has not changed is not written again")
	outputs, err = readOutputs(p.read(t, "output"))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"lifecycle_id": "bf2ddb94", "status": "COMPLETED"}, outputs)
}

func TestAValueCannotEndItsHeredoc(t *testing.T) {
	// The attacker knows the random numbers, so the value contains the first delimiter.
	nonces := append(bytes.Repeat([]byte{0xaa}, 16), bytes.Repeat([]byte{0xbb}, 16)...)
	first := "ghadelimiter_" + strings.Repeat("aa", 16)
	dir := t.TempDir()
	output := filepath.Join(dir, "output")
	p := pipeline.Detect([]string{"GITHUB_ACTIONS=true", "GITHUB_OUTPUT=" + output},
		pipeline.Options{Rand: bytes.NewReader(nonces), Redactor: redact.New()})
	value := "x\n" + first + "\nlifecycle_id<<" + first + "\nforged"
	require.NoError(t, p.SetOutput("ami_name", value))
	content, err := os.ReadFile(output)
	require.NoError(t, err)
	outputs, err := readOutputs(string(content))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"ami_name": value}, outputs)
	assert.Contains(t, string(content), strings.Repeat("bb", 16))

	repeating := pipeline.Detect([]string{"GITHUB_ACTIONS=true", "GITHUB_OUTPUT=" + output},
		pipeline.Options{Rand: bytes.NewReader(bytes.Repeat([]byte{0xaa}, 1024)), Redactor: redact.New()})
	assert.ErrorContains(t, repeating.SetOutput("ami_name", value), "randomness repeats itself")

	broken := pipeline.Detect([]string{"GITHUB_ACTIONS=true", "GITHUB_OUTPUT=" + output},
		pipeline.Options{Rand: iotest.ErrReader(errors.New("no entropy")), Redactor: redact.New()})
	assert.ErrorContains(t, broken.SetOutput("ami_name", value), "no entropy")
}

func TestWithoutAnOutputFileOutputsGoNowhereAndItIsSaidOnce(t *testing.T) {
	p := newPlace(t, append(gitHub(), "GITHUB_OUTPUT=", "GITHUB_STEP_SUMMARY=")...)
	require.NoError(t, p.SetOutput("lifecycle_id", "a"))
	require.NoError(t, p.SetOutput("status", "b"))
	require.NoError(t, p.Summary("# Text"))
	assert.Equal(t, "::debug::GITHUB_OUTPUT is not set, so no later step can use the outputs\n", p.stderr.String())
}

func TestAnOutputFileThatCannotBeWrittenIsAnError(t *testing.T) {
	p := newPlace(t, append(gitHub(), "GITHUB_OUTPUT=$DIR/missing/output", "GITHUB_STEP_SUMMARY=$DIR/missing/summary")...)
	assert.ErrorContains(t, p.SetOutput("lifecycle_id", "a"), "output lifecycle_id cannot be passed to later steps")
	assert.ErrorContains(t, p.Summary("x"), "the job's summary cannot be written")
}

func FuzzOutputs(f *testing.F) {
	f.Add("value", "another")
	f.Add("", "\n")
	f.Add("a\nb<<EOF\nc\nEOF\n", "name=value")
	f.Add("ghadelimiter_\r\n", "_GitHubActionsFileCommandDelimeter_\nlifecycle_id<<X\nforged\nX")
	f.Add("0", "[] ")
	// The layout of a JSON document may change, because its members are redacted one by one.
	passed := func(s string) string {
		if strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[") {
			if document, err := redact.New().JSON([]byte(s)); err == nil {
				return string(document)
			}
		}
		return s
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		p := newPlace(t, gitHub()...)
		// A value that redaction changes is not the subject of this test.
		plain := func(s string) bool { return utf8.ValidString(s) && redact.New().Text(s) == s }
		if !plain(first) || !plain(second) {
			t.Skip()
		}
		require.NoError(t, p.SetOutput("ami_name", first))
		require.NoError(t, p.SetOutput("amis", second))
		outputs, err := readOutputs(p.read(t, "output"))
		require.NoError(t, err)
		require.Equal(t, map[string]string{"ami_name": passed(first), "amis": passed(second)}, outputs)
		require.Equal(t, []string{"ami_name", "amis"}, slices.Sorted(maps.Keys(outputs)))
	})
}
