package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// mermaidTime is the layout for the dateFormat in mermaidGantt. It has no time zone: all dates are UTC, and mermaid
// shows them unchanged.
const mermaidTime = "2006-01-02T15:04:05"

// mermaidColors sets colors that are readable on light and dark pages. Mermaid's default for completed events is dark on
// dark in GitHub's dark theme.
const mermaidColors = `%%{init: {"theme": "base", "themeVariables": {"textColor": "#768390", "titleColor": "#768390", ` +
	`"gridColor": "#768390", "sectionBkgColor": "transparent", "altSectionBkgColor": "transparent", "sectionBkgColor2": "transparent", ` +
	`"taskTextColor": "#ffffff", "taskTextDarkColor": "#ffffff", "taskTextLightColor": "#ffffff", "taskTextOutsideColor": "#768390", ` +
	`"taskBkgColor": "#6e7781", "taskBorderColor": "#6e7781", "doneTaskBkgColor": "#1a7f37", "doneTaskBorderColor": "#1a7f37", ` +
	`"activeTaskBkgColor": "#0969da", "activeTaskBorderColor": "#0969da", "critBkgColor": "#cf222e", "critBorderColor": "#cf222e"}}}%%` + "\n"

// mermaidGantt returns a mermaid gantt of the events in the current half of the lifecycle that have begun, or "" if the
// length of none is known. An event with an unknown start is a milestone at its end. Events before the last long pause are
// left out, because the pause would leave no room for the events after it.
func mermaidGantt(v view) string {
	var tasks strings.Builder
	for _, phase := range v.Phases {
		if !phase.IsCurrent {
			continue
		}
		rows, first, last := latestRows(phase.Rows, v.Now)
		if len(rows) == 0 {
			return ""
		}
		fmt.Fprintf(&tasks, "    axisFormat %s\n    todayMarker off\n    section %s\n", mermaidAxis(last.Sub(first)), phase.Name)
		bars := 0
		for _, row := range rows {
			start, end := barOf(row, v.Now)
			name := mermaidText(row.Title)
			if took := span(row.Took); took != "" {
				name += " (" + took + ")"
			}
			tag := mermaidTag(row.State)
			if start.Equal(end) {
				fmt.Fprintf(&tasks, "    %s :milestone, %s%s, 0s\n", name, tag, start.Format(mermaidTime))
				continue
			}
			bars++
			fmt.Fprintf(&tasks, "    %s :%s%s, %s\n", name, tag, start.Format(mermaidTime), end.Format(mermaidTime))
		}
		if bars == 0 {
			return ""
		}
	}
	if tasks.Len() == 0 {
		return ""
	}
	return mermaidColors + "gantt\n    dateFormat YYYY-MM-DDTHH:mm:ss\n" + tasks.String()
}

// latestRows returns the rows since the last long pause, and the times at which the first begins and the last ends.
func latestRows(rows []row, now time.Time) (latest []row, first, last time.Time) {
	var spans []stretch
	for _, row := range rows {
		if start, end := barOf(row, now); !end.IsZero() {
			spans = append(spans, stretch{start: start, end: end})
		}
	}
	scale := scaleOf(spans)
	if len(scale) == 0 {
		return nil, first, last
	}
	first, last = scale[len(scale)-1].start, scale[len(scale)-1].end
	for _, row := range rows {
		if _, end := barOf(row, now); !end.IsZero() && !end.Before(first) {
			latest = append(latest, row)
		}
	}
	return latest, first, last
}

func mermaidAxis(length time.Duration) string {
	switch {
	case length > 20*time.Hour:
		return "%b %d %H:%M"
	case length < 10*time.Minute:
		return "%H:%M:%S"
	}
	return "%H:%M"
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

// barOf returns the start and end of a row's bar. They are equal if the start of the event is unknown, and zero if
// the event has not begun.
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
	// Dates are in whole seconds. A shorter event still gets a bar.
	if end.Sub(start) < time.Second {
		end = start.Add(time.Second)
	}
	return start, end
}
