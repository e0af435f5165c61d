// Package location holds the default names of a deployment, and the rule for the addresses to which API keys may be sent.
package location

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// The default names of a deployment (docs/wire-contract.md, "Finding it").
const (
	DefaultStackName    = "AmiLifecycle"
	DefaultAPIKeyPrefix = "/ami-lifecycle/api-keys/"
)

// ClaimPrefix is the prefix of the keys of all objects that this command stores in the deployment's bucket for itself. IAM
// policies contain it.
const ClaimPrefix = "ami-action/"

// The reasons why an endpoint is invalid. None of them quotes the text, which can contain a key.
var (
	ErrNotURL     = errors.New("must be a URL such as https://ID.execute-api.REGION.amazonaws.com/STAGE")
	ErrExtraParts = errors.New("must not contain a user, a query or a fragment: API keys are read from Secrets Manager")
	ErrPlainHTTP  = errors.New("must start with https: http would send the API keys unencrypted over the network")
)

// ParseEndpoint returns text, which must be the base URL of an orchestrator including the stage, without surrounding white
// space and without trailing slashes. Plain HTTP is accepted only for hosts for which mayBePlain returns true, such as
// [IsNearby] for an endpoint from the user. The error is ErrNotURL, ErrExtraParts or ErrPlainHTTP.
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

// IsNearby reports whether a host is this machine, an address in a private network, or a name without a dot, such as that
// of a service in the same container network. There a sandbox or an emulator has no certificate.
//
// Such a name consists of ASCII letters, digits, hyphens and underscores, and begins with a letter. Resolvers take a number
// for an address, and other characters for a dot (RFC 3490, section 3.1).
func IsNearby(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return serviceName().MatchString(host)
	}
	return address.IsLoopback() || address.IsPrivate()
}

var serviceName = pattern.Lazy(`^[A-Za-z][0-9A-Za-z_-]*$`)

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}
