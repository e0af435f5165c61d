package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// mermaidTime is the form of dateFormat in mermaidGantt. It has no zone: every date is UTC, and mermaid
// shows it as it is written.
const mermaidTime = "2006-01-02T15:04:05"

// mermaidGantt returns the events that have begun as a mermaid gantt, or "" where none has. An event whose
// start is not known is a milestone at its end: no bar claims more than is known.
func mermaidGantt(v view) string {
	var tasks strings.Builder
	var first, last time.Time
	for _, phase := range v.Phases {
		section := "    section " + phase.Name + "\n"
		for _, row := range phase.Rows {
			start, end := barOf(row, v.Now)
			if end.IsZero() {
				continue
			}
			if first.IsZero() || start.Before(first) {
				first = start
			}
			if end.After(last) {
				last = end
			}
			tasks.WriteString(section)
			section = ""
			name := mermaidText(row.Title)
			if took := span(row.Took); took != "" {
				name += " (" + took + ")"
			}
			tag := mermaidTag(row.State)
			if start.Equal(end) {
				fmt.Fprintf(&tasks, "    %s :milestone, %s%s, 0s\n", name, tag, start.Format(mermaidTime))
				continue
			}
			fmt.Fprintf(&tasks, "    %s :%s%s, %s\n", name, tag, start.Format(mermaidTime), end.Format(mermaidTime))
		}
	}
	if tasks.Len() == 0 {
		return ""
	}
	axis := "%H:%M"
	switch length := last.Sub(first); {
	case length > 20*time.Hour:
		axis = "%b %d %H:%M"
	case length < 10*time.Minute:
		axis = "%H:%M:%S"
	}
	return "gantt\n    dateFormat YYYY-MM-DDTHH:mm:ss\n    axisFormat " + axis + "\n    todayMarker off\n" + tasks.String()
}

func mermaidTag(state string) string {
	switch state {
	case stateCompleted:
		return "done, "
	case stateRunning, string(lifecycle.InProgress):
		return "active, "
	case stateFailed, stateError, string(lifecycle.ErrorEventTimeout), stateBlocked:
		return "crit, "
	}
	return ""
}

// barOf returns where a row's bar begins and ends: both the same for an event of which only the end is
// known, both zero for one that has not begun.
func barOf(r row, now time.Time) (start, end time.Time) {
	start, end = r.Started.UTC(), r.Ended.UTC()
	switch {
	case r.Ended.IsZero() && (r.Started.IsZero() || now.IsZero() || r.State != stateRunning):
		return time.Time{}, time.Time{}
	case r.Ended.IsZero():
		end = now.UTC()
	case r.Started.IsZero() || start.After(end):
		return end, end
	}
	// A bar has some length, also of an event that took less than the second that dates have.
	if end.Sub(start) < time.Second {
		end = start.Add(time.Second)
	}
	return start, end
}
