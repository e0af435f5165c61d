package config

import (
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
)

// Manual returns the manual page in section 1, in the format of man(7). It has the content of [Help]. It has no date and
// no version, so that it is reproducible.
func Manual() string {
	var m manual
	m.text.WriteString(".TH AMI-ACTION 1 \"\" \"ami-action\" \"User Commands\"\n.nh\n.ad l\n") // a hyphenated flag cannot be copied
	m.section("NAME")
	m.line("ami-action - take an AMI through its lifecycle")
	m.section("SYNOPSIS")
	m.example(strings.TrimPrefix(strings.ReplaceAll(usage, "\n  ", "\n"), "Usage:\n"))
	m.section("DESCRIPTION")
	for _, text := range []string{helpIntroduction, helpSandbox, helpUI} {
		m.paragraph(text)
	}
	m.section("OPERATIONS")
	for _, operation := range lifecycle.Operations() {
		m.entry(string(operation), "", operation.Summary()+".")
		m.settings("Needs", func(s *Setting) bool { return s.isRequiredBy(operation) })
		m.settings("Takes", func(s *Setting) bool { return s.isUsedBy(operation) && !s.isRequiredBy(operation) })
		if choices := operation.Choices(); len(choices) > 0 {
			m.continued("Events: " + strings.Join(choices, ", ") + ".")
		}
	}
	m.section("OPTIONS")
	for i := range declared {
		setting := &declared[i]
		m.entry(setting.Name.Flag(), setting.Placeholder, setting.text())
		if setting.Repeats() {
			m.continued("Repeat it for several.")
		}
	}
	m.section("ENVIRONMENT")
	for _, text := range helpEnvironment {
		m.paragraph(text)
	}
	m.section("EXIT STATUS")
	for _, entry := range exitcode.Entries() {
		m.entry(entry.Code, "", entry.Meaning)
	}
	m.section("EXAMPLES")
	for _, group := range helpGroups {
		m.paragraph(group.title + ":")
		m.example(group.example)
	}
	return m.text.String()
}

// manual is a page in the format of man(7).
type manual struct{ text strings.Builder }

func (m *manual) section(title string) { m.text.WriteString(".SH " + title + "\n") }

// line writes one line of text. It writes each hyphen as a minus sign, so that users can copy a flag from the page.
func (m *manual) line(text string) {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	m.text.WriteString(text + "\n")
}

func (m *manual) paragraph(text string) {
	m.text.WriteString(".PP\n")
	m.line(text)
}

// entry writes a term, the placeholder of its value, and what it means.
func (m *manual) entry(term, placeholder, text string) {
	m.text.WriteString(".TP\n\\fB" + strings.ReplaceAll(term, "-", `\-`) + "\\fR")
	if placeholder != "" {
		m.text.WriteString(" \\fI" + placeholder + "\\fR")
	}
	m.text.WriteString("\n")
	m.line(text)
}

// continued writes another line of an entry.
func (m *manual) continued(text string) {
	m.text.WriteString(".br\n")
	m.line(text)
}

// settings lists the flags for which holds returns true, except those that all operations use.
func (m *manual) settings(title string, holds func(*Setting) bool) {
	var flags []string
	for i := range declared {
		if s := &declared[i]; s.Name != Operation && !s.isCommon() && holds(s) {
			flags = append(flags, s.Name.Flag())
		}
	}
	if len(flags) > 0 {
		m.continued(fmt.Sprintf("%s %s.", title, strings.Join(flags, ", ")))
	}
}

func (m *manual) example(text string) {
	m.text.WriteString(".PP\n.EX\n")
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		m.line(line)
	}
	m.text.WriteString(".EE\n")
}
