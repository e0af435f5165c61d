package location_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/location"
)

func TestAnEndpointMayReceiveTheKeysOnlyOverAnEncryptedOrLocalConnection(t *testing.T) {
	for _, row := range []struct {
		name, given, want string
		reason            error
	}{
		{"https", "https://abc.execute-api.eu-west-1.amazonaws.com/dev/", "https://abc.execute-api.eu-west-1.amazonaws.com/dev", nil},
		{"white space around it", " https://e.com/dev\n", "https://e.com/dev", nil},
		{"loopback", "http://127.0.0.1:5000/dev", "http://127.0.0.1:5000/dev", nil},
		{"loopback of IPv6", "http://[::1]:5000", "http://[::1]:5000", nil},
		{"a service of the container network", "http://sandbox:8080", "http://sandbox:8080", nil},
		{"a private network", "http://172.17.0.1:8080", "http://172.17.0.1:8080", nil},
		{"localhost", "http://localhost:8080", "http://localhost:8080", nil},
		{"http to another network", "http://e.com/dev", "", location.ErrPlainHTTP},
		{"http to a public address", "http://8.8.8.8/dev", "", location.ErrPlainHTTP},
		{"http to a name with another kind of dot", "http://evil\u3002com/dev", "", location.ErrPlainHTTP},
		{"http to a name with an escaped dot of another kind", "http://evil%EF%BC%8Ecom/dev", "", location.ErrPlainHTTP},
		{"http to an address as one number", "http://134744072/dev", "", location.ErrPlainHTTP},
		{"http to an address in hexadecimal", "http://0x08080808/dev", "", location.ErrPlainHTTP},
		{"without a scheme", "e.com/dev", "", location.ErrNotURL},
		{"another scheme", "ftp://e.com", "", location.ErrNotURL},
		{"without a host", "https:///dev", "", location.ErrNotURL},
		{"a port without a host", "http://:8080", "", location.ErrNotURL},
		{"a user", "https://me:CANARY@e.com", "", location.ErrExtraParts},
		{"a key", "https://e.com/dev?api_key=CANARY", "", location.ErrExtraParts},
		{"a fragment", "https://e.com/dev#CANARY", "", location.ErrExtraParts},
		{"nothing", "", "", location.ErrNotURL},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := location.ParseEndpoint(row.given, location.IsNearby)
			assert.Equal(t, row.want, got)
			assert.ErrorIs(t, err, row.reason)
			if err != nil {
				assert.NotContains(t, err.Error(), "CANARY")
			}
		})
	}
}

func TestWhoAsksSaysWhichHostsMayBePlain(t *testing.T) {
	_, err := location.ParseEndpoint("http://sandbox:8080", location.IsLoopback)
	assert.ErrorIs(t, err, location.ErrPlainHTTP)
	for _, host := range []string{"localhost", "LOCALHOST", "127.0.0.1", "[::1]"} {
		_, err := location.ParseEndpoint("http://"+host+":8080", location.IsLoopback)
		assert.NoError(t, err, host)
	}
}
