package joboutput_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/joboutput"
)

func TestOnlyTheLifecycleIDIsASettingOfLaterJobs(t *testing.T) {
	settings := map[string]bool{}
	for _, setting := range config.Declared() {
		settings[setting.Name.Variable()] = !setting.NoVariable
	}
	variables := map[string]bool{}
	for _, output := range joboutput.All() {
		assert.True(t, joboutput.IsName(output.Name))
		assert.False(t, variables[output.Variable], "%s is two outputs", output.Variable)
		variables[output.Variable] = true
		assert.Equal(t, output.Name == "lifecycle_id", settings[output.Variable],
			"a dotenv variable that is a setting changes later jobs: %s", output.Variable)
	}
	assert.False(t, joboutput.IsName("AMI_STATUS"))
}
