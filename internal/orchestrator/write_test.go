package orchestrator_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

// The outcomes of a call, by the type of its error.
const (
	done        = "done"
	invalid     = "invalid"
	refused     = "refused"
	unavailable = "unavailable"
	uncertain   = "uncertain"
)

func outcomeOf(err error) string {
	if err == nil {
		return done
	}
	if _, ok := errors.AsType[*orchestrator.InvalidError](err); ok {
		return invalid
	}
	if _, ok := errors.AsType[*orchestrator.RefusedError](err); ok {
		return refused
	}
	if _, ok := errors.AsType[*orchestrator.UnavailableError](err); ok {
		return unavailable
	}
	if _, ok := errors.AsType[*orchestrator.UncertainError](err); ok {
		return uncertain
	}
	return err.Error()
}

func TestAResponseToAWriteMeansWhatIsKnownAfterwards(t *testing.T) {
	tests := map[string]struct {
		status   int
		body     string
		want     string
		requests int
		says     string
	}{
		"taken":                             {200, taken, done, 1, ""},
		"taken with members of the future":  {201, `{"lifecycle_id": "` + lifecycleID + `", "new": {}}`, done, 1, ""},
		"refused by a rule":                 {500, `{"error": "Unable to proceed with X event"}`, refused, 1, "Unable to proceed with X event"},
		"refused by a crash":                {500, `{"error": "'outputs_ami_creation'"}`, refused, 1, "'outputs_ami_creation'"},
		"refused without a text":            {500, `{"error": ""}`, refused, 1, "check"},
		"refused with a client's status":    {400, `{"error": "no"}`, refused, 1, "no"},
		"a gateway that failed":             {500, `{"message": "Internal server error"}`, uncertain, 1, "Internal server error"},
		"a failure without words":           {500, ``, uncertain, 1, "Internal Server Error"},
		"a null for an error":               {500, `{"error": null}`, uncertain, 1, ""},
		"an error that is not text":         {500, `{"error": {"a": 1}}`, uncertain, 1, ""},
		"a handler that was not reached":    {502, `{"message": "Internal server error"}`, uncertain, 1, "Bad Gateway"},
		"a gateway error with an error":     {502, `{"error": "x"}`, uncertain, 1, "Bad Gateway"},
		"a service that is down":            {503, `<html>down</html>`, uncertain, 1, "Service Unavailable"},
		"a handler that took too long":      {504, `{"message": "Endpoint request timed out"}`, uncertain, 1, "Endpoint request timed out"},
		"throttled all the time":            {429, `{"message": "Too Many Requests"}`, unavailable, 5, "too many requests"},
		"no such route":                     {404, `{"message": "Not Found"}`, unavailable, 1, "base URL"},
		"no such stage":                     {403, `{"message": "Missing Authentication Token"}`, unavailable, 1, "Missing Authentication Token"},
		"too large":                         {413, `{"message": "Request Entity Too Large"}`, unavailable, 1, "smaller"},
		"a request that took too long":      {408, ``, uncertain, 1, ""},
		"a page instead of a response":      {200, `<html>welcome</html>`, uncertain, 1, "not JSON"},
		"a response cut short":              {200, taken[:40], uncertain, 1, "not JSON"},
		"a response of another shape":       {200, `[1, 2]`, uncertain, 1, "not JSON"},
		"a lifecycle id of another type":    {200, `{"lifecycle_id": 7}`, uncertain, 1, "not JSON"},
		"no lifecycle id":                   {200, `{"owner": "me"}`, uncertain, 1, "has no valid lifecycle id"},
		"an implausible lifecycle id":       {200, `{"lifecycle_id": "../../x y"}`, uncertain, 1, "has no valid lifecycle id"},
		"a lifecycle id that is a word":     {200, `{"lifecycle_id": "unknown"}`, uncertain, 1, "has no valid lifecycle id"},
		"a lifecycle id that is a text":     {200, `{"lifecycle_id": "` + strings.Repeat("a", 129) + `"}`, uncertain, 1, "has no valid lifecycle id"},
		"a lifecycle id that forges output": {200, `{"lifecycle_id": "3f0bd60d\n::set-output name=x::y"}`, uncertain, 1, "has no valid lifecycle id"},
		"nothing":                           {204, ``, uncertain, 1, "not JSON"},
		"a redirect":                        {303, ``, uncertain, 1, "redirect"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server, seen := serve(t, responding(test.status, test.body))

			accepted, err := clientOf(&fixedDeployment{url: server.URL}).Send(t.Context(), createRequest())

			assert.Equal(t, test.want, outcomeOf(err))
			assert.Len(t, seen.all(), test.requests)
			if test.want == done {
				require.NoError(t, err)
				assert.Equal(t, lifecycleID, accepted.LifecycleID)
				return
			}
			assert.Empty(t, accepted)
			require.ErrorContains(t, err, "AMI_CREATE: ")
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), canary)
		})
	}
}

func TestAnErrorNamesItsOperationItsLifecycleAndItsStatus(t *testing.T) {
	for operation, send := range writes {
		t.Run(string(operation), func(t *testing.T) {
			server, _ := serve(t, responding(http.StatusInternalServerError,
				`{"error": "get_lifecycle() missing 1 required positional argument: 'operation_name'"}`))

			_, err := send(t.Context(), clientOf(&fixedDeployment{url: server.URL}))

			var refusal *orchestrator.RefusedError
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, operation, refusal.Operation)
			assert.Equal(t, http.StatusInternalServerError, refusal.Status)
			assert.NotEmpty(t, refusal.Hint)
			if operation != lifecycle.Create {
				assert.Equal(t, lifecycleID, refusal.LifecycleID)
				require.ErrorContains(t, err, string(operation)+" of lifecycle "+lifecycleID+": the orchestrator refused (HTTP 500 Internal Server Error): ")
				assert.Contains(t, refusal.Hint, "knows this lifecycle")
			}
		})
	}
}

func TestAResponseAboutAnotherLifecycleProvesNothing(t *testing.T) {
	server, seen := serve(t, responding(http.StatusOK, strings.ReplaceAll(taken, lifecycleID, "00000000-0000-4000-8000-000000000000")))

	_, err := clientOf(&fixedDeployment{url: server.URL}).Send(t.Context(), orchestrator.CertifyRequest{LifecycleID: lifecycleID, CertificationStatus: "FAILED"})

	require.ErrorContains(t, err, "another lifecycle")
	assert.Equal(t, uncertain, outcomeOf(err))
	assert.Len(t, seen.all(), 1)
}

func TestAThrottledWriteIsSentAgainWhenTheServerAllowsIt(t *testing.T) {
	responses := 0
	server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if responses++; responses == 1 {
			w.Header().Set("Retry-After", "7")
			responding(http.StatusTooManyRequests, `{"message": "Too Many Requests"}`)(w, r)
			return
		}
		responding(http.StatusOK, taken)(w, r)
	})
	slept := &pauses{}
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{Sleep: slept.sleep})

	_, err := client.Send(t.Context(), createRequest())

	require.NoError(t, err)
	assert.Len(t, seen.all(), 2)
	assert.Equal(t, []time.Duration{7 * time.Second}, slept.all)
}

func TestTheBudgetIsThatOfAllPausesTogether(t *testing.T) {
	server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "8")
		responding(http.StatusTooManyRequests, `{"message": "Too Many Requests"}`)(w, r)
	})
	slept := &pauses{}
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{Sleep: slept.sleep, RetryBudget: 20 * time.Second})

	_, err := client.Send(t.Context(), createRequest())

	assert.Equal(t, unavailable, outcomeOf(err))
	assert.Equal(t, []time.Duration{8 * time.Second, 8 * time.Second}, slept.all)
	assert.Len(t, seen.all(), 3)
}

func TestAPauseBeyondTheBudgetIsNotWaitedFor(t *testing.T) {
	server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3600")
		responding(http.StatusTooManyRequests, `{"message": "Too Many Requests"}`)(w, r)
	})

	_, err := clientOf(&fixedDeployment{url: server.URL}).Send(t.Context(), createRequest())

	var failure *orchestrator.UnavailableError
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, time.Hour, failure.RetryAfter)
	assert.Len(t, seen.all(), 1)
}

func TestARefusalThatNamesTheKeySaysWhereNewKeysComeFrom(t *testing.T) {
	server, _ := serve(t, responding(http.StatusInternalServerError, `{"error": "Invalid API Key `+canary+`ami_creation_post_api_key supplied"}`))

	_, err := clientOf(&fixedDeployment{url: server.URL}).Send(t.Context(), createRequest())

	require.ErrorContains(t, err, "Invalid API Key *** supplied")
	require.ErrorContains(t, err, "a redeployment replaces every key")
	assert.NotContains(t, err.Error(), canary)
}

func TestTheServersWordsAreRedactedBeforeTheyAreCut(t *testing.T) {
	secret := "RECEIVERkey" + canary
	// The text is cut in the middle of the secret.
	text := strings.Repeat("x", 790) + secret + strings.Repeat("y", 5000)
	server, _ := serve(t, responding(http.StatusInternalServerError, `{"error": "`+text+`"}`))
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{
		Redact: func(s string) string { return strings.ReplaceAll(s, secret, "[redacted]") },
	})

	_, err := client.Send(t.Context(), createRequest())

	var refusal *orchestrator.RefusedError
	require.ErrorAs(t, err, &refusal)
	assert.NotContains(t, refusal.Text, "RECEIVER")
	assert.Less(t, len(refusal.Text), 1000)
}
