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
	var variables, inputs []string // without their prefixes
	for i := range declared {
		setting := &declared[i]
		if !setting.NoVariable {
			variables = append(variables, strings.TrimPrefix(setting.Name.Variable(), "AMI_"))
		}
		if !setting.CommandLineOnly {
			inputs = append(inputs, strings.TrimPrefix(setting.Name.inputVariable(), "INPUT_"))
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
			r.warn("", "did you mean AMI_"+meant+"?", "the variable %s is unknown and has no effect", name)
		}
		// Only the action has the input matrix. Elsewhere, such a variable is the input of another action.
		if r.platform != GitHubAction || r.environment["INPUT_MATRIX"] == "" {
			continue
		}
		if meant := misspelt(name, "INPUT_", inputs); meant != "" {
			r.warn("", "did you mean "+strings.ToLower(meant)+"?",
				"input %s is unknown and has no effect", strings.ToLower(strings.TrimPrefix(name, "INPUT_")))
		}
	}
}

// misspelt returns the one of the names that is meant by name, or "". Only name has the prefix.
func misspelt(name, prefix string, names []string) string {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok || slices.Contains(names, rest) {
		return ""
	}
	// A name that only lacks the last words of a setting's, such as AMI_PRODUCT, is more likely a name of its own.
	if meant, ok := spelling.Misspelled(rest, names); ok && !strings.HasPrefix(meant, rest+"_") {
		return meant
	}
	return ""
}
