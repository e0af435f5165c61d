package pipeline

import (
	"strconv"
	"time"
)

const (
	// longestWait is the default timeout of a wait. A job's timeout that allows more than that changes nothing.
	longestWait = 5*time.Hour + 45*time.Minute
	// longestFarewell is the most time that a wait leaves for the end of its job, to write and upload the results. It
	// leaves a tenth of the job's timeout, but not more than this.
	longestFarewell = 15 * time.Minute
)

// waitWithin returns the longest wait in a job that began at started (CI_JOB_STARTED_AT, RFC 3339) and whose timeout is
// limit (CI_JOB_TIMEOUT, in seconds). The result is a duration such as 54m0s. It is "" if limit is unknown, or if it does
// not shorten a wait. It is at least one second, so that a wait that begins too late ends with the command to resume it.
func waitWithin(limit, started string, now time.Time) string {
	seconds, err := strconv.ParseInt(limit, 10, 32)
	if err != nil || seconds <= 0 {
		return ""
	}
	total := time.Duration(seconds) * time.Second
	wait := total - min(total/10, longestFarewell)
	// If the job began in the future, or if its timeout has passed, the runner's clock is wrong. Then started is ignored,
	// as if the job had begun now.
	if began, err := time.Parse(time.RFC3339, started); err == nil && began.Before(now) && now.Sub(began) < total {
		wait -= now.Sub(began)
	}
	if wait >= longestWait {
		return ""
	}
	return max(wait.Truncate(time.Second), time.Second).String()
}
