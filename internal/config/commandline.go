package config

import (
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// Values holds the values of settings on a command line, as the user writes them. A list has several.
type Values map[Name][]string

// Given returns the values that the arguments give. It does not report problems; [Load] does.
func Given(args []string) Values {
	given, err := readFlags(args, &Problems{})
	if err != nil {
		return Values{}
	}
	return given
}

// Arguments returns the arguments with which [Load] reads the operation and these values, in the order in
// which the settings are declared. It leaves out values that the operation does not use.
func Arguments(operation lifecycle.Operation, values Values) []string {
	args := []string{Mode.Flag(), ModeBatch, Operation.Flag(), string(operation)}
	for i := range declared {
		setting := &declared[i]
		if setting.Name == Mode || setting.Name == Operation || !slices.Contains(setting.UsedBy, operation) {
			continue
		}
		for _, value := range values[setting.Name] {
			switch {
			case setting.Kind == Boolean && value == "true":
				args = append(args, setting.Name.Flag())
			case setting.Kind == Boolean || strings.HasPrefix(value, "-"):
				args = append(args, setting.Name.Flag()+"="+value)
			default:
				args = append(args, setting.Name.Flag(), value)
			}
		}
	}
	return args
}

// ShellLine returns the command line that runs this command with the arguments in a POSIX shell.
func ShellLine(args []string) string {
	line := "ami-action"
	for _, arg := range args {
		line += " " + quotedForShell(arg)
	}
	return line
}

// ShellLines is ShellLine with each flag on its own line, which is easier to read and to copy.
func ShellLines(args []string) string {
	text := "ami-action"
	for _, arg := range args {
		if strings.HasPrefix(arg, "--") {
			text += " \\\n  " + quotedForShell(arg)
			continue
		}
		text += " " + quotedForShell(arg)
	}
	return text
}

// quotedForShell quotes a value for a POSIX shell if it needs quotes.
func quotedForShell(value string) string {
	plain := func(c rune) bool {
		return strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,", c)
	}
	if value != "" && strings.IndexFunc(value, func(c rune) bool { return !plain(c) }) < 0 {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
