package component_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/component/awstoe"
)

// said returns the problems of a document as "error 6:17 message (hint)", one in a line.
func said(problems []component.Problem) string {
	var lines []string
	for _, problem := range problems {
		lines = append(lines, fmt.Sprintf("%s %d:%d %s (%s)", problem.Level(), problem.Line, problem.Column, problem.Message, problem.Hint))
	}
	return strings.Join(lines, "\n")
}

// The whole of what is said about a fault: one message, at its place, with what solves it.
func TestOneFaultIsOneMessageThatSolvesIt(t *testing.T) {
	const head = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"
	bash := func(text string) string { return fmt.Sprintf(command, "ExecuteBash", text) }
	for name, test := range map[string]struct{ document, said string }{
		"phase without name:": {
			"schemaVersion: 1.0\nphases:\n  - build:\n      steps: []\n",
			`error 3:5 the phase must have the keys name and steps, but has only "build" (write "name: build", with steps in a line below it)`,
		},
		"a step's module as a key": {
			head + "      - name: One\n        ExecuteBash:\n          commands: [a]\n",
			`error 6:9 ExecuteBash is an action module: it must be the value of action (write "action: ExecuteBash", and what is below it below inputs:)`,
		},
		"inputs in loop": {
			head + "      - name: One\n        action: ExecuteBash\n        loop:\n          forEach: [a]\n          inputs:\n            commands: [a]\n",
			"error 9:11 inputs is a key of the step: it must not be in loop (indent it like loop:)",
		},
		"a download in two entries": {
			head + "      - name: One\n        action: S3Download\n        inputs:\n          - source: s3://b/k\n          - destination: /k\n",
			`error 9:11 this "-" begins a new entry of inputs of S3Download, which has no source of its own (remove the "-", so that the lines belong to the entry of inputs of S3Download of line 8)`,
		},
		"a policy as an entry": {
			fmt.Sprintf(step, "UpdateOS") + "      - onFailure: Abort\n",
			`error 7:7 this "-" begins a new step, which has no name or action of its own (remove the "-", so that the lines belong to the step of line 5)`,
		},
		"a phase in two entries": {
			"schemaVersion: 1.0\nphases:\n  - name: build\n  - steps:\n      - name: One\n        action: UpdateOS\n",
			`error 4:3 this "-" begins a new phase, which has no name of its own (remove the "-", so that the lines belong to the phase of line 3)`,
		},
		"a text that a comment ends": {
			head + "      - name: One\n        action: ExecuteBash\n        inputs:\n          commands:\n            a=1\n            # two\n            b=2\n",
			`error 11:13 the line continues the text of line 9, which ended at the comment of line 10 (begin the text with |, so that the comment becomes part of it, or begin the line with "- ")`,
		},
		"a function of CloudFormation": {
			bash("!Sub 'echo ${AWS::Region}'"),
			"error 9:15 !Sub is a function of CloudFormation, which Image Builder does not resolve (check the component that the template makes)",
		},
		"a negated command": {
			bash("! grep x /etc/hosts"),
			"error 9:15 the text begins with !, which is a tag in YAML and not part of the text (put the text in quotes, if it begins with this character)",
		},
		"an anchor that nothing uses": {
			bash("&2 echo"),
			`warning 9:15 the text begins with &, which makes "&2" an anchor and not part of the text; no alias uses it (put the text in quotes, if it begins with this character)`,
		},
		"JSON without a comma": {
			"{\"schemaVersion\": \"1.0\"\n\"phases\": []}\n",
			"error 2:1 a comma is missing before the text (put a comma between the entries)",
		},
		"JSON with comments": {
			"{\"schemaVersion\": \"1.0\", // the version\n\"phases\": []}\n",
			"error 1:26 JSON has no comments (remove it, or write a comment of YAML, which begins with #)",
		},
		"brackets crossed": {
			"schemaVersion: 1.0\nphases: [{name: build, steps: [}]\n",
			"error 2:31 the bracket [ is closed by } (close each bracket by its own kind, the inner one first)",
		},
		"JSON without a colon": {
			"{\"schemaVersion\" \"1.0\",\n\"phases\": []}\n",
			`error 1:18 a colon is missing after the key (write "key": value)`,
		},
		"a key without a space after its colon": {
			"{schemaVersion:1.0, phases: [{name: build, steps: [{name: One, action: UpdateOS}]}]}\n",
			`error 1:2 unknown key "schemaVersion:1.0" in the component: must be name, description, schemaVersion, parameters, constants or phases (put a space after the ":")`,
		},
		"a key with an invisible character": {
			head + "      - na\u200bme: One\n        action: UpdateOS\n",
			`error 5:9 unknown key "na\u200bme" in the step: must be name, action, if, loop, timeoutSeconds, onFailure, maxAttempts, disableLogging or inputs (write it again: it has a character that nobody sees)`,
		},
		"commands as a block text": {
			head + "      - name: One\n        action: ExecuteBash\n        inputs:\n          commands: |\n            a\n",
			`error 8:21 commands must be a list, but is a block text (write "- |" on the next line instead, and indent the text below it)`,
		},
		"inputs as a block text": {
			head + "      - name: One\n        action: ExecuteBash\n        inputs: |\n          commands:\n            - a\n",
			"error 7:17 inputs of ExecuteBash must be a mapping with keys and values, but is a block text (remove the | or >, which makes a text of the lines below it)",
		},
		"a command that begins with a brace": {
			bash("{a,b}"),
			"error 9:15 an entry of commands must be a text, but is a mapping (the text begins with {, which makes a mapping of it; put it in quotes)",
		},
		"a line that continues a command": {
			bash("echo a \\") + "            --foo\n",
			`error 10:13 the line must be "key: value", or be indented as part of the text above (indent it more than the line above, if it continues that text)`,
		},
		"a path of Windows in double quotes": {
			bash(`"C:\Users"`),
			`error 9:15 \U is not an escape in double quotes (write a backslash as \\, or use single quotes)`,
		},
		"a statement of Jinja": {
			head + "{% for s in steps %}\n      - name: One\n        action: UpdateOS\n{% endfor %}\n",
			"error 5:1 the line is a statement of a template, not YAML (check the file that the template makes)",
		},
		"an empty second document": {
			fmt.Sprintf(step, "UpdateOS") + "---\n",
			"warning 7:1 the line begins a second YAML document, which is empty (remove it)",
		},
		"a value that is not there": {
			fmt.Sprintf(step, "UpdateOS") + "        onFailure:\n",
			"error 7:9 onFailure must be a text, but is empty ()",
		},
		"a reference of Systems Manager": {
			bash("'{{ ssm:/a }}'"),
			`error 9:19 unknown prefix "ssm:": must be aws:ssm:, aws:imds:, env: or context: (did you mean aws:ssm:?)`,
		},
		"a reference to Secrets Manager": {
			bash("'{{ aws:secretsmanager:a }}'"),
			"warning 9:19 AWSTOE has no prefix aws:secretsmanager: (write {{ aws:ssm:/aws/reference/secretsmanager/NAME }})",
		},
		"a reference of CloudFormation": {
			bash("'{{ resolve:ssm:/a }}'"),
			"warning 9:19 the prefix resolve: is of CloudFormation: AWSTOE does not resolve it ()",
		},
		"a reference to a parameter, as other programs have it": {
			"parameters:\n  - Ver:\n      type: string\n" + bash("'{{ parameters.Ver }} {{ Ver.value }} {{ param:Ver }} {{ Ver[0] }} {{ build.Ver }}'"),
			`error 12:16 unknown reference "parameters.Ver": a parameter or a constant has only its name (did you mean {{ Ver }}?)
error 12:37 unknown reference "Ver.value": a parameter or a constant has only its name (did you mean {{ Ver }}?)
error 12:53 unknown reference "param:Ver": a parameter or a constant has only its name (did you mean {{ Ver }}?)
error 12:69 unknown reference "Ver[0]": a parameter or a constant has only its name (did you mean {{ Ver }}?)
error 12:82 unknown reference "build.Ver": a parameter or a constant has only its name (did you mean {{ Ver }}?)`,
		},
		"a reference to the Parameter Store without its second colon": {
			bash("'{{ aws:ssm/a }}'"),
			`error 9:19 unknown prefix "aws:": must be aws:ssm:, aws:imds:, env: or context: (did you mean aws:ssm:?)`,
		},
		"a loop without its member": {
			fmt.Sprintf(step, "ExecuteBash") + "        loop:\n          forEach: [a]\n        inputs:\n          commands: ['{{ loop }}']\n",
			`error 10:23 unknown parameter or constant "loop" (did you mean {{ loop.value }}?)`,
		},
		"a script": {
			"#!/bin/sh\necho hi\n",
			"error 1:1 the file is a script, not an Image Builder component (put its commands in a step with ExecuteBash)",
		},
	} {
		assert.Equal(t, test.said, said(component.Check([]byte(test.document))), name)
	}
}

func TestInputsOfWindowsModules(t *testing.T) {
	const registry = step + "        inputs:\n          - path: %s\n            name: a\n            value: 1\n            type: %s\n"
	on := func(document string) string { return said(component.CheckOn([]byte(document), awstoe.Windows)) }
	assert.Empty(t, on(fmt.Sprintf(registry, "SetRegistry", `hklm:\SOFTWARE\X`, "dword")))
	assert.Contains(t, on(fmt.Sprintf(registry, "SetRegistry", `C:\X`, "SZ")), `error 8:19 invalid value "C:\\X" for path: must begin with HKEY_CLASSES_ROOT`)
	assert.Contains(t, on(fmt.Sprintf(registry, "SetRegistry", `HKLM:\X`, "REG_SZ")), `error 11:19 invalid value "REG_SZ" for type`)
	owned := fmt.Sprintf(step, "CreateFile") + "        inputs:\n          - path: C:\\x\n            owner: me\n"
	assert.Equal(t, "error 9:13 owner is not allowed on Windows (remove it)", on(owned))
	assert.Empty(t, said(component.Check([]byte(owned))))
}
