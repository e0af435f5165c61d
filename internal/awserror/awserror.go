// Package awserror tells what AWS means by the code of an error. Each service has its own spelling of the same answer.
package awserror

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// Code returns the code of an answer of AWS that is an error, such as AccessDeniedException; "" where err is something else.
func Code(err error) string {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		return refusal.ErrorCode()
	}
	return ""
}

// IsDenied reports whether a permission is missing.
func IsDenied(code string) bool {
	return strings.Contains(code, "AccessDenied") || strings.HasPrefix(code, "Unauthorized") ||
		slices.Contains([]string{"Forbidden", "ForbiddenException", "NotAuthorized", "NotAuthorizedException"}, code)
}

// IsThrottled reports whether the account asks too often.
func IsThrottled(code string) bool {
	return strings.Contains(code, "Throttl") || strings.Contains(code, "TooManyRequests") || code == "SlowDown" || code == "RequestLimitExceeded"
}

// IsExpired reports whether no later request with these credentials can succeed.
func IsExpired(code string) bool {
	return strings.Contains(code, "Expired") || slices.Contains([]string{
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidIdentityToken",
	}, code)
}

// IsUnknown reports whether AWS does not know what was asked about. It has then checked the permission before.
func IsUnknown(code string) bool {
	return strings.Contains(code, "NotFound") || strings.Contains(code, "DoesNotExist") || strings.HasPrefix(code, "NoSuch")
}
