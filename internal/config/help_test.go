package config_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	for _, width := range []int{0, 80, 100, 200} {
		limit := width
		if width == 0 {
			limit = config.DefaultWidth
		}
		pages := []string{config.Help("", width), config.Usage(width)}
		for _, operation := range lifecycle.Operations() {
			pages = append(pages, config.Help(operation, width))
		}
		for _, page := range pages {
			for _, line := range strings.Split(page, "\n") {
				assert.LessOrEqual(t, utf8.RuneCountInString(line), limit, line)
				assert.Equal(t, strings.TrimRight(line, " "), line, "a line ends in spaces")
			}
		}
	}
}

func TestEachOperationHasAPageOfItsOwn(t *testing.T) {
	for _, operation := range lifecycle.Operations() {
		page := config.Help(operation, 80)
		assert.Contains(t, page, operation.Summary())
		assert.Contains(t, page, "\nExample\n", operation)
		for _, setting := range config.Declared() {
			isShown := strings.Contains(page, "\n  "+setting.Name.Flag()+" ") || strings.Contains(page, "\n  "+setting.Name.Flag()+"\n")
			assert.Equal(t, slices.Contains(setting.UsedBy, operation) && setting.Name != config.Operation, isShown, "%s %s", operation, setting.Name)
		}
	}
}

func TestHelpIsAboutTheOperationThatIsNamed(t *testing.T) {
	for _, row := range []struct {
		args []string
		want lifecycle.Operation
	}{
		{[]string{"--help"}, ""},
		{[]string{"help"}, ""},
		{[]string{"--operation", "AMI_PATCH", "--help"}, lifecycle.Patch},
		{[]string{"-h", "--operation=ami_patch"}, lifecycle.Patch},
		{[]string{"--help", "AMI_PATCH"}, lifecycle.Patch},
		{[]string{"help", "AMI_WAIT"}, lifecycle.Wait},
	} {
		_, err := config.Load(row.args, nil, config.Implied{}, config.CommandLine)
		var help *config.HelpRequest
		require.ErrorAs(t, err, &help, row.args)
		assert.Equal(t, row.want, help.Operation, row.args)
	}
}

func TestWithoutArgumentsThereIsTheUsage(t *testing.T) {
	_, err := config.Load(nil, nil, config.Implied{}, config.CommandLine)
	assert.ErrorIs(t, err, config.ErrUsage)
	_, err = config.Load([]string{"version"}, nil, config.Implied{}, config.CommandLine)
	assert.ErrorIs(t, err, config.ErrVersion)
	// In a pipeline there is no command line to use.
	assert.Contains(t, faults(t, nil, nil, config.GitHubAction)[0], "input operation is missing")
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
