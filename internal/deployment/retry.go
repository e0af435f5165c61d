package deployment

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

const (
	// For throttled calls: many jobs begin at once, and AWS throttles all jobs of an account together, for up to a minute.
	throttledAttempts, throttledBackoff = 12, 8 * time.Second
	// For all other errors: after three attempts, another one is not likely to succeed.
	otherAttempts, otherBackoff = 3, 2 * time.Second
)

// retryer returns the SDK's retryer, with more attempts and longer pauses for throttled calls. AWS_MAX_ATTEMPTS and
// AWS_RETRY_MODE work as usual. A failed connection to the metadata service is not retried: without credentials, that
// takes five seconds on a machine outside of EC2.
func retryer() aws.Retryer {
	attempts, isSet := throttledAttempts, false
	if n, err := strconv.Atoi(strings.TrimSpace(os.Getenv("AWS_MAX_ATTEMPTS"))); err == nil && n > 0 {
		attempts, isSet = n, true
	}
	standard := func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = attempts, throttledBackoff
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(isNoMetadataService)}, o.Retryables...)
	}
	var of aws.RetryerV2 = retry.NewStandard(standard)
	if strings.EqualFold(strings.TrimSpace(os.Getenv("AWS_RETRY_MODE")), "adaptive") {
		of = retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) { o.StandardOptions = append(o.StandardOptions, standard) })
	}
	return throttleRetryer{RetryerV2: of, limitsAll: isSet}
}

// throttleRetryer is a retryer that retries throttled calls for longer than others.
type throttleRetryer struct {
	aws.RetryerV2
	// limitsAll is set if the user has set the number of attempts, which then applies to every error.
	limitsAll bool
}

// RetryDelay returns the pause before the next attempt, or an error if there is to be none.
func (r throttleRetryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	delay, delayErr := r.RetryerV2.RetryDelay(attempt, err)
	if delayErr != nil || retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary {
		return delay, delayErr
	}
	if !r.limitsAll && attempt >= otherAttempts {
		return 0, err
	}
	return min(delay, otherBackoff), nil
}
