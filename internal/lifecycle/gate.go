package lifecycle

import "fmt"

// Gate is the result of checking a scan's findings against a severity.
type Gate struct {
	// Least is the lowest severity that does not pass.
	Least Severity
	// Found counts the findings that do not pass. Untriaged of them have no severity yet. Those always count, because
	// they may be severe.
	Found, Untriaged int
	// Unreadable is set if the counts cannot be read or contradict each other. Such counts prove nothing.
	Unreadable bool
}

// Against checks the findings against least, the lowest severity that does not pass.
func (f *Findings) Against(least Severity) Gate {
	return Gate{Least: least, Found: f.AtLeast(least), Untriaged: f.BySeverity[Untriaged], Unreadable: f.Unreadable}
}

// Passed reports whether the scan proves that it found nothing of severity Least or worse.
func (g Gate) Passed() bool { return g.Found == 0 && !g.Unreadable }

// String describes the findings, for example "2 findings of severity HIGH or worse (1 of them not triaged yet)".
func (g Gate) String() string {
	if g.Unreadable {
		return "counts that are unreadable or contradict each other, so the result is unknown"
	}
	findings := "findings"
	if g.Found == 1 {
		findings = "finding"
	}
	text := fmt.Sprintf("%d %s of severity %s or worse", g.Found, findings, g.Least)
	if g.Untriaged > 0 {
		text += fmt.Sprintf(" (%d of them not triaged yet)", g.Untriaged)
	}
	return text
}
