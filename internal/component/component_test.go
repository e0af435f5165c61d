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
)

func TestWholeComponentsHaveNoProblem(t *testing.T) {
	files, err := filepath.Glob("testdata/valid/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		data, err := component.Read(file)
		require.NoError(t, err)
		written, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, written, data, "what was checked is what is sent")
	}
}

func TestJSONIsAComponentToo(t *testing.T) {
	assert.Empty(t, component.Check([]byte(`{"schemaVersion": "1.0", "phases": [{"name": "build",
		"steps": [{"name": "Update", "action": "UpdateOS"}]}]}`)))
}

func TestEachFaultIsFoundWhereItStands(t *testing.T) {
	// Rows of a step replace the step of this document, whose first line is line 5.
	withStep := func(step string) string {
		return "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n" + step
	}
	withCommands := func(lines string) string {
		return withStep("      - name: One\n        action: ExecuteBash\n        inputs:\n          commands:\n" + lines)
	}
	rows := []struct {
		name, document, want string
	}{
		{"an empty file", "", "1:1: the file is empty"},
		{"nothing but blanks", " \n\n", "1:1: the file is empty"},
		{"nothing but comments", "# soon\n", "1:1: the file holds nothing but comments"},
		{"no mapping", "- a\n", "1:1: the component has to be a mapping with keys and values, and is a list"},
		{"a text", "hello\n", `1:1: the component has to be a mapping with keys and values, and is "hello"`},
		{"no UTF-8", "name: a\xffb\n", "1:8: the file is no UTF-8 text from here on"},
		{"a NUL character", "name: ä\x00b\n", "1:8: the file has a NUL character here"},
		{"a tab", withStep("\t- name: One\n"), "5:1: the line is indented with a tab; YAML takes spaces only"},
		{"a tab after spaces", withStep("    \t- name: One\n"), "5:5: the line is indented with a tab; YAML takes spaces only"},
		{"broken YAML", "name: [a\nschemaVersion: 1.0\n", "1:1: the file is no YAML: did not find expected ',' or ']'"},
		{"two documents", "schemaVersion: 1.0\n---\nname: second\n", "2:1: a second YAML document begins here; a component is one"},
		{"too large", strings.Repeat("# a comment line\n", 4000), "1:1: the file is larger than the 64 KB that a component can have"},
		{
			"an unknown key", "schemaversion: 1.0\nphases: []\n",
			`1:1: the component has no key "schemaversion"; its keys are name, description, schemaVersion, parameters, constants, phases
1:1: the component has no schemaVersion
2:9: phases is empty`,
		},
		{
			"another version", "schemaVersion: 2.0\nphases: x\n",
			`1:16: schemaVersion is "2.0"; it can be 1.0
2:9: phases has to be a list, and is "x"`,
		},
		{"no phases", "schemaVersion: 1.0\n", "1:1: the component has no phases"},
		{
			"a key twice", "name: a\nname: b\nschemaVersion: 1.0\nphases: [{name: build, steps: [{name: A, action: UpdateOS}]}]\n",
			`2:1: the component has the key "name" twice`,
		},
		{
			"phases that never run", "schemaVersion: 1.0\nphases:\n  - name: Build\n    steps: []\n  - steps:\n",
			`3:11: the phase "Build" is none that EC2 Image Builder runs; it runs build, validate, test, container-host-test
4:12: steps is empty
5:5: the phase has no name
5:11: steps has to be a list, and is nothing`,
		},
		{
			"a phase twice",
			"schemaVersion: 1.0\nphases:\n  - {name: test, steps: [{name: A, action: UpdateOS}]}\n  - {name: test, steps: [{name: A, action: UpdateOS}]}\n",
			"4:12: the phase test is there twice",
		},
		{
			"a step without a name and an action", withStep("      - onFailure: Stop\n        maxAttempts: 0\n        timeoutSeconds: 0\n"),
			`5:9: the step has no name
5:9: the step has no action
5:20: onFailure is "Stop"; it can be Abort, Continue, Ignore
6:22: maxAttempts is 0; it can be 1 and more
7:25: timeoutSeconds is 0; it can be -1 for no limit, or 1 and more`,
		},
		{
			"numbers that are texts", withStep("      - name: One\n        action: UpdateOS\n        timeoutSeconds: '60'\n        maxAttempts: 1.5\n"),
			`7:25: timeoutSeconds has to be a whole number, and is "60"
8:22: maxAttempts has to be a whole number, and is "1.5"`,
		},
		{
			"an unknown action", withStep("      - name: One\n        action: executebash\n"),
			`6:17: there is no action module "executebash"; did you mean ExecuteBash?`,
		},
		{
			"an action without inputs", withStep("      - name: One\n        action: S3Download\n        inputs: []\n      - name: Two\n        action: ExecuteBash\n"),
			`7:17: the step "One" has no inputs, and S3Download needs them
8:9: the step "Two" has no inputs, and ExecuteBash needs them`,
		},
		{
			"two steps of one name", withStep("      - {name: One, action: UpdateOS}\n      - {name: One, action: UpdateOS}\n"),
			`6:16: the phase has two steps named "One"`,
		},
		{
			"a misspelt key of a step", withStep("      - name: One\n        action: UpdateOS\n        onFailiure: Continue\n"),
			`7:9: a step has no key "onFailiure"; its keys are name, action, if, loop, timeoutSeconds, onFailure, maxAttempts, inputs`,
		},
		{
			"a command with a colon", withCommands("            - echo done: yes\n            -\n            - ok\n"),
			`9:15: a command has to be a text, and is a mapping; put a text with a colon in quotes
10:14: a command has to be a text, and is nothing`,
		},
		{
			"PowerShell with both", withStep("      - name: One\n        action: ExecutePowerShell\n        inputs: {commands: [a], file: b}\n"),
			"7:17: inputs of ExecutePowerShell needs either commands or a file",
		},
		{
			"a binary without its path", withStep("      - name: One\n        action: ExecuteBinary\n        inputs: {arguments: [a]}\n"),
			"7:17: inputs of ExecuteBinary has no path",
		},
		{
			"endless loops", withStep("      - name: One\n        action: UpdateOS\n        loop: {for: {start: 1, end: 5, updateBy: -1}}\n"),
			"7:50: updateBy -1 never leads from 1 to 5",
		},
		{
			"loops of both kinds and of none", withStep("      - {name: One, action: UpdateOS, loop: {name: L}}\n      - {name: Two, action: UpdateOS, loop: {name: L, for: {start: 1}, forEach: []}}\n"),
			`5:45: loop needs either for or forEach
6:45: loop needs either for or forEach
6:52: the phase has two loops named "L"
6:60: for has no end
6:60: for has no updateBy
6:81: forEach is empty`,
		},
		{
			"a delimiter that is none", withStep("      - {name: One, action: UpdateOS, loop: {forEach: {delimiter: '|'}}}\n"),
			`5:55: forEach has no list
5:67: delimiter has to be one of the characters . , ; : - _, a blank, a tab or a line break`,
		},
		{
			"names of variables",
			"schemaVersion: 1.0\nparameters:\n  - Ab: {type: string}\n  - Same: {type: list}\nconstants:\n  - Same: {type: string, value: a}\n  - One: {type: string}\n    Two: {type: string}\nphases: [{name: build, steps: [{name: A, action: UpdateOS}]}]\n",
			`3:5: the name "Ab" has to be 3 to 128 letters, digits, - and _
4:18: type is "list"; it can be string
6:5: the name "Same" is taken already
7:5: an entry of constants has to be one name with its definition below it`,
		},
		{"an alias of itself", "schemaVersion: 1.0\nphases: &p\n  - *p\n", "2:9: a phase has to be a mapping with keys and values, and is a list"},
		{"a merge of itself", "&m\n<<: *m\nschemaVersion: 1.0\n", "2:5: the component merges mappings more than 16 deep"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, lines(component.Check([]byte(row.document))))
		})
	}
}

func lines(problems []component.Problem) string {
	var text []string
	for _, problem := range problems {
		text = append(text, fmt.Sprintf("%d:%d: %s", problem.Line, problem.Column, problem.Message))
	}
	return strings.Join(text, "\n")
}

func TestAnAliasBombIsBounded(t *testing.T) {
	var document strings.Builder
	document.WriteString("schemaVersion: 1.0\nname: &l0 {a: b}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&document, "k%d: &l%d\n", i, i)
		for range 10 {
			fmt.Fprintf(&document, "  <<: *l%d\n", i-1)
		}
	}
	document.WriteString("<<: [*l39, *l39, *l39]\n")
	problems := component.Check([]byte(document.String()))
	assert.NotEmpty(t, problems)
	assert.LessOrEqual(t, len(problems), 100)
}

func TestTextFromTheFileCannotForgeAMessage(t *testing.T) {
	document := "\"a\\n::error::forged\\e[2J\u202e\": 1\nschemaVersion: 1.0\nphases: []\n"
	for _, problem := range component.Check([]byte(document)) {
		for _, letter := range "\n\r\x1b\u202e" {
			assert.NotContains(t, problem.Message, string(letter))
		}
	}
}

func TestReadNamesTheFileInEachProblem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "component.yaml")
	require.NoError(t, os.WriteFile(file, []byte("name: a\n"), 0o600))

	_, err := component.Read(file)

	var faulty *component.Error
	require.ErrorAs(t, err, &faulty)
	assert.Equal(t, file, faulty.File)
	assert.Len(t, faulty.Problems, 2)
	assert.Equal(t, file+":1:1: the component has no schemaVersion\n"+file+":1:1: the component has no phases", err.Error())
}

func TestReadOfAMissingFileSaysSo(t *testing.T) {
	_, err := component.Read(filepath.Join(t.TempDir(), "nothing.yaml"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
