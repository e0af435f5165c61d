package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// Given must return the values from which Arguments has made a command line.
func TestArgumentsAreReadAsTheirValues(t *testing.T) {
	values := config.Values{
		config.Events: {"SMOKE_TESTS", "VULNERABILITY_SCANS"}, config.LifecycleID: {"bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7"},
		config.Owner: {"it's me"}, config.StackTag: {"-main"}, config.Notifications: {"EMAIL::me@example.com"},
		config.Wait: {"false"}, config.Sandbox: {"true"}, config.CommitRef: {"abc"},
		config.ProductName: {"is not used by an update"},
	}
	args := config.Arguments(lifecycle.CreateUpdate, values)
	given := config.Given(args)
	assert.Equal(t, []string{"AMI_CREATE_UPDATE"}, given[config.Operation])
	for _, name := range []config.Name{config.Events, config.LifecycleID, config.Owner, config.StackTag, config.Notifications, config.Wait, config.Sandbox} {
		assert.Equal(t, values[name], given[name], name)
	}
	assert.NotContains(t, given, config.ProductName)
	settings, err := config.Load(args, nil, config.Implied{}, config.CommandLine)
	require.NoError(t, err)
	assert.Equal(t, "it's me", settings.Owner)
	assert.True(t, settings.Sandbox)
	assert.False(t, settings.Wait)
	line := config.ShellLine(args)
	assert.Contains(t, line, `--owner 'it'\''s me' --stackTag=-main`)
	assert.Contains(t, config.ShellLines(args), " \\\n  --owner 'it'\\''s me' \\\n  --stackTag=-main")
}
