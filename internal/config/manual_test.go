package config_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
)

func TestTheManualHasEverySettingOperationAndExitCode(t *testing.T) {
	manual := strings.ReplaceAll(config.Manual(), `\-`, "-")
	for _, setting := range config.Declared() {
		assert.Contains(t, manual, `\fB`+setting.Name.Flag()+`\fR`)
		assert.Contains(t, manual, setting.Brief())
	}
	for _, operation := range lifecycle.Operations() {
		assert.Contains(t, manual, `\fB`+string(operation)+`\fR`)
	}
	for _, code := range exitcode.Entries() {
		assert.Contains(t, manual, code.Meaning)
	}
}

// The tools for manual pages that are installed must read it without a warning.
func TestTheManualIsWellFormed(t *testing.T) {
	for name, args := range map[string][]string{
		"groff":  {"-man", "-Tascii", "-ww", "-z"},
		"mandoc": {"-man", "-Tlint", "-Wwarning"},
	} {
		t.Run(name, func(t *testing.T) {
			program, err := exec.LookPath(name)
			if err != nil {
				t.Skip(err)
			}
			c := exec.CommandContext(t.Context(), program, args...)
			c.Stdin = strings.NewReader(config.Manual())
			said, err := c.CombinedOutput()
			require.NoError(t, err, "%s", said)
			assert.Empty(t, string(said))
		})
	}
}
