// Package connection says why a connection to a server fails and what to do about it: what a proxy has refused, and which
// certificates are not trusted.
package connection

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
)

// Refusal means that a proxy has refused to connect to a server. The request has not left this machine.
type Refusal struct {
	// Status is the status of the proxy's response, such as "403 Forbidden".
	Status string
	code   int
}

// Error says that the proxy refused, without the address of the proxy, which may contain a password.
func (r *Refusal) Error() string { return "the proxy refused the connection: " + r.Status }

// NameRefusals makes the transport return a *Refusal if a proxy refuses to connect. By itself, net/http returns the text
// of the status only, which looks like a response of the server.
func NameRefusals(transport *http.Transport) {
	transport.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
		if response.StatusCode == http.StatusOK {
			return nil
		}
		return &Refusal{Status: response.Status, code: response.StatusCode}
	}
}

// Hint returns what to do about an error of a transport, or "" if the error does not say.
func Hint(err error) string {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		if refusal.code == http.StatusProxyAuthRequired {
			return "give the proxy's user: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, or list the host in NO_PROXY if it is reached without the proxy"
		}
		return "let the proxy connect to this host, or list the host in NO_PROXY if it is reached without the proxy"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "if a proxy intercepts TLS, set AWS_CA_BUNDLE to a file with its certificates; in a container action the file must be in the workspace"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "check this machine's clock: a certificate has expired, or is not valid yet"
	}
	return ""
}
