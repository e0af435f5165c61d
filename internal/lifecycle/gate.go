package lifecycle

import "fmt"

// Gate is a scan's findings measured against the least severity that must not pass.
type Gate struct {
	Least Severity
	// Found counts the findings that do not pass. Untriaged of them have no severity yet: they count
	// always, because nobody has said that they are harmless.
	Found, Untriaged int
	// Unreadable is set when the counts cannot be read or contradict each other: they prove nothing.
	Unreadable bool
}

// Against measures the findings against the least severity that must not pass.
func (f *Findings) Against(least Severity) Gate {
	return Gate{Least: least, Found: f.AtLeast(least), Untriaged: f.BySeverity[Untriaged], Unreadable: f.Unreadable}
}

// Passed reports whether the scan proves that nothing of that severity was found.
func (g Gate) Passed() bool { return g.Found == 0 && !g.Unreadable }

// String says what was found, such as "2 findings of severity HIGH or worse (1 of them not triaged yet)".
func (g Gate) String() string {
	if g.Unreadable {
		return "counts that are unreadable or contradict each other, so they prove nothing"
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
