package completion

import (
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/componentcheck"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// fishIntroduction is the beginning of the script: the two functions that the conditions call.
const fishIntroduction = `# Completion of ami-action for fish.
# Succeeds if the operation on the command line is one of the arguments, or if none is named.
function __ami_action_uses
    set -l words (commandline -opc)
    set -l operation
    if test "$words[2]" = doctor
        set operation AMI_DOCTOR
    end
    set -l previous
    for word in $words
        if test "$previous" = --operation
            set operation $word
        else if string match -q -- '--operation=*' $word
            set operation (string replace -- --operation= '' $word)
        end
        set previous $word
    end
    test -z "$operation"; or contains -- $operation $argv
end
# Succeeds if the word before the cursor is the argument; without one, if the command line is empty.
function __ami_action_after
    set -l words (commandline -opc)
    test "$words[2..-1]" = "$argv"
end
complete -c ami-action -f
`

// fish returns the script for fish.
func fish() string {
	var b strings.Builder
	b.WriteString(fishIntroduction)
	for _, first := range []struct {
		after string
		words []string
	}{{"", commands()}, {Command, Shells()}, {"help", operations()}} {
		fmt.Fprintf(&b, "complete -c ami-action -n '__ami_action_after %s' -a '%s'\n", first.after, strings.Join(first.words, " "))
	}
	fmt.Fprintf(&b, "complete -c ami-action -n '__ami_action_after %s' -F\n", componentcheck.Command)
	b.WriteString("complete -c ami-action -l help -d 'Show the help'\n")
	settings := config.Declared()
	for i := range settings {
		setting := &settings[i]
		if setting.Name != config.Events {
			fishFlag(&b, setting, setting.UsedBy, setting.Offered(""))
			continue
		}
		for _, operation := range setting.UsedBy {
			fishFlag(&b, setting, []lifecycle.Operation{operation}, setting.Offered(operation))
		}
	}
	return b.String()
}

// fishFlag writes the completion of a flag and its values, for some operations.
func fishFlag(b *strings.Builder, setting *config.Setting, operations []lifecycle.Operation, values []string) {
	condition := "__ami_action_uses"
	for _, operation := range operations {
		condition += " " + string(operation)
	}
	fmt.Fprintf(b, "complete -c ami-action -n '%s' -l %s -d %s", condition, setting.Name, fishQuoted(setting.Brief()))
	switch {
	case setting.IsFile():
		b.WriteString(" -r -F")
	case setting.Kind != config.Boolean:
		b.WriteString(" -x")
	}
	if len(values) > 0 {
		fmt.Fprintf(b, " -a '%s'", strings.Join(values, " "))
	}
	b.WriteString("\n")
}

func fishQuoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
