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
	// throttledPatience is how many times the retry budget a throttled call may wait. Many jobs begin at once, and share
	// one limit, so they take turns for longer than another error lasts. A throttled request was not carried out.
	throttledPatience = 3
)

// advice says whether a failed attempt may be repeated, and after how long at the earliest.
type advice struct {
	again bool
	after time.Duration
	// throttled is set if the gateway refused the attempt because there were too many requests at once.
	throttled bool
}

func (v advice) tryAgain() advice { return advice{again: true, after: v.after} }

// retry calls attempt until it succeeds, until its error is not to be retried, after maxAttempts that were not throttled,
// or when the next pause is longer than what is left of the budget. It returns the error of the last attempt. If the
// context ends during a pause, it returns an *UnavailableError with the error of the context.
func (c *Client) retry(ctx context.Context, o lifecycle.Operation, id string, attempt func() (advice, error)) error {
	usual, throttled := c.options.RetryBudget, throttledPatience*c.options.RetryBudget
	failures := 0
	for i := 0; ; i++ {
		advice, err := attempt()
		if err == nil || !advice.again {
			return err
		}
		budget := &throttled
		if !advice.throttled {
			budget = &usual
			if failures++; failures == maxAttempts {
				return err
			}
		}
		delay := max(c.delay(i), advice.after)
		if delay > *budget {
			return err
		}
		*budget -= delay
		if c.options.Sleep(ctx, delay) != nil {
			return &UnavailableError{Operation: o, LifecycleID: id, Reason: "interrupted before it was tried again", Err: ctx.Err()}
		}
	}
}

// delay returns the pause after an attempt, counted from 0. It doubles with each attempt, up to maxDelay. Half of it is
// random, so that many clients do not all come back at once.
func (c *Client) delay(attempt int) time.Duration {
	full := min(firstDelay<<min(attempt, 10), maxDelay)
	return full/2 + time.Duration(c.options.Jitter()*float64(full/2))
}

// retryAfter parses the value of a Retry-After header, which is a number of seconds or a date. An invalid value gives 0.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}
