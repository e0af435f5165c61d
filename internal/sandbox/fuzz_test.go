package sandbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// serve handles a request without a connection, so that a panic reaches the fuzzer.
func (b *box) serve(ctx context.Context, method, target string, header http.Header, body string) *http.Response {
	request := &http.Request{
		Method: method, URL: &url.URL{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Host: strings.TrimPrefix(b.URL(), "http://"), Body: io.NopCloser(strings.NewReader(body)),
	}
	request.URL.Path, request.URL.RawQuery, _ = strings.Cut(target, "?")
	recorder := httptest.NewRecorder()
	b.ServeHTTP(recorder, request.WithContext(ctx))
	return recorder.Result()
}

// FuzzAPI sends arbitrary requests. The server must not panic, a response of type JSON must be valid JSON, and the
// status of another lifecycle must still be 200. In the target and the body, KEY is replaced by each
// API key in turn, and ID by the id of a lifecycle.
func FuzzAPI(f *testing.F) {
	box := start(f, sandbox.Options{Manual: true})
	id := box.create(everything())
	box.end(id, "COMPLETED")
	healthy := box.create(nil)
	post := func(method, target string, body map[string]any) {
		f.Add(method, target, dump(body))
	}
	create := box.common("ami_creation_post_api_key")
	create["events"], create["product_ver"] = eventList("creation", "BUILD_AMI"), "1"
	create["product_name"], create["commit_ref"] = `a "b" \ c`, 5
	post("POST", "/ami-creation/lifecycles", create)
	update := box.common("ami_creation_put_api_key")
	update["lifecycle_id"], update["events"] = "ID", eventList("creation", "SMOKE_TESTS_AMI_CREATE")
	update["properties"] = nil
	post("PUT", "/dev/ami-creation/lifecycles", update)
	patch := box.common("ami_patch_post_api_key")
	patch["lifecycle_id"], patch["events"], patch["commit_ref"] = "ID", eventList("patch", "PATCH_AMI"), ""
	patch["properties"] = map[string]any{"patch_component_url": "s3://x/y", "patch_change_description": 1, "semver_bump_type": ""}
	post("POST", "/ami-patch/lifecycles", patch)
	patch["api_key"] = "KEY"
	post("PUT", "/ami-patch/lifecycles", patch)
	post("POST", "/ami-creation/lifecycles/ID/certify", map[string]any{"api_key": "KEY", "lifecycle_id": "ID", "stack_tag": "", "certification_status": []any{}})
	post("POST", "/ami-creation/lifecycles/ID/approve", map[string]any{"api_key": "KEY", "lifecycle_id": "ID", "stack_tag": "", "approval_status": "FAILED", "properties": []any{1}})
	post("POST", "/_sandbox/lifecycles/ID/event", map[string]any{"status": "FAILED", "name": "BUILD_AMI", "properties": map[string]any{"ami_details": "x"}})
	post("POST", "/_sandbox/lifecycles/ID/age", map[string]any{"minutes": 1e9})
	post("POST", "/_sandbox/queue/deliver", nil)
	f.Add("GET", "/ami-creation/lifecycles/ID/status?api_key=KEY", "")
	f.Add("GET", "/ami-patch/lifecycles/status?api_key=KEY", "")
	f.Add("GET", "/", "")
	f.Fuzz(func(t *testing.T, method, target, body string) {
		if strings.Contains(target, "_sandbox/faults") || strings.Contains(target, "_sandbox/keys") {
			t.Skip("it asks for what the rest must not meet")
		}
		for _, secret := range secrets {
			if !strings.Contains(target+body, "KEY") && secret != secrets[0] {
				break // Without KEY, all of these requests are the same.
			}
			fill := strings.NewReplacer("KEY", box.keys[secret], "ID", id)
			response := box.serve(t.Context(), method, fill.Replace(target), http.Header{}, fill.Replace(body))
			content, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			if response.Header.Get("Content-Type") == "application/json" {
				require.True(t, json.Valid(content), "%d %q", response.StatusCode, content)
			} else {
				require.Contains(t, []string{"text/html; charset=utf-8", "text/xml", ""}, response.Header.Get("Content-Type"))
			}
		}
		path := "/ami-creation/lifecycles/" + healthy + "/status?api_key=" + box.keys["ami_creation_status_api_key"]
		response := box.serve(t.Context(), http.MethodGet, path, http.Header{}, "")
		require.Equal(t, http.StatusOK, response.StatusCode, "nothing that is sent harms another lifecycle")
	})
}

// FuzzAWS sends arbitrary AWS calls. The server must not panic, and a response may hold an API key only if the request
// names its secret.
func FuzzAWS(f *testing.F) {
	box := start(f, sandbox.Options{Manual: true})
	signed := func(service string) string {
		return "AWS4-HMAC-SHA256 Credential=AKID/20240101/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
	}
	f.Add("POST", "/", signed("cloudformation"), "", "application/x-www-form-urlencoded", "Action=DescribeStacks&StackName=AmiLifecycle")
	f.Add("POST", "/", "", "", "application/x-www-form-urlencoded", "Action=%zz")
	f.Add("POST", "/", signed("secretsmanager"), "secretsmanager.GetSecretValue", "", `{"SecretId":"/ami-lifecycle/api-keys/x"}`)
	f.Add("PUT", "/"+sandbox.Bucket+"/a/b", signed("s3"), "", "aws-chunked", "5\r\nhello\r\n0\r\n\r\n")
	f.Add("GET", "/"+sandbox.Bucket+"/a/b?X-Amz-Credential=a/b/c/s3/aws4_request", "", "", "", "")
	f.Add("HEAD", "/"+sandbox.Bucket, signed("s3"), "", "", "")
	f.Add("GET", "/", signed("sts"), "", "", "Action=GetCallerIdentity")
	f.Fuzz(func(t *testing.T, method, target, authorization, operation, encoding, body string) {
		response := box.serve(t.Context(), method, target, http.Header{
			"Authorization": {authorization}, "X-Amz-Target": {operation},
			"Content-Type": {encoding}, "Content-Encoding": {encoding},
		}, body)
		content, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		if strings.Contains(response.Header.Get("Content-Type"), "json") {
			require.True(t, json.Valid(content), "%q", content)
		}
		for secret, key := range box.keys {
			if strings.Contains(string(content), key) {
				require.Contains(t, body, secret)
			}
		}
	})
}
