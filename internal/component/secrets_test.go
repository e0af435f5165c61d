package component_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/component"
)

const command = step + "        inputs:\n          commands:\n            - %s\n"

// The canary is no real secret. It is put together here, so that no scanner takes it for one.
var canary = strings.Repeat("Qx7", 13) + "Z"

// A line is shown only in part if it is long. What redaction knows a secret by, the name before it, must not be cut off.
func TestAnExcerptNeverShowsASecretWithoutTheNameThatWouldHideIt(t *testing.T) {
	for _, line := range []string{
		"export AWS_SECRET_ACCESS_KEY=" + canary + " {{ Foo }}",
		`curl -H "Authorization: Bearer ` + canary + `" {{ Foo }}`,
		strings.Repeat("x ", 40) + "password=" + canary + " {{ Foo }}",
		"{{ Foo }} " + strings.Repeat("y", 30) + " db_password: " + canary,
		"{{ Foo }} " + strings.Repeat("y ", 34) + canary,
	} {
		problems := component.Check(fmt.Appendf(nil, command, "ExecuteBash", "'"+line+"'"))
		require.NotEmpty(t, problems, line)
		for length := 8; length <= len(canary); length += 4 {
			if strings.Contains(line, " "+canary) && !strings.Contains(line, ": "+canary) {
				continue // nothing names it, but it must be shown whole, so that a secret that the process knows is recognized
			}
			assert.NotContains(t, text(problems), canary[:length], line)
			assert.NotContains(t, text(problems), canary[len(canary)-length:], line)
		}
		if shown := text(problems); strings.Contains(shown, canary[:8]) {
			assert.Contains(t, shown, canary, "a part of a word")
		}
		assert.Contains(t, problems[0].Source, "{{ Foo }}")
	}
}

func TestASecretInTheDocumentIsWarnedAboutAndNotShown(t *testing.T) {
	for name, secret := range map[string]string{
		"access key":       "AKIA" + strings.Repeat("Z", 16),
		"temporary key":    "ASIA" + strings.Repeat("2", 16),
		"secret key":       "aws_secret_access_key = " + canary,
		"private key":      "-----BEGIN RSA " + "PRIVATE KEY-----",
		"token of GitHub":  "ghp_" + strings.Repeat("a", 36),
		"token of GitLab":  "glpat-" + strings.Repeat("a", 20),
		"token of Slack":   "xoxb-" + strings.Repeat("1", 12),
		"in a description": "github_pat_" + strings.Repeat("B", 30),
	} {
		problems := component.Check(fmt.Appendf(nil, command, "ExecuteBash", "'echo "+secret+" x'"))
		if assert.Len(t, problems, 1, name) {
			assert.True(t, problems[0].Warning, name)
			assert.Equal(t, 9, problems[0].Line, name)
			assert.Contains(t, problems[0].Message, "looks like", name)
			assert.Contains(t, problems[0].Hint, "aws:ssm:", name)
			if !strings.Contains(secret, "PRIVATE KEY") {
				assert.NotContains(t, text(problems), secret, name)
			}
		}
	}
	for _, harmless := range []string{
		"AWS_SECRET_ACCESS_KEY={{ aws:ssm:/x }}", "export AWS_SECRET_ACCESS_KEY=$KEY", "grep -c AKIA /etc/x", "ssh-keygen -t rsa", "echo ghp_x",
		"AKIAIOSFODNN7EXAMPLE",
	} {
		assert.Empty(t, component.Check(fmt.Appendf(nil, command, "ExecuteBash", "'"+harmless+"'")), harmless)
	}
}
