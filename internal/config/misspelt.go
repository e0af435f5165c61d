package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/joboutput"
	"github.com/org/ami-action/internal/spelling"
)

// warnOfMisspelt warns of each variable whose name is a misspelling of a setting's: without its setting, a job could run
// without the gate that its author wrote. It is no error, because the variable may be meant for something else.
func (r *reading) warnOfMisspelt() {
	var variables, inputs []string
	for i := range declared {
		if setting := &declared[i]; !setting.NoVariable {
			variables = append(variables, setting.Name.Variable())
		}
		if setting := &declared[i]; !setting.CommandLineOnly {
			inputs = append(inputs, setting.Name.inputVariable())
		}
	}
	outputs := map[string]bool{}
	for _, output := range joboutput.All() {
		outputs[output.Variable] = true
	}
	for _, name := range slices.Sorted(maps.Keys(r.environment)) {
		if strings.TrimSpace(r.environment[name]) == "" || outputs[name] {
			continue
		}
		if meant := misspelt(name, "AMI_", variables); meant != "" {
			r.warn("", "did you mean "+meant+"?", "the variable %s is unknown and has no effect", name)
		}
		// Only the action has the input matrix. Elsewhere, such a variable is the input of another action.
		if r.platform != GitHubAction || r.environment["INPUT_MATRIX"] == "" {
			continue
		}
		if meant := misspelt(name, "INPUT_", inputs); meant != "" {
			r.warn("", "did you mean "+strings.ToLower(strings.TrimPrefix(meant, "INPUT_"))+"?",
				"input %s is unknown and has no effect", strings.ToLower(strings.TrimPrefix(name, "INPUT_")))
		}
	}
}

// misspelt returns the name of which name is a misspelling, or "". All begin with the prefix.
func misspelt(name, prefix string, names []string) string {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok || slices.Contains(names, name) {
		return ""
	}
	known := make([]string, len(names))
	for i := range names {
		known[i] = strings.TrimPrefix(names[i], prefix)
	}
	// A name that only lacks the last words of a setting's, such as AMI_PRODUCT, is more likely a name of its own.
	if meant, ok := spelling.Misspelled(rest, known); ok && !strings.HasPrefix(meant, rest+"_") {
		return prefix + meant
	}
	return ""
}
