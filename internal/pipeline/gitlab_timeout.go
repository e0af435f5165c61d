package pipeline

import (
	"strconv"
	"time"
)

const (
	// longestWait is what a wait takes anyway. Time limits beyond it change nothing.
	longestWait = 5*time.Hour + 45*time.Minute
	// A job keeps a tenth of its time, but no more than this, to say what it knows and upload it.
	longestFarewell = 15 * time.Minute
)

// waitWithin returns how long a wait may be in a job with the time limit (in seconds, CI_JOB_TIMEOUT) that
// began at started (RFC 3339, CI_JOB_STARTED_AT), or "" where the limit does not bound a wait or is unknown.
// A wait has at least a second: one that has come too late says so, and how to resume.
func waitWithin(limit, started string, now time.Time) string {
	seconds, err := strconv.ParseInt(limit, 10, 32)
	if err != nil || seconds <= 0 {
		return ""
	}
	total := time.Duration(seconds) * time.Second
	wait := total - min(total/10, longestFarewell)
	// Of a job that has begun in the future, or that must be over, the runner's clock is off: the time since this
	// process began is what counts then.
	if began, err := time.Parse(time.RFC3339, started); err == nil && began.Before(now) && now.Sub(began) < total {
		wait -= now.Sub(began)
	}
	if wait >= longestWait {
		return ""
	}
	return max(wait.Truncate(time.Second), time.Second).String()
}
