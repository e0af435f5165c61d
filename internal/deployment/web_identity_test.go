package deployment_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/mototest"
)

const (
	role    = "arn:aws:iam::123456789012:role/ami"
	idToken = "eyJhbGciOiJSUzI1NiJ9.CANARYidtoken.c2lnbmF0dXJl"
)

// fakeSTS serves AssumeRoleWithWebIdentity in the format that AWS documents, or refuses it with the code in refusal. It
// returns the requests.
func fakeSTS(t *testing.T, refusal string) *[]url.Values {
	t.Helper()
	var asked []url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, r.ParseForm())
		assert.Empty(t, r.Header.Get("Authorization"), "nothing but the token says who asks")
		asked = append(asked, r.PostForm)
		if refusal != "" {
			refuseXML(w, http.StatusForbidden, refusal, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
			return
		}
		fmt.Fprint(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
			<Credentials><AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>CANARYassumedkey</SecretAccessKey>
			<SessionToken>CANARYassumedsession</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
			</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_STS", server.URL)
	return &asked
}

// inGitLab sets the environment of a GitLab job: a role and an ID token, in addition to any keys.
func inGitLab(t *testing.T, url string) {
	t.Helper()
	inPipeline(t, url)
	t.Setenv("AWS_ROLE_ARN", role)
	t.Setenv(deployment.IDTokenVariable, idToken)
	t.Setenv("AWS_ROLE_SESSION_NAME", "")
}

func TestTheRoleIsTakenOnWithTheIDTokenOfAVariable(t *testing.T) {
	fake := newFakeAWS(t)
	fake.setSecret(prefix+secretCreate, "key1")
	inGitLab(t, fake.URL)
	asked := fakeSTS(t, "")

	var mu sync.Mutex
	var told []string
	finder := finderOf(t, deployment.Options{OnSecret: func(s string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, s)
	}})
	require.NoError(t, finder.Prefetch(t.Context(), []string{secretCreate}, true))

	assert.ElementsMatch(t, []string{"CANARYassumedkey", "CANARYassumedsession", "key1"}, told, "each once, to be redacted")
	require.Len(t, *asked, 1, "once for all that is looked up")
	assert.Equal(t, "AssumeRoleWithWebIdentity", (*asked)[0].Get("Action"))
	assert.Equal(t, role, (*asked)[0].Get("RoleArn"))
	assert.Equal(t, idToken, (*asked)[0].Get("WebIdentityToken"))
	assert.Equal(t, "ami-action", (*asked)[0].Get("RoleSessionName"))
	for _, header := range fake.headers {
		assert.Contains(t, header.Get("Authorization"), "Credential=ASIAASSUMED/")
	}
}

func TestWithoutARoleOrATokenTheOtherCredentialsCount(t *testing.T) {
	for name, missing := range map[string]string{"no role": "AWS_ROLE_ARN", "no token": deployment.IDTokenVariable} {
		t.Run(name, func(t *testing.T) {
			fake := newFakeAWS(t)
			fake.setSecret(prefix+secretCreate, "key1")
			inGitLab(t, fake.URL)
			t.Setenv(missing, "")
			asked := fakeSTS(t, "")
			_, err := finderOf(t, deployment.Options{}).Key(t.Context(), secretCreate)
			require.NoError(t, err)
			assert.Empty(t, *asked)
			assert.Contains(t, fake.headers[0].Get("Authorization"), "Credential=AKIAEXAMPLE/")
		})
	}
}

func TestARoleThatDoesNotTrustTheJobIsSaidSo(t *testing.T) {
	fake := newFakeAWS(t)
	inGitLab(t, fake.URL)
	fakeSTS(t, "AccessDenied")
	_, err := finderOf(t, deployment.Options{}).Key(t.Context(), secretCreate)
	assert.EqualError(t, err, "AWS credentials: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity; "+
		"check that the role trusts this job: its trust policy names which jobs may assume it")
	assertReadable(t, err)
	assert.Empty(t, fake.seen())
}

// TestAnIDTokenAsMotoKnowsIt runs the same against moto, an independent implementation of STS.
func TestAnIDTokenAsMotoKnowsIt(t *testing.T) {
	url := mototest.Start(t)
	inPipeline(t, url)
	configured, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	_, err = secretsmanager.NewFromConfig(configured).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String(prefix + secretCreate), SecretString: aws.String("a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5"),
	})
	require.NoError(t, err)
	inGitLab(t, url)
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "") // the token is the only credential
	}
	// moto stores resources by account, so a role of another account does not find the secret.
	key, err := finderOf(t, deployment.Options{}).Key(t.Context(), secretCreate)
	require.NoError(t, err)
	assert.Equal(t, "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5", key)
}
