package component_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/component/awstoe"
)

const step = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: One\n        action: %s\n"

func TestAProblemIsShownAsACompilerShowsIt(t *testing.T) {
	problems := component.Check(fmt.Appendf(nil, step, "UpdateOs"))
	require.Len(t, problems, 1)
	shown := problems[0].Text("patch.yml")
	assert.Contains(t, shown, `patch.yml:6:17: error: unknown action module "UpdateOs": must be AppendFile, Assert, `)
	assert.Contains(t, shown, "\n  6 |         action: UpdateOs\n    |                 ^^^^^^^^\n  help: did you mean UpdateOS?\n  see:  "+awstoe.PageModules+"\n")
}

func TestAllFaultsAreToldAtOnceAndErrorsBeforeWarnings(t *testing.T) {
	document := "author: me\n" + fmt.Sprintf(step, "UpdateOS") + "        timeoutSeconds: 0\n        onFailure: abort\n"
	var levels []string
	for _, problem := range component.Check([]byte(document)) {
		levels = append(levels, fmt.Sprintf("%s %d:%d", problem.Level(), problem.Line, problem.Column))
	}
	assert.Equal(t, []string{"error 8:9", "error 9:20", "warning 1:1"}, levels)
}

func TestWarningsDoNotCrowdErrorsOut(t *testing.T) {
	var document strings.Builder
	for i := range 500 {
		fmt.Fprintf(&document, "unknown%d: x\n", i)
	}
	fmt.Fprintf(&document, step, "UpdateOs")
	assert.True(t, component.HasErrors(component.Check([]byte(document.String()))))
}

func TestWindowsModulesAreForWindowsOnly(t *testing.T) {
	for _, module := range awstoe.Modules {
		document := fmt.Appendf(nil, step, module.Name)
		for _, platform := range []awstoe.Platform{awstoe.Linux, awstoe.Windows} {
			refused := strings.Contains(text(component.CheckOn(document, platform)), module.Name+" is not allowed")
			assert.Equal(t, module.On != "" && module.On != platform, refused, "%s on %s", module.Name, platform)
		}
	}
}

// Each module of the table accepts its own inputs, and refuses a step without a required one.
func TestModulesTakeTheInputsOfTheirEntry(t *testing.T) {
	values := map[awstoe.Kind]string{
		awstoe.Text: "x", awstoe.Boolean: "true", awstoe.Integer: "1", awstoe.TextList: "[x]", awstoe.TextMap: "{A: b}",
		awstoe.ParameterList: "[{name: a, value: b}]", awstoe.TextOrList: "[a]",
	}
	for _, module := range awstoe.Modules {
		if module.Condition {
			continue
		}
		document := func(without string) []byte {
			var inputs []string
			for _, input := range module.Inputs {
				value := values[input.Kind]
				switch {
				case len(input.Words) > 0:
					value = input.Words[0]
				case len(input.Schemes) > 0:
					value = input.Schemes[0] + "://x"
				case len(input.Begins) > 0:
					value = "'" + input.Begins[0] + "'"
				}
				if input.Name != without && (len(module.OneOf) == 0 || input.Name == module.OneOf[0]) {
					inputs = append(inputs, input.Name+": "+value)
				}
			}
			set := "{" + strings.Join(inputs, ", ") + "}"
			if module.IsList {
				set = "[" + set + "]"
			}
			return fmt.Appendf(nil, step+"        inputs: %s\n", module.Name, set)
		}
		platform := module.On
		if platform == "" {
			platform = awstoe.Linux
		}
		assert.Empty(t, component.CheckOn(document(""), platform), module.Name)
		for _, input := range module.Inputs {
			if input.Required {
				problems := component.CheckOn(document(input.Name), platform)
				assert.True(t, component.HasErrors(problems), "%s without %s", module.Name, input.Name)
			}
		}
	}
}

func TestReadNamesTheFileInEachError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "component.yaml")
	require.NoError(t, os.WriteFile(file, []byte("name: a\nauthor: me\n"), 0o600))

	_, _, err := component.Read(file)

	var faulty *component.Error
	require.ErrorAs(t, err, &faulty)
	assert.Equal(t, file, faulty.File)
	assert.Len(t, faulty.Problems, 2, "with the warning")
	assert.Equal(t, file+":1:1: the component must have the keys schemaVersion and phases", err.Error())
}

func TestReadReturnsWarnings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "component.yaml")
	require.NoError(t, os.WriteFile(file, []byte("author: me\n"+fmt.Sprintf(step, "UpdateOS")), 0o600))
	_, warnings, err := component.Read(file)
	require.NoError(t, err)
	assert.Len(t, warnings, 1)
}

func TestReadOfAMissingFileSaysSo(t *testing.T) {
	_, _, err := component.Read(filepath.Join(t.TempDir(), "nothing.yaml"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestTextFromTheFileCannotForgeAMessage(t *testing.T) {
	document := "\"a\\n::error::forged\\e[2J\u202e\": 1\nschemaVersion: 1.0\nphases: []\n"
	problems := component.Check([]byte(document))
	require.NotEmpty(t, problems)
	for _, problem := range problems {
		for _, letter := range "\n\r\x1b\u202e" {
			assert.NotContains(t, problem.Message+problem.Hint+problem.Source, string(letter))
		}
	}
}
