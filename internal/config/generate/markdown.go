package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/joboutput"
	"github.com/org/ami-action/internal/lifecycle"
)

func settingsTables() string {
	var table strings.Builder
	table.WriteString("\n| flag | variable | input | what it does |\n| --- | --- | --- | --- |\n")
	for _, setting := range config.Declared() {
		flag := code(setting.Name.Flag())
		if setting.Placeholder != "" {
			flag = code(setting.Name.Flag() + " " + setting.Placeholder)
		}
		if setting.Repeats() {
			flag += " (repeat)"
		}
		input := "–"
		if !setting.CommandLineOnly {
			input = code(setting.Name.Input())
		}
		variable := code(setting.Name.Variable())
		if setting.NoVariable {
			variable = "–"
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", flag, variable, input, explained(setting))
	}
	table.WriteString("\n")
	return table.String()
}

func explained(setting config.Setting) string {
	text := cell(setting.Description)
	if len(setting.Options) > 0 && setting.Name != config.Operation {
		text += " Must be one of " + strings.Join(codes(setting.Options), ", ") + "."
	}
	switch {
	case setting.Default != "":
		text += " Default: " + code(setting.Default) + "."
	case setting.DefaultText() != "":
		text += " Default: " + cell(setting.DefaultText()) + "."
	}
	return text
}

func operationsTable() string {
	var table strings.Builder
	table.WriteString("\n| operation | what it does | needs | takes also | events |\n| --- | --- | --- | --- | --- |\n")
	for _, operation := range lifecycle.Operations() {
		var needs, takes []string
		for _, setting := range config.Declared() {
			switch {
			case setting.Name == config.Operation || len(setting.UsedBy) == len(lifecycle.Operations()):
			case slices.Contains(setting.RequiredBy, operation):
				needs = append(needs, string(setting.Name))
			case slices.Contains(setting.UsedBy, operation):
				takes = append(takes, string(setting.Name))
			}
		}
		var events []string
		if operation.TakesEvents() {
			events = operation.Choices()
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", code(string(operation)), operation.Summary(),
			orDash(codes(needs)), orDash(codes(takes)), orDash(codes(events)))
	}
	table.WriteString("\n")
	return table.String()
}

func outputsTable() string {
	var table strings.Builder
	table.WriteString("\n| GitHub output | GitLab variable | what it is |\n| --- | --- | --- |\n")
	for _, output := range joboutput.All() {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", code(output.Name), code(output.Variable), cell(output.Description))
	}
	table.WriteString("\n")
	return table.String()
}

func exitCodesTable() string {
	var table strings.Builder
	table.WriteString("\n| exit code | name | what it means |\n| --- | --- | --- |\n")
	for _, exit := range exitcode.Entries() {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", exit.Code, exit.Name, cell(exit.Meaning))
	}
	table.WriteString("\n")
	return table.String()
}

func code(text string) string { return "`" + cell(text) + "`" }

func codes(texts []string) []string {
	marked := make([]string, len(texts))
	for i, text := range texts {
		marked[i] = code(text)
	}
	return marked
}

func orDash(texts []string) string {
	if len(texts) == 0 {
		return "–"
	}
	return strings.Join(texts, ", ")
}

// cell escapes what would end a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
