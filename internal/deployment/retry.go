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
	// Many jobs begin at once, and AWS throttles all of an account together: that passes within a minute.
	throttledAttempts, throttledBackoff = 12, 8 * time.Second
	// Anything else that failed so often will fail again.
	otherAttempts, otherBackoff = 3, 2 * time.Second
)

// retryer is the SDK's own, with pauses as long as what failed asks for. AWS_MAX_ATTEMPTS and AWS_RETRY_MODE count
// as everywhere. It takes it for an answer when nobody listens at the metadata service's address: a laptop without
// credentials would otherwise spend five seconds on asking again.
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
	return patient{RetryerV2: of, everythingCounts: isSet}
}

// patient is a retryer that asks again for longer where AWS throttles.
type patient struct {
	aws.RetryerV2
	// everythingCounts is set where the user has said how often to ask.
	everythingCounts bool
}

// RetryDelay returns how long to wait before the next attempt, or the error that ended the attempts.
func (p patient) RetryDelay(attempt int, err error) (time.Duration, error) {
	delay, delayErr := p.RetryerV2.RetryDelay(attempt, err)
	if delayErr != nil || retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary {
		return delay, delayErr
	}
	if !p.everythingCounts && attempt >= otherAttempts {
		return 0, err
	}
	return min(delay, otherBackoff), nil
}
