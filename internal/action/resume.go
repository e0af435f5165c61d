package action

import (
	"slices"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// resume is the command line that goes on waiting for what is under way, or "" where nothing is.
func (r *run) resume() string {
	if r.record.LifecycleID == "" || !r.Settings.Operation.Waits() {
		return ""
	}
	s := r.Settings
	var line []string
	add := func(name config.Name, value string) {
		line = append(line, name.Flag(), value)
	}
	add(config.Operation, string(lifecycle.Wait))
	add(config.LifecycleID, r.record.LifecycleID)
	if s.Operation != lifecycle.Wait || len(s.Events) > 0 { // a wait for all that stands goes on as one
		for _, event := range r.waitedFor {
			add(config.Events, event.String())
		}
	}
	if s.FailOnSeverity != "" {
		add(config.FailOnSeverity, string(s.FailOnSeverity))
	}
	// Which deployment is meant goes with it: the same id means nothing elsewhere.
	for _, where := range []struct {
		name  config.Name
		value string
	}{
		{config.StackName, s.StackName}, {config.APIEndpoint, s.APIEndpoint}, {config.APIKeyPrefix, s.APIKeyPrefix},
		{config.SandboxDir, s.SandboxDir},
	} {
		if where.value != defaultOf(where.name) && (where.name != config.SandboxDir || s.Sandbox) {
			add(where.name, where.value)
		}
	}
	if s.Sandbox {
		line = append(line, config.Sandbox.Flag())
	}
	return config.ShellLine(line)
}

func defaultOf(name config.Name) string {
	declared := config.Declared()
	return declared[slices.IndexFunc(declared, func(s config.Setting) bool { return s.Name == name })].Default
}
