package config

import (
	"fmt"
	"strings"
)

// The variables of AWS in which white space or quotes around the value are never meant: they come from secrets that
// were pasted with a line break, and make every request fail with a message that does not name them.
var (
	awsNames = []string{
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_ACCESS_KEY_ID",
	}
	awsSecrets = []string{"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
)

// TrimmedAWS returns the AWS variables of the environment ("NAME=value" each) that have white space or quotes around
// their value, by name, without them. The AWS SDK reads them from the process's own environment.
func TrimmedAWS(environ []string) map[string]string {
	found := variables(environ)
	changed := map[string]string{}
	for _, name := range append(awsNames, awsSecrets...) {
		if value := found[name]; unquoted(value) != value {
			changed[name] = unquoted(value)
		}
	}
	return changed
}

// checkAWS refuses an AWS variable in which another variable stands for itself, unless the sandbox plays AWS.
func (r *reading) checkAWS(s *Settings) {
	if s.Sandbox {
		return
	}
	for _, name := range awsNames {
		if part, found := unexpanded(r.environment[name]); found {
			r.problems.add(Problem{
				Message: fmt.Sprintf("%s contains %s, which is not expanded", name, quoted(part, shownOfValue)),
				Hint:    "set " + name + " to the value itself",
			})
		}
	}
}

func variables(environ []string) map[string]string {
	found := map[string]string{}
	for _, variable := range environ {
		if name, value, ok := strings.Cut(variable, "="); ok {
			found[name] = value
		}
	}
	return found
}
