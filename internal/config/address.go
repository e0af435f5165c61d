package config

import (
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/location"
	"github.com/org/ami-action/internal/pattern"
)

// The patterns of this package do not limit the number of characters. A pattern with such a limit is large and slow to
// compile.
var (
	// stackName and stackARN match the name and the ARN of a CloudFormation stack. A name has at most 128 characters.
	stackName = pattern.Lazy(`^[A-Za-z][A-Za-z0-9-]*$`)
	stackARN  = pattern.Lazy(`^arn:aws[a-z-]*:cloudformation:[A-Za-z0-9:/_-]+$`)
	// keyPrefix matches the characters that are allowed in the name of a secret.
	keyPrefix = pattern.Lazy(`^[A-Za-z0-9/_+=.@-]*$`)
)

func checkID(text string) string {
	if !lifecycle.IsID(text) {
		return "must be a lifecycle id such as bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7"
	}
	return ""
}

func checkStackName(text string) string {
	if len(text) <= 128 && stackName().MatchString(text) || stackARN().MatchString(text) {
		return ""
	}
	return "must be the name or the ARN of a CloudFormation stack"
}

func checkKeyPrefix(text string) string {
	if keyPrefix().MatchString(text) {
		return ""
	}
	return "must contain only letters, digits and /_+=.@-, as names in Secrets Manager do"
}

func checkEndpoint(text string) string {
	if _, err := location.ParseEndpoint(text, location.IsNearby); err != nil {
		return err.Error()
	}
	return ""
}
