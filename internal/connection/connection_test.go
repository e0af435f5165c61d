package connection_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/connection"
)

// failure sends a request by the transport, and returns the error.
func failure(t *testing.T, transport *http.Transport, address string) error {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	response, err := (&http.Client{Transport: transport}).Get(address)
	if err == nil {
		_ = response.Body.Close()
	}
	require.Error(t, err)
	return err
}

func TestARefusalOfAProxyIsNotTakenForOneOfTheServer(t *testing.T) {
	for status, hint := range map[int]string{
		http.StatusProxyAuthRequired: "USER:PASSWORD",
		http.StatusForbidden:         "let the proxy connect",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(server.Close)
		address, err := url.Parse(server.URL)
		require.NoError(t, err)
		address.User = url.UserPassword("user", "CANARYpassword")
		transport := &http.Transport{Proxy: http.ProxyURL(address)}
		connection.NameRefusals(transport)

		err = failure(t, transport, "https://orchestrator.example.com/prod")

		require.ErrorContains(t, err, "the proxy refused the connection: ")
		assert.ErrorContains(t, err, http.StatusText(status))
		assert.Contains(t, connection.Hint(err), hint)
		assert.NotContains(t, err.Error(), "CANARY")
	}
}

func TestACertificateThatIsNotTrustedHasAHint(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	long := func() time.Time { return server.Certificate().NotAfter.Add(time.Hour) }
	for name, test := range map[string]struct {
		config *tls.Config
		hint   string
	}{
		"of a proxy that intercepts TLS": {&tls.Config{RootCAs: x509.NewCertPool()}, "AWS_CA_BUNDLE"},
		"that has expired":               {&tls.Config{RootCAs: trusted, Time: long}, "clock"},
		"of another host":                {&tls.Config{RootCAs: trusted, ServerName: "other.invalid"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.MinVersion = tls.VersionTLS12
			hint := connection.Hint(failure(t, &http.Transport{TLSClientConfig: test.config}, server.URL))
			if test.hint == "" {
				assert.Empty(t, hint)
				return
			}
			assert.Contains(t, hint, test.hint)
		})
	}
}
