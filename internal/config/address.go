package config

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// The patterns of this package count no characters: a pattern that does is large, and every start of the
// command would compile it.
var (
	// stackName is a CloudFormation stack by its name, of at most 128 characters, or its ARN.
	stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)
	stackARN  = regexp.MustCompile(`^arn:aws[a-z-]*:cloudformation:[A-Za-z0-9:/_-]+$`)
	// keyPrefix has the characters of a secret's name.
	keyPrefix = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]*$`)
)

func isStack(text string) bool {
	return len(text) <= 128 && stackName.MatchString(text) || stackARN.MatchString(text)
}

// checkAddresses checks what says where the orchestrator is.
func (r *reading) checkAddresses(s *Settings) {
	if !r.problems.about(StackName) && !isStack(s.StackName) {
		r.faulty(StackName, "is %s, which is no name of a CloudFormation stack", quoted(s.StackName, shownOfValue))
	}
	if !r.problems.about(APIKeyPrefix) && !keyPrefix.MatchString(s.APIKeyPrefix) {
		r.faulty(APIKeyPrefix, "is %s; names in Secrets Manager have letters, digits and /_+=.@- only",
			quoted(s.APIKeyPrefix, shownOfValue))
	}
	if s.APIEndpoint == "" || r.problems.about(APIEndpoint) {
		return
	}
	s.APIEndpoint = strings.TrimRight(s.APIEndpoint, "/")
	switch endpoint, err := url.Parse(s.APIEndpoint); {
	case err != nil, endpoint.Host == "", endpoint.Scheme != "https" && endpoint.Scheme != "http":
		// The text is not shown: it can hold a key.
		r.faulty(APIEndpoint, "is no URL; one looks like https://ID.execute-api.REGION.amazonaws.com/STAGE")
	case endpoint.User != nil, endpoint.RawQuery != "", endpoint.Fragment != "":
		r.faulty(APIEndpoint, "has more in it than host, port and path; keys are read from Secrets Manager")
	case endpoint.Scheme == "http" && !isNearby(endpoint.Hostname()):
		r.faulty(APIEndpoint, "begins with http, which would send API keys readable over the network; use https")
	}
}

// isNearby reports whether a host is this machine, a neighbour in a private network, or a service of the
// same container network, which has a name without a dot: a sandbox or an emulator has no certificate.
func isNearby(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return !strings.Contains(host, ".")
	}
	return address.IsLoopback() || address.IsPrivate()
}
