package config

import "fmt"

// awsNames are the AWS variables whose values are names, paths or addresses. The command trims the white space around all
// AWS variables before they are read.
var awsNames = []string{
	"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_ACCESS_KEY_ID",
}

// checkAWS refuses an AWS variable that contains a variable that was not expanded, unless the sandbox stands in for AWS.
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
