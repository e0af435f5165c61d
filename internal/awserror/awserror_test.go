package awserror_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/awserror"
)

func TestTheSameErrorHasAnotherCodeInEachService(t *testing.T) {
	tests := []struct {
		means func(code string) bool
		codes []string
		not   []string
	}{
		{awserror.IsDenied, []string{"AccessDenied", "AccessDeniedException", "ForbiddenException", "Forbidden", "UnauthorizedOperation", "NotAuthorized"},
			[]string{"", "ThrottlingException", "ResourceNotFoundException", "ValidationError"}},
		{awserror.IsThrottled, []string{"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "SlowDown", "RequestLimitExceeded"},
			[]string{"", "AccessDenied"}},
		{awserror.IsExpired, []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClientException"},
			[]string{"", "AccessDenied"}},
		{awserror.IsUnknown, []string{"ExecutionDoesNotExist", "ResourceNotFoundException", "NotFoundException", "NoSuchKey", "NoSuchBucket"},
			[]string{"", "AccessDenied", "ValidationException", "InvalidArn"}},
	}
	for _, test := range tests {
		for _, code := range test.codes {
			assert.True(t, test.means(code), code)
		}
		for _, code := range test.not {
			assert.False(t, test.means(code), "%q", code)
		}
	}
	wrapped := fmt.Errorf("operation: %w", &smithy.GenericAPIError{Code: "AccessDenied"})
	assert.Equal(t, "AccessDenied", awserror.Code(wrapped))
	assert.Empty(t, awserror.Code(errors.New("no route to host")))
	assert.Empty(t, awserror.Code(nil))
}
