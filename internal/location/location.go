// Package location holds where an orchestrator is unless its users say otherwise, and the rule of an address
// that the API keys may be sent to.
package location

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// The names of a deployment (docs/wire-contract.md, "Finding it").
const (
	DefaultStackName    = "AmiLifecycle"
	DefaultAPIKeyPrefix = "/ami-lifecycle/api-keys/"
)

// ClaimPrefix begins the key of every object that this command keeps in the deployment's bucket. The permissions of a
// role name it.
const ClaimPrefix = "ami-action/"

// The reasons why an endpoint is invalid. None of them shows the text, which can hold a key.
var (
	ErrNotURL     = errors.New("must be a URL such as https://ID.execute-api.REGION.amazonaws.com/STAGE")
	ErrExtraParts = errors.New("must not contain a user, a query or a fragment: API keys are read from Secrets Manager")
	ErrPlainHTTP  = errors.New("must start with https: http would send the API keys unencrypted over the network")
)

// ParseEndpoint returns the base URL of an orchestrator, stage included, without surrounding white space and
// without a slash at its end. Plain http is accepted only for the hosts that mayBePlain reports, such as
// [IsNearby] for an endpoint that the user gives. The error is one of the reasons above.
func ParseEndpoint(text string, mayBePlain func(host string) bool) (string, error) {
	endpoint, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil, endpoint.Hostname() == "", endpoint.Scheme != "https" && endpoint.Scheme != "http":
		return "", ErrNotURL
	case endpoint.User != nil, endpoint.RawQuery != "", endpoint.ForceQuery, endpoint.Fragment != "":
		return "", ErrExtraParts
	case endpoint.Scheme == "http" && !mayBePlain(endpoint.Hostname()):
		return "", ErrPlainHTTP
	}
	return strings.TrimRight(endpoint.String(), "/"), nil
}

// IsNearby reports whether a host is this machine, in a private network, or a service of the same container
// network, which has a name without a dot: a sandbox or an emulator has no certificate.
func IsNearby(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return !strings.Contains(host, ".")
	}
	return address.IsLoopback() || address.IsPrivate()
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}
