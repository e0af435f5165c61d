package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

var rules = map[string]rule{"GitLab": nodes, "text into text": text, "gitlab-ci-local": emulated}

// awkward are one-line texts that YAML, a shell or the expansion of variables could misinterpret.
var awkward = []string{
	`"double" and 'single' and "unpaired`, `'`, `# no comment`, `a #b`, `key: value`, `- item`, `? key`, `: `,
	`$CI_JOB_TOKEN $$ ${X} $$$ $`, `100 % %s %TEMP%`, "`date` $(date)", `{a: [b]}`, `*alias &anchor !tag @at`,
	`---`, `...`, `|`, `>-`, `~`, `null`, `NULL`, `yes`, `0x10`, `1.0`, `<<`, `%YAML`, `=`, `a,b`, `a;b&c|d`,
	`Grüße 日本語 🚀 é`, `-`, `[`, `]`, `{{ x }}`, `#{x} #$y #@z`, `a::b`, "no\u00a0break",
}

// component loads the settings as the command of a component's job does. given are the inputs, which the rule of a system
// inserts into the template.
func component(t *testing.T, rule rule, given map[string]any) (*config.Settings, map[string]string, error) {
	t.Helper()
	body, err := templateBody()
	require.NoError(t, err)
	var header struct {
		Spec struct{ Inputs map[string]input }
	}
	read(t, "templates/gitlab/template.yml", &header)
	inputs := map[string]any{}
	for name, declared := range header.Spec.Inputs {
		inputs[name] = declared.Default
	}
	maps.Copy(inputs, map[string]any{
		"operation": "AMI_CREATE", "events": []any{"SMOKE_TESTS", "VULNERABILITY_SCANS"}, "product_name": "Demo",
		"product_ver": "1.0.0", "notifications": []any{"EMAIL::me@example.com"}, "commit_ref": "c0ffee", "owner": "me", "stack_tag": "main",
	})
	maps.Copy(inputs, given)
	variables, err := rule(body, inputs)
	require.NoError(t, err)
	var environ []string
	for name, value := range variables {
		environ = append(environ, name+"="+value)
	}
	settings, err := config.Load(nil, environ, config.Implied{}, config.GitLabComponent)
	return settings, variables, err
}

func TestAnAwkwardTextArrivesWhole(t *testing.T) {
	for system, rule := range rules {
		t.Run(system, func(t *testing.T) {
			for _, value := range append(awkward, `back\slash \n \\ \0 \1`, `  blanks around  `) {
				settings, variables, err := component(t, rule, map[string]any{"owner": value})
				assert.Equal(t, strings.TrimSpace(value), strings.TrimSpace(variables["INPUT_OWNER"]))
				if isMeantForAnotherProgram(value) {
					assert.ErrorContains(t, err, "is not expanded; variables are not expanded in the component's inputs", value)
					continue
				}
				require.NoError(t, err, value)
				assert.Equal(t, strings.TrimSpace(value), settings.Owner)
			}
		})
	}
}

// isMeantForAnotherProgram reports whether a text contains a part that a shell, a pipeline or a template should have
// replaced.
func isMeantForAnotherProgram(value string) bool {
	return strings.Contains(value, "$CI_") || strings.Contains(value, "%TEMP%") || strings.Contains(value, "$(") ||
		strings.Contains(value, "{{") || strings.Contains(value, "#$y")
}

func TestAnAwkwardEntryOfAListArrivesWhole(t *testing.T) {
	several := []string{"tab\tin it", "two\nlines", "\nbreaks around\n", "line\r\nbreaks", "", "INPUT_DRY_RUN: true\n    INPUT_X: y"}
	for system, rule := range rules {
		t.Run(system, func(t *testing.T) {
			values := append(awkward, several...)
			if system != "GitLab" {
				// GitLab itself cannot distinguish a backslash before an "n" from a line break (docs/gitlab.md).
				values = append(values, `back\slash \n \\`)
			}
			for _, value := range values {
				settings, _, err := component(t, rule, map[string]any{"properties": []any{"KEY::" + value + "|", "OTHER::1"}})
				require.NoError(t, err, value)
				assert.Equal(t, map[string]string{"KEY": value + "|", "OTHER": "1"}, settings.Properties)
			}
			var entries []any
			targets := slices.DeleteFunc(slices.Clone(awkward), isMeantForAnotherProgram)
			for _, value := range targets {
				entries = append(entries, "HOOK::"+value)
			}
			settings, _, err := component(t, rule, map[string]any{"notifications": entries})
			require.NoError(t, err)
			for i, value := range targets {
				assert.Equal(t, strings.TrimSpace(value), strings.TrimSpace(settings.Notifications[i].Target))
			}
		})
	}
}

func TestALineBreakInATextOfOneLineIsRefusedByName(t *testing.T) {
	for _, system := range []string{"GitLab", "gitlab-ci-local"} {
		_, variables, err := component(t, rules[system], map[string]any{"product_name": "a\nINPUT_DRY_RUN: true"})
		assert.Equal(t, "a\nINPUT_DRY_RUN: true", variables["INPUT_PRODUCT_NAME"], "it has arrived whole")
		assert.ErrorContains(t, err, "input product_name must not contain a line break")
		settings, _, err := component(t, rules[system], map[string]any{"product_name": "of a YAML block\n"})
		require.NoError(t, err)
		assert.Equal(t, "of a YAML block", settings.ProductName)
	}
}

func TestWhatNobodyGaveIsNotThere(t *testing.T) {
	for system, rule := range rules {
		t.Run(system, func(t *testing.T) {
			settings, _, err := component(t, rule, nil)
			require.NoError(t, err)
			assert.Equal(t, []string{"SMOKE_TESTS", "VULNERABILITY_SCANS"}, settings.Events)
			assert.Equal(t, []lifecycle.Notification{{Method: "EMAIL", Target: "me@example.com"}}, settings.Notifications)
			assert.Empty(t, settings.Properties)
			assert.Empty(t, settings.LifecycleID)
			assert.Equal(t, lifecycle.Create, settings.Operation)
			assert.True(t, settings.Wait)
			assert.False(t, settings.DryRun)
			assert.Equal(t, gitlabPage, settings.ReportFile)

			settings, _, err = component(t, rule, map[string]any{"wait": false, "dry_run": true})
			require.NoError(t, err)
			assert.False(t, settings.Wait)
			assert.True(t, settings.DryRun)

			_, _, err = component(t, rule, map[string]any{"owner": "", "events": []any{}})
			assert.ErrorContains(t, err, "input owner is missing")
			assert.ErrorContains(t, err, "input events is missing")
		})
	}
}
