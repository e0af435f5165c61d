// Package proxy says what a proxy between this machine and a server has refused.
package proxy

import (
	"context"
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

// Hint says what to do.
func (r *Refusal) Hint() string {
	if r.code == http.StatusProxyAuthRequired {
		return "give the proxy's user: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, or list the host in NO_PROXY if it is reached without the proxy"
	}
	return "let the proxy connect to this host, or list the host in NO_PROXY if it is reached without the proxy"
}

// Tell makes the transport return a *Refusal if a proxy refuses to connect. By itself, net/http returns the text of the
// status only, which looks like a response of the server.
func Tell(transport *http.Transport) {
	transport.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
		if response.StatusCode == http.StatusOK {
			return nil
		}
		return &Refusal{Status: response.Status, code: response.StatusCode}
	}
}
