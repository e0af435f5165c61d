package orchestrator

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

const (
	firstDelay  = 500 * time.Millisecond
	maxDelay    = 8 * time.Second
	maxAttempts = 5
)

// advice says whether a failed attempt may be made again, and when the server allows it.
type advice struct {
	again bool
	after time.Duration
}

func (v advice) tryAgain() advice { return advice{again: true, after: v.after} }

// retry makes attempts until one ends well or with an error that another would not change, until there
// were enough of them, or until the next one would have to wait beyond the budget. It returns the last
// attempt's error.
func (c *Client) retry(ctx context.Context, o lifecycle.Operation, id string, attempt func() (advice, error)) error {
	budget := c.options.RetryBudget
	for i := 0; ; i++ {
		advice, err := attempt()
		if err == nil || !advice.again || i == maxAttempts-1 {
			return err
		}
		delay := max(c.delay(i), advice.after)
		if delay > budget {
			return err
		}
		budget -= delay
		if c.options.Sleep(ctx, delay) != nil {
			return &UnavailableError{Operation: o, LifecycleID: id, Reason: "interrupted before it was tried again", Err: ctx.Err()}
		}
	}
}

// delay doubles from attempt to attempt; half of it is random, so that many clients do not come back all
// at once.
func (c *Client) delay(attempt int) time.Duration {
	full := min(firstDelay<<attempt, maxDelay)
	return full/2 + time.Duration(c.options.Jitter()*float64(full/2))
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}
