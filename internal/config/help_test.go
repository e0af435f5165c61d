package config_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
)

func TestHelpNamesEverySettingOperationAndExitCode(t *testing.T) {
	help := config.Help("", 80)
	for _, setting := range config.Declared() {
		assert.Contains(t, help, "\n  "+setting.Name.Flag())
	}
	for _, operation := range lifecycle.Operations() {
		assert.Contains(t, help, "\n  "+string(operation)+"\n")
	}
	for _, code := range exitcode.Entries() {
		assert.Contains(t, help, "\n  "+code.Code+" ")
	}
}

func TestHelpFitsTheTerminal(t *testing.T) {
	for _, line := range strings.Split(config.Help("", 80), "\n") {
		assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		assert.Equal(t, strings.TrimRight(line, " "), line, "a line ends in blanks")
	}
}

func TestHelpSaysOfEachOperationWhatItNeeds(t *testing.T) {
	_, patch, found := strings.Cut(config.Help("", 80), "\n  AMI_PATCH\n")
	assert.True(t, found)
	patch, _, _ = strings.Cut(patch, "\n  AMI_PATCH_UPDATE\n")
	for _, needed := range []config.Name{config.LifecycleID, config.PatchComponent, config.SemverBumpType} {
		assert.Contains(t, patch, needed.Flag())
	}
	assert.NotContains(t, patch, config.CertificationStatus.Flag())
}
