// Package awserror classifies the error codes of AWS. The services have different codes for the same error.
package awserror

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// Code returns the code of an error that AWS returned, such as AccessDeniedException, or "" if err is not such an error.
func Code(err error) string {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		return refusal.ErrorCode()
	}
	return ""
}

// IsDenied reports whether the code means that a permission is missing.
func IsDenied(code string) bool {
	return strings.Contains(code, "AccessDenied") || strings.HasPrefix(code, "Unauthorized") ||
		slices.Contains([]string{"Forbidden", "ForbiddenException", "NotAuthorized", "NotAuthorizedException"}, code)
}

// IsThrottled reports whether the code means that the account sends too many requests.
func IsThrottled(code string) bool {
	return strings.Contains(code, "Throttl") || strings.Contains(code, "TooManyRequests") || code == "SlowDown" || code == "RequestLimitExceeded"
}

// IsExpired reports whether the code means that no later request with these credentials can succeed.
func IsExpired(code string) bool {
	return strings.Contains(code, "Expired") || slices.Contains([]string{
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidIdentityToken",
	}, code)
}

// IsUnknown reports whether the code means that the resource does not exist. AWS has then already checked the permission.
func IsUnknown(code string) bool {
	return strings.Contains(code, "NotFound") || strings.Contains(code, "DoesNotExist") || strings.HasPrefix(code, "NoSuch")
}
