package redact_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/redact"
)

// statusDocument returns a document with a secret in every place that docs/wire-contract.md names.
func statusDocument(t *testing.T) []byte {
	t.Helper()
	input, err := json.Marshal(map[string]string{"api_key": "canaryINPUT0123456789abcdefghi"})
	require.NoError(t, err)
	twice, err := json.Marshal(string(input)) // a JSON string that contains a JSON string, as statemachine_input does
	require.NoError(t, err)
	third, err := json.Marshal(string(twice))
	require.NoError(t, err)
	return []byte(`{"zebra": 1.50, "lifecycle_id": "` + lifecycleID + `",
	"timeline": {"ami_creation": "https://api/dev/x/timeline?api_key=canaryTIMELINE0123456789abcdef",
		"ami_patch": "https://api/dev/y/timeline?page=2&api_key=canaryTIMELINEPATCH0123456789a"},
	"event_in_progress": {"statemachine_input": ` + string(third) + `,
		"error_message": "failed with canaryRECEIVER0123456789abcdefg",
		"stack_trace": "Traceback {'api_key': 'canaryTRACE0123456789abcdefghij'}"},
	"outputs_ami_creation": {"events": [
		{"name": "BUILD_AMI", "api_key": "canaryRECEIVER0123456789abcdefg", "count": 12345678901234567890,
		 "properties": {"ami_details": [{"image": "` + amiID + `"}], "ok": true, "none": null}},
		{"name": "QA_CERTIFICATION_REQUEST", "api_key": {"S": "canaryDYNAMO0123456789abcdefgh"}, "properties": {
			"export_presign_s3_url": "` + presigned + query + `", "other": "` + presigned + query + `"}}]}}`)
}

func TestAStatusDocumentLosesItsSecretsAndNothingElse(t *testing.T) {
	redacted, err := redact.New().JSON(statusDocument(t))
	require.NoError(t, err)
	assert.NotContains(t, string(redacted), "canary")
	assert.NotContains(t, string(redacted), "CANARY")
	assert.NotContains(t, string(redacted), signature)

	want := `{"zebra":1.50,"lifecycle_id":"` + lifecycleID + `",` +
		`"timeline":{"ami_creation":"https://api/dev/x/timeline","ami_patch":"https://api/dev/y/timeline?page=2"},` +
		`"event_in_progress":{"statemachine_input":"\"{\\\"api_key\\\":\\\"***\\\"}\"",` +
		`"error_message":"failed with ***","stack_trace":"Traceback {'api_key': '***'}"},` +
		`"outputs_ami_creation":{"events":[{"name":"BUILD_AMI","api_key":"***","count":12345678901234567890,` +
		`"properties":{"ami_details":[{"image":"` + amiID + `"}],"ok":true,"none":null}},` +
		`{"name":"QA_CERTIFICATION_REQUEST","api_key":{"S":"***"},"properties":{"export_presign_s3_url":"***","other":"***"}}]}}`
	assert.Equal(t, want, string(redacted), "members stay in their order, numbers as they were written")

	var indented bytes.Buffer
	assert.NoError(t, json.Indent(&indented, redacted, "", "  "))
}

func TestWhatADocumentHoldsIsKnownAfterwards(t *testing.T) {
	redactor := redact.New()
	redactor.Learn(statusDocument(t))
	for _, secret := range []string{
		"canaryINPUT0123456789abcdefghi", "canaryTIMELINE0123456789abcdef", "canaryTIMELINEPATCH0123456789a",
		"canaryRECEIVER0123456789abcdefg", "canaryTRACE0123456789abcdefghij", "canaryDYNAMO0123456789abcdefgh",
		signature, "IQoJb3JpZ2luX2VjEcanary//token",
	} {
		assert.Equal(t, "out of place: ***", redactor.Text("out of place: "+secret))
	}
	assert.Equal(t, lifecycleID+" "+amiID, redactor.Text(lifecycleID+" "+amiID))
}

func TestTextThatIsNoJSONIsLearnedFromToo(t *testing.T) {
	redactor := redact.New()
	redactor.Learn([]byte("500: {'lifecycle': {'api_key': '" + key + "'}} <a href='?api_key=otherCANARY0123456789'>"))
	assert.Equal(t, "*** and ***", redactor.Text(key+" and otherCANARY0123456789"))
}

func TestWhatIsNoJSONIsAnErrorThatQuotesNothing(t *testing.T) {
	for _, document := range []string{
		"", "{", `{"api_key":"` + key, "<html>" + key, `{} ` + key, strings.Repeat("[", 20_000),
	} {
		redacted, err := redact.New().JSON([]byte(document))
		require.Error(t, err)
		assert.Empty(t, redacted)
		assert.NotContains(t, err.Error(), key)
	}
}

func TestControlCharactersBecomeVisible(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"ordinary text stays", "a\tb\nünïcödé 日本 👩‍💻", "a\tb\nünïcödé 日本 👩‍💻"},
		{"terminal escape", "\x1b[2J\x1b]0;title\a", "␛[2J␛]0;title␇"},
		{"8 bit escape", "\u009b2J", "\ufffd2J"},
		{"GitLab section", "\x1b[0Ksection_start:1:x\r\x1b[0KX", "␛[0Ksection_start:1:x␍␛[0KX"},
		{"lone CR", "good\rbad", "good␍bad"},
		{"CRLF is a line's end", "a\r\nb\r\n", "a\nb\n"},
		{"backspace", "abc\b\b\bxyz", "abc␈␈␈xyz"},
		{"writing direction", "a\u202etxt.exe\u2066", "a\ufffdtxt.exe\ufffd"},
		{"line separators", "a\u2028b\u2029c\u0085d", "a\ufffdb\ufffdc\ufffdd"},
		{"no UTF-8", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"NUL and DEL", "a\x00\x7f", "a␀␡"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, redact.ControlCharacters(test.text))
		})
	}
}
