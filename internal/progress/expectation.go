package progress

import (
	"fmt"
	"strings"
	"time"
)

// expectation says after the separator how long events like the one in progress took before, and when it would end then; ""
// where no earlier event tells. Once that time has passed it says nothing: an event that takes longer is no news until
// it fails.
func (s *Story) expectation(separator string) string {
	if s.usual.Events == 0 {
		return ""
	}
	text := "usually " + rounded(s.usual.Median)
	if s.usual.Events == 1 {
		text = "the last one took " + rounded(s.usual.Median)
	}
	if time.Now().Before(s.expected) {
		text += "; expected at " + s.expected.UTC().Format("15:04 UTC")
	}
	return separator + text
}

// rounded is a length of time as people tell it: 42m, 1h05m, 50s.
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
