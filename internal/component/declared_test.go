package component_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/component"
)

// A mistake in a declaration is reported there, and not again at each reference to it.
func TestAMistakeInADeclarationIsReportedOnce(t *testing.T) {
	const document = `schemaVersion: 1.0
parameters:
  - Ver:
      type: string
constants:
  - Url:
      type: string
      value: https://x
phases:
  - name: build
    steps:
      - name: One
        action: S3Download
        inputs:
          - source: s3://b/k
            destination: /k
      - name: Two
        action: ExecuteBash
        inputs:
          commands:
            - echo {{ Ver }} {{ Url }} {{ build.One.inputs[0].source }}
  - name: validate
    steps:
      - name: Three
        action: ExecuteBash
        inputs:
          commands:
            - echo {{ Ver }} {{ build.Two.outputs.stdout }}
`
	assert.Empty(t, component.Check([]byte(document)))
	for _, mistake := range [][2]string{
		{"parameters:", "parametrs:"}, {"parameters:", "params:"}, {"constants:", "variables:"}, {"phases:", "Phases:"},
		{"name: build", "name: biuld"}, {"  - name: build", "  - Name: build"}, {"    steps:", "    step:"}, {"name: One", "Name: One"}, {"name: Two", "id: Two"},
		{"name: Two", "name: Two."}, {"source: s3", "sorce: s3"}, {"source: s3", "src: s3"}, {"action: S3Download", "action: S3Downlod"}, {"inputs:\n          - source", "input:\n          - source"},
		{"- Ver:\n      type", "- name: Ver\n    type"},
	} {
		problems := component.Check([]byte(strings.Replace(document, mistake[0], mistake[1], 1)))
		assert.Len(t, problems, 1, "%s: %s", mistake[1], said(problems))
	}
}

func TestAnUndeclaredNameIsReportedOnce(t *testing.T) {
	const document = step + `        loop:
          forEach: ['{{ Foo }}']
        inputs:
          commands:
            - echo {{ Foo }} {{ Foo }}
            - echo {{ Foo }} {{ Bar }}
`
	problems := said(component.Check([]byte(strings.Replace(document, "%s", "ExecuteBash", 1))))
	assert.Equal(t, []string{
		`error 11:20 unknown parameter or constant "Foo" (declare it under parameters or constants)`,
		`error 12:30 unknown parameter or constant "Bar" (declare it under parameters or constants)`,
		`warning 8:22 unknown parameter or constant "Foo" (declare it under parameters or constants)`,
	}, strings.Split(problems, "\n"))
}
