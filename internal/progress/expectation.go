package progress

import (
	"fmt"
	"strings"
	"time"
)

// expectation returns the separator and how long earlier events of this kind took, with the time at which the event in
// progress is expected to end. It returns "" if there were no earlier events. The time is left out once it has passed,
// because an event that takes longer is not a problem.
func (r *Reporter) expectation(separator string) string {
	if r.usual.Events == 0 {
		return ""
	}
	text := "usually " + rounded(r.usual.Median)
	if r.usual.Events == 1 {
		text = "the last one took " + rounded(r.usual.Median)
	}
	if time.Now().Before(r.expected) {
		text += "; expected at " + r.expected.UTC().Format("15:04 UTC")
	}
	return separator + text
}

// rounded formats a duration for people: 42m, 1h05m, 50s.
func rounded(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return Short(d)
	case d.Round(time.Minute) < time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	minutes := int(d.Round(time.Minute).Minutes())
	return fmt.Sprintf("%dh%02dm", minutes/60, minutes%60)
}
