package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/unseen"
	"github.com/org/ami-action/internal/workspace"
)

// tlsConfig returns a function that makes the TLS configuration for the orchestrator, or nil if AWS_CA_BUNDLE is not
// set. The configuration trusts the certificates of AWS_CA_BUNDLE in addition to the system's: a proxy that
// intercepts TLS does so for the orchestrator as well as for AWS.
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
			return nil, fmt.Errorf("AWS_CA_BUNDLE: %s contains no certificate", path)
		}
		return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
	}
}

// needsNoCertificates reports whether every AWS service is reached by plain http. In that case main hides AWS_CA_BUNDLE
// from the SDK, which would otherwise parse the whole bundle at startup. That takes longer than everything else that a
// create does in this process. The orchestrator's client still reads the bundle, at its first TLS connection.
func needsNoCertificates(environ []string) bool {
	if !strings.HasPrefix(variable(environ, endpointVariable), "http://") || ignoresEndpoints(environ) {
		return false
	}
	return !slices.ContainsFunc(environ, func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		return strings.HasPrefix(name, endpointVariable+"_") && !strings.HasPrefix(strings.TrimSpace(value), "http://")
	})
}

// trimmedAWS returns the AWS_ variables that begin or end with white space or invisible characters, with their trimmed
// values. Values that come from a file or a secret often end with a line break, and the SDK does not accept an address
// that does.
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

// checkNetwork checks the proxy variables and AWS_CA_BUNDLE, and returns an error of kind [outcome.Invalid] for the
// first that cannot be right. Without it, Go's client silently ignores a proxy whose address it cannot parse.
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
	for _, name := range fileVariables {
		if isContent(variable(environ, name)) {
			return &outcome.Error{
				Kind: outcome.Invalid, Reason: name + " must be the path of a file, but it holds the content of one",
				Hint: "write the content to a file and set " + name + " to its path; a GitLab variable of the type File does both",
			}
		}
	}
	return checkBundle(variable(environ, "AWS_CA_BUNDLE"))
}

// maxBundle is the largest size of the file that AWS_CA_BUNDLE names, in bytes. The certificates of a system take 0.3 MB.
const maxBundle = 16 << 20

// checkBundle checks that the file that AWS_CA_BUNDLE names has a certificate. The SDK's error does not name the variable,
// and the orchestrator's client reads the file only when it connects. The certificates themselves are parsed then, because
// that takes longer than all else that the command does at its start.
func checkBundle(path string) error {
	if path == "" {
		return nil
	}
	invalid := func(hint, reason string, arguments ...any) error {
		return &outcome.Error{Kind: outcome.Invalid, Reason: fmt.Sprintf(reason, arguments...), Hint: hint}
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return invalid("in a container action the file must be in the workspace, and the path relative to it",
			"AWS_CA_BUNDLE names %s, which does not exist", path)
	}
	content, err := workspace.New("", "").Read(workspace.File{Path: path}, maxBundle)
	if unread, ok := errors.AsType[*workspace.Error](err); ok {
		return invalid("name one file with all certificates in PEM, which this process may read",
			"AWS_CA_BUNDLE names %s, which %s", path, unread.Reason)
	}
	if !certificate().Match(content) {
		return invalid("convert it with openssl x509 -inform der -in FILE -out FILE.pem; it must not begin with a byte order mark",
			"AWS_CA_BUNDLE names %s, which has no certificate in PEM", path)
	}
	return nil
}

// certificate matches the line with which a certificate begins in PEM (RFC 7468).
var certificate = pattern.Lazy(`(?m)^-----BEGIN CERTIFICATE-----`)

// fileVariables are the variables that name a file. The content of each but the last is secret.
var fileVariables = []string{
	"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_CA_BUNDLE",
}

// isContent reports whether a text that should be a path is the content of a file: it has several lines, or it is a token.
func isContent(text string) bool {
	return strings.Contains(text, "\n") || strings.HasPrefix(text, "eyJ") && strings.Count(text, ".") >= 2
}

// endpointVariable is the variable with the endpoint of all AWS services. With _ and the name of a service appended, it
// is the variable with the endpoint of that service.
const endpointVariable = "AWS_ENDPOINT_URL"

// ignoresEndpoints reports whether the SDK ignores the endpoints in the environment.
func ignoresEndpoints(environ []string) bool {
	ignored, err := strconv.ParseBool(variable(environ, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
	return err == nil && ignored
}

// checkEndpoints returns an error that names the first endpoint variable with a value that is not a URL. The SDK fails
// only at the first request to the service, and its error does not name the variable.
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

// isProxy reports whether the text can be the address of a proxy: a URL, or a host with an optional port. It is stricter
// than Go's client: if a password contains "/", "#" or "?", that client takes the text before it as the host and port.
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

// variable returns the trimmed value of an environment variable. If the variable is set twice, the last value counts.
func variable(environ []string, name string) (value string) {
	for _, entry := range environ {
		if n, v, _ := strings.Cut(entry, "="); n == name {
			value = unseen.Trim(v)
		}
	}
	return value
}
