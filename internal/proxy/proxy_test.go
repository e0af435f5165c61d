package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/proxy"
)

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
		proxy.Tell(transport)

		response, err := (&http.Client{Transport: transport}).Get("https://orchestrator.example.com/prod")
		if err == nil {
			_ = response.Body.Close()
		}

		var refusal *proxy.Refusal
		require.ErrorAs(t, err, &refusal)
		assert.Contains(t, refusal.Error(), "the proxy refused the connection: ")
		assert.Contains(t, refusal.Error(), http.StatusText(status))
		assert.Contains(t, refusal.Hint(), hint)
		assert.NotContains(t, err.Error(), "CANARY")
	}
}
