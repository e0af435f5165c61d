package orchestrator

import "net/http"

// WithTransport makes the client use the transport for queries and for writes, and returns the client.
func WithTransport(c *Client, transport http.RoundTripper) *Client {
	c.reads, c.writes = transport, transport
	return c
}
