package config

import (
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/location"
	"github.com/org/ami-action/internal/pattern"
)

// The patterns of this package count no characters: a pattern that does is large, and every start of the
// command would compile it.
var (
	// stackName is a CloudFormation stack by its name, of at most 128 characters, or its ARN.
	stackName = pattern.Lazy(`^[A-Za-z][A-Za-z0-9-]*$`)
	stackARN  = pattern.Lazy(`^arn:aws[a-z-]*:cloudformation:[A-Za-z0-9:/_-]+$`)
	// keyPrefix has the characters of a secret's name.
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
