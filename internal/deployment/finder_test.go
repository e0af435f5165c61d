package deployment_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/location"
)

const (
	secretCreate = "ami_creation_post_api_key"
	secretStatus = "ami_creation_status_api_key"
	prefix       = location.DefaultAPIKeyPrefix
)

func finderOf(t *testing.T, o deployment.Options) *deployment.Finder {
	t.Helper()
	finder, err := deployment.New(o)
	require.NoError(t, err)
	return finder
}

func TestPrefetchAsksForEverythingAtOnceAndNothingIsAskedTwice(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret(prefix+secretCreate, "key1")
	fake.setSecret(prefix+secretStatus, "key2")
	// No call gets a response before all have arrived, so look-ups that are not concurrent hang.
	var together sync.WaitGroup
	together.Add(3)
	fake.refuse = func(http.ResponseWriter, call) bool {
		together.Done()
		together.Wait()
		return false
	}
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL})

	require.NoError(t, finder.Prefetch(t.Context(), []string{secretStatus, secretCreate, secretStatus}, true))

	endpoint, err := finder.Endpoint(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "https://abc123.execute-api.eu-west-1.amazonaws.com/prod", endpoint)
	key, err := finder.Key(t.Context(), secretStatus)
	require.NoError(t, err)
	assert.Equal(t, "key2", key)
	assert.ElementsMatch(t, []call{
		{"DescribeStacks", "AmiLifecycle"}, {"GetSecretValue", prefix + secretCreate}, {"GetSecretValue", prefix + secretStatus},
	}, fake.seen())
}

func TestOtherDeploymentsAreFoundByTheirNames(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret("/team/keys/"+secretCreate, "key")
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL, StackName: "AmiLifecycleTest", APIKeyPrefix: "/team/keys/"})

	require.NoError(t, finder.Prefetch(t.Context(), []string{secretCreate}, false))

	assert.ElementsMatch(t, []call{{"DescribeStacks", "AmiLifecycleTest"}, {"GetSecretValue", "/team/keys/" + secretCreate}}, fake.seen())
}

func TestAGivenEndpointNeedsNoCloudFormation(t *testing.T) {
	fake := newFakeAWS(t)
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL, APIEndpoint: " https://api.example.com/prod// "})

	require.NoError(t, finder.Prefetch(t.Context(), nil, false))
	endpoint, err := finder.Endpoint(t.Context())

	require.NoError(t, err)
	assert.Equal(t, "https://api.example.com/prod", endpoint)
	assert.Empty(t, fake.seen())

	require.NoError(t, finder.Prefetch(t.Context(), nil, true), "the bucket is known to the stack only")
	assert.Equal(t, []call{{"DescribeStacks", "AmiLifecycle"}}, fake.seen())
}

func TestWhoAsksForWhatIsBeingLookedUpSharesTheLookUp(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret(prefix+secretCreate, "key")
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL})

	var group errgroup.Group
	for range 20 {
		group.Go(func() error {
			key, err := finder.Key(t.Context(), secretCreate)
			assert.Equal(t, "key", key)
			return err
		})
	}

	require.NoError(t, group.Wait())
	assert.Len(t, fake.seen(), 1)
}

func TestEveryKeyIsToldBeforeAnyoneCanUseIt(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret(prefix+secretCreate, "first")
	var told []string
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL, OnSecret: func(s string) { told = append(told, s) }})

	_, err := finder.Key(t.Context(), secretCreate)
	require.NoError(t, err)
	assert.Equal(t, []string{"first"}, told)

	fake.setSecret(prefix+secretCreate, "second")
	_, err = finder.RefreshKey(t.Context(), secretCreate)
	require.NoError(t, err)
	assert.Equal(t, []string{"first", "second"}, told)
}

// A secret that was created from a file often ends in a line break.
func TestAKeyIsTrimmed(t *testing.T) {
	for name, stored := range map[string]string{"a line break": "key\n", "of Windows": "key\r\n", "spaces": " key ", "a byte order mark": "\ufeffkey"} {
		fake := newFakeAWS(t)
		fake.setSecret(prefix+secretCreate, stored)
		key, err := finderOf(t, deployment.Options{AWSEndpoint: fake.URL}).Key(t.Context(), secretCreate)
		require.NoError(t, err, name)
		assert.Equal(t, "key", key, name)
	}
}

func TestARefreshedKeyReplacesTheOldOne(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret(prefix+secretStatus, "old")
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL})
	_, err := finder.Key(t.Context(), secretStatus)
	require.NoError(t, err)
	fake.setSecret(prefix+secretStatus, "new")

	refreshed, err := finder.RefreshKey(t.Context(), secretStatus)

	require.NoError(t, err)
	assert.Equal(t, "new", refreshed)
	key, err := finder.Key(t.Context(), secretStatus)
	require.NoError(t, err)
	assert.Equal(t, "new", key)
}

func TestAFailedRefreshKeepsTheKeyThatIsKnown(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret(prefix+secretStatus, "old")
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL})
	_, err := finder.Key(t.Context(), secretStatus)
	require.NoError(t, err)
	fake.refuse = func(w http.ResponseWriter, _ call) bool {
		refuseJSON(w, http.StatusBadRequest, "ExpiredTokenException", "The security token included in the request is expired")
		return true
	}

	_, err = finder.RefreshKey(t.Context(), secretStatus)
	require.ErrorContains(t, err, "ExpiredTokenException")

	key, err := finder.Key(t.Context(), secretStatus)
	require.NoError(t, err)
	assert.Equal(t, "old", key)
}

func TestAFailureIsNotKept(t *testing.T) {
	fake := newFakeAWS(t)
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL})
	_, err := finder.Key(t.Context(), secretStatus)
	require.Error(t, err)
	fake.setSecret(prefix+secretStatus, "key")

	key, err := finder.Key(t.Context(), secretStatus)

	require.NoError(t, err)
	assert.Equal(t, "key", key)
}

func TestASandboxTakesNothingOfTheEnvironment(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret(prefix+secretCreate, "key")
	inPipeline(t, "http://192.0.2.1:1") // a documentation address, which does not respond
	t.Setenv("AWS_PROFILE", "no-such-profile")
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL})

	require.NoError(t, finder.Prefetch(t.Context(), []string{secretCreate}, true))

	for _, header := range fake.headers {
		assert.NotContains(t, header.Get("Authorization"), "AKIAEXAMPLE")
		assert.NotContains(t, header.Get("X-Amz-Security-Token"), "CANARY")
	}
}

func TestTheEnvironmentsCredentialsAndEndpointAreTaken(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret(prefix+secretCreate, "key")
	inPipeline(t, fake.URL)
	finder := finderOf(t, deployment.Options{})

	require.NoError(t, finder.Prefetch(t.Context(), []string{secretCreate}, true))

	require.Len(t, fake.headers, 2)
	for _, header := range fake.headers {
		assert.Contains(t, header.Get("Authorization"), "AKIAEXAMPLE")
		assert.Contains(t, header.Get("Authorization"), "/eu-west-1/")
	}
}

func TestOnlyEndpointsThatHideTheKeysOnTheWayAreTaken(t *testing.T) {
	tests := map[string]struct{ endpoint, want, reason string }{
		"https":                   {endpoint: "https://api.example.com/prod/", want: "https://api.example.com/prod"},
		"http on this machine":    {endpoint: "http://127.0.0.1:4566/prod", want: "http://127.0.0.1:4566/prod"},
		"http on localhost":       {endpoint: "http://localhost:4566/prod", want: "http://localhost:4566/prod"},
		"http by IPv6":            {endpoint: "http://[::1]:4566/prod", want: "http://[::1]:4566/prod"},
		"http elsewhere":          {endpoint: "http://api.example.com/prod", reason: "must start with https"},
		"http of a lookalike":     {endpoint: "http://localhost.example.com/prod", reason: "must start with https"},
		"another scheme":          {endpoint: "ftp://api.example.com/prod", reason: "must be a URL"},
		"no URL":                  {endpoint: "abc123", reason: "must be a URL"},
		"a user":                  {endpoint: "https://user:CANARY@api.example.com/prod", reason: "a user, a query"},
		"a query":                 {endpoint: "https://api.example.com/prod?api_key=CANARY", reason: "a user, a query"},
		"a host that is a number": {endpoint: "https://:443/prod", reason: "must be a URL"},
	}
	for name, test := range tests {
		t.Run(name+" as an option", func(t *testing.T) {
			finder, err := deployment.New(deployment.Options{APIEndpoint: test.endpoint})
			if test.want == "" {
				require.ErrorContains(t, err, test.reason)
				assertReadable(t, err)
				return
			}
			require.NoError(t, err)
			endpoint, err := finder.Endpoint(t.Context())
			require.NoError(t, err)
			assert.Equal(t, test.want, endpoint)
		})
		t.Run(name+" as an output", func(t *testing.T) {
			fake := newFakeAWS(t)
			fake.outputs["amiOrchestratorApiGatewayUrl"] = test.endpoint
			endpoint, err := finderOf(t, deployment.Options{AWSEndpoint: fake.URL}).Endpoint(t.Context())
			if test.want == "" {
				require.ErrorContains(t, err, test.reason)
				assertReadable(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, endpoint)
		})
	}
}

func TestTheContextsEndIsFoundInTheError(t *testing.T) {
	fake := newFakeAWS(t)
	ctx, cancel := context.WithCancel(t.Context())
	fake.refuse = func(http.ResponseWriter, call) bool { cancel(); return false }
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL})

	err := finder.Prefetch(ctx, []string{secretCreate}, true)

	require.ErrorIs(t, err, context.Canceled)
	assertReadable(t, err)
}
