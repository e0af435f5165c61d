// Package completion generates the scripts with which a shell completes the command line, from the declaration of the
// settings.
package completion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/componentcheck"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// The first arguments that select the command completion, which prints a script of this package, and the command man.
const (
	Command       = "completion"
	ManualCommand = "man"
)

// Shells returns the shells for which there is a script.
func Shells() []string { return []string{"bash", "fish", "zsh"} }

// Script returns the script for a shell. ok is false if there is none.
func Script(shell string) (script string, ok bool) {
	switch shell {
	case "bash":
		return "# Completion of ami-action for bash.\n" + words() + bash, true
	case "zsh":
		return "#compdef ami-action\n" + words() + zsh, true
	case "fish":
		return fish(), true
	}
	return "", false
}

// commands returns the words with which a command line can begin.
func commands() []string {
	commands := append(config.Words(), Command, ManualCommand, componentcheck.Command)
	slices.Sort(commands)
	return commands
}

// file is the word that stands for the names of files.
const file = "<file>"

// words returns a function for bash and zsh. The function prints what can follow the word $2 on a command line whose
// operation is $1 ("" if it has none yet): values, flags, and <file> for the names of files.
func words() string {
	var b strings.Builder
	b.WriteString("_ami_action_words() {\n  local flags\n  case \"$1\" in\n")
	for _, operation := range append(lifecycle.Operations(), "") {
		fmt.Fprintf(&b, "  %s) flags='%s' ;;\n", pattern(operation), strings.Join(flagsOf(operation), " "))
	}
	b.WriteString("  esac\n  case \"$2\" in\n")
	settings := config.Declared()
	for i := range settings {
		setting := &settings[i]
		flag := setting.Name.Flag()
		switch {
		case setting.Name == config.Events:
			fmt.Fprintf(&b, "  %s)\n    case \"$1\" in\n", flag)
			for _, operation := range append(slices.Clone(setting.UsedBy), "") {
				fmt.Fprintf(&b, "    %s) echo '%s' ;;\n", pattern(operation), strings.Join(setting.Offered(operation), " "))
			}
			b.WriteString("    esac\n    ;;\n")
		case setting.IsFile():
			fmt.Fprintf(&b, "  %s) echo '%s' ;;\n", flag, file)
		case setting.Kind == config.Boolean: // the value may be omitted
			fmt.Fprintf(&b, "  %s) echo \"%s $flags\" ;;\n", flag, strings.Join(setting.Offered(""), " "))
		default:
			fmt.Fprintf(&b, "  %s) echo '%s' ;;\n", flag, strings.Join(setting.Offered(""), " "))
		}
	}
	fmt.Fprintf(&b, "  %s) echo '%s' ;;\n", Command, strings.Join(Shells(), " "))
	fmt.Fprintf(&b, "  help) echo '%s' ;;\n", strings.Join(operations(), " "))
	fmt.Fprintf(&b, "  %s) echo '%s' ;;\n", componentcheck.Command, file)
	fmt.Fprintf(&b, "  '') echo \"%s $flags\" ;;\n  *) echo \"$flags\" ;;\n  esac\n}\n", strings.Join(commands(), " "))
	return b.String()
}

func pattern(operation lifecycle.Operation) string {
	if operation == "" {
		return "*"
	}
	return string(operation)
}

// flagsOf returns the flags that an operation uses, or all flags if the operation is "".
func flagsOf(operation lifecycle.Operation) []string {
	flags := []string{"--help"}
	settings := config.Declared()
	for i := range settings {
		if settings[i].IsUsedBy(operation) {
			flags = append(flags, settings[i].Name.Flag())
		}
	}
	return flags
}

func operations() (names []string) {
	for _, operation := range lifecycle.Operations() {
		names = append(names, string(operation))
	}
	return names
}

// bash is the rest of the script for bash. bash splits --flag=value into three words. macOS has bash 3.2, which has no
// compopt and so offers no files.
const bash = `_ami_action() {
  local current=${COMP_WORDS[COMP_CWORD]} previous='' operation='' word words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    [[ $word == = ]] && continue
    [[ $i == 1 && $word == doctor ]] && operation=AMI_DOCTOR
    [[ $previous == --operation ]] && operation=$word
    previous=$word
  done
  [[ $current == = ]] && current=''
  [[ $current == -* ]] && previous=-
  words=$(_ami_action_words "$operation" "$previous")
  COMPREPLY=()
  if [[ $words == '<file>' ]]; then
    compopt -o default 2>/dev/null
    return 0
  fi
  while IFS='' read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
}
complete -F _ami_action ami-action
`

// zsh is the rest of the script for zsh. zsh runs the file as a function if it finds it in fpath, and as a script if it is
// sourced.
const zsh = `_ami_action() {
  local current=${words[CURRENT]} previous='' operation='' word offered i
  for ((i = 2; i < CURRENT; i++)); do
    word=${words[i]}
    [[ $i == 2 && $word == doctor ]] && operation=AMI_DOCTOR
    [[ $previous == --operation ]] && operation=$word
    [[ $word == --operation=* ]] && operation=${word#*=}
    previous=$word
  done
  if [[ $current == --*=* ]]; then
    previous=${current%%=*}
    compset -P 1 '*='
  elif [[ $current == -* ]]; then
    previous=-
  fi
  offered=$(_ami_action_words "$operation" "$previous")
  if [[ $offered == '<file>' ]]; then
    _files
    return
  fi
  compadd -- ${=offered}
}
if [[ ${funcstack[1]} == _ami-action ]]; then
  _ami_action "$@"
else
  compdef _ami_action ami-action
fi
`
