package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/unseen"
)

// tlsConfig trusts the certificates of AWS_CA_BUNDLE beside the system's, as every AWS tool does: a proxy that
// breaks TLS open stands before the orchestrator as before AWS.
func tlsConfig(environ []string) func() (*tls.Config, error) {
	path := variable(environ, "AWS_CA_BUNDLE")
	if path == "" {
		return nil
	}
	return func() (*tls.Config, error) {
		bundle, err := os.ReadFile(path) //nolint:gosec // the user's own setting
		if err != nil {
			return nil, fmt.Errorf("AWS_CA_BUNDLE: %w", err)
		}
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(bundle) {
			return nil, fmt.Errorf("AWS_CA_BUNDLE: %s holds no certificate", path)
		}
		return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
	}
}

// needsNoCertificates reports whether every AWS service is asked by plain http. Then AWS_CA_BUNDLE is kept from the
// SDK, which would parse the whole bundle at its start, in more time than all else that a create does here.
// The orchestrator's own client reads the bundle from what it was given, at its first connection with TLS.
func needsNoCertificates(environ []string) bool {
	if !strings.HasPrefix(variable(environ, endpointVariable), "http://") || ignoresEndpoints(environ) {
		return false
	}
	return !slices.ContainsFunc(environ, func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		return strings.HasPrefix(name, endpointVariable+"_") && !strings.HasPrefix(strings.TrimSpace(value), "http://")
	})
}

// trimmedAWS returns the variables of AWS that have white space or invisible characters at their ends, as one from a
// file or a secret has, by the values that are meant. The SDK takes an address with a line break for none.
func trimmedAWS(environ []string) map[string]string {
	meant := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if trimmed := unseen.Trim(value); strings.HasPrefix(name, "AWS_") && trimmed != value {
			meant[name] = trimmed
		}
	}
	return meant
}

// checkNetwork says which of the variables for the network cannot be meant: Go's own client
// passes over a proxy whose address it cannot read, without a word.
func checkNetwork(environ []string) error {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		address := variable(environ, name)
		if address == "" || isProxy(address) {
			continue
		}
		return &outcome.Error{
			Kind: outcome.Invalid, Reason: name + " is not the address of a proxy",
			Hint: `write http://USER:PASSWORD@HOST:PORT, with "%25" for a "%" in the password, "%40" for an "@", "%23" for a "#" and "%2F" for a "/"`,
		}
	}
	if path := variable(environ, "AWS_CA_BUNDLE"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return &outcome.Error{
				Kind: outcome.Invalid, Reason: fmt.Sprintf("AWS_CA_BUNDLE names %s, and there is no such file", path),
				Hint: "in a container action the file must be in the workspace, and the path relative to it",
			}
		}
	}
	return nil
}

// endpointVariable names the address of all AWS services; with _ and a service after it, of that service.
const endpointVariable = "AWS_ENDPOINT_URL"

// ignoresEndpoints reports whether the SDK uses no address of the environment.
func ignoresEndpoints(environ []string) bool {
	ignored, err := strconv.ParseBool(variable(environ, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
	return err == nil && ignored
}

// checkEndpoints names a variable that must hold the address of AWS services and does not. The SDK notices with the
// first request to each service, and its error does not name the variable.
func checkEndpoints(environ []string) error {
	if ignoresEndpoints(environ) {
		return nil
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if name != endpointVariable && !strings.HasPrefix(name, endpointVariable+"_") || unseen.Trim(value) == "" {
			continue
		}
		parsed, err := url.Parse(unseen.Trim(value))
		if err != nil || parsed.Hostname() == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
			return &outcome.Error{
				Kind: outcome.Invalid, Reason: name + " must be a URL that starts with https:// or http://",
				Hint: "unset " + name + " to use AWS itself, or write it as http://HOST:PORT",
			}
		}
	}
	return nil
}

// isProxy reports whether the text can be meant for the address of a proxy: an URL, or a host and a port. Go's client
// takes more: of a password with a "/", "#" or "?" it takes what stands before that for a host and a port.
func isProxy(address string) bool {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Hostname() == "" || parsed.RawQuery != "" || parsed.Fragment != "" || strings.Trim(parsed.Path, "/") != "" {
		return false
	}
	return parsed.Scheme == "http" || parsed.Scheme == "https" || strings.HasPrefix(parsed.Scheme, "socks5")
}

// variable returns the value of an environment variable without white space at its ends; the last of two counts.
func variable(environ []string, name string) (value string) {
	for _, entry := range environ {
		if n, v, _ := strings.Cut(entry, "="); n == name {
			value = unseen.Trim(v)
		}
	}
	return value
}
