package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/redact"
)

const (
	key       = "cAnArY0123456789abcdefGHIJKLmn"                   // in the form of the orchestrator's keys
	awsSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYcanary/KEY=="       // in the form of AWS's keys
	presigned = "https://vmdk.s3.amazonaws.com/exports/disk.vmdk?" // the query follows
	signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
	query     = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIACANARY%2F20240101%2Fus-east-1%2Fs3%2Faws4_request" +
		"&X-Amz-Expires=604800&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEcanary%2F%2Ftoken&X-Amz-Signature=" + signature
	lifecycleID = "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7"
	amiID       = "ami-0123456789abcdef0"
)

func TestKnownSecretsAreReplacedInEveryForm(t *testing.T) {
	for _, secret := range []string{key, awsSecret, `pa"ss\word<&>é`} {
		redactor := redact.New()
		redactor.Add(secret)
		marshalled, err := json.Marshal("before " + secret)
		require.NoError(t, err)
		twice, err := json.Marshal(string(marshalled))
		require.NoError(t, err)
		forms := map[string]string{
			"plain":              "key " + secret + " ends",
			"in a query":         "https://host/path?key=" + url.QueryEscape(secret),
			"in a path":          "https://host/" + url.PathEscape(secret) + "/x",
			"URL in a URL":       url.QueryEscape("https://h/?k=" + url.QueryEscape(secret)),
			"lower case hex":     strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d").Replace(url.QueryEscape(secret)),
			"JSON":               string(marshalled),
			"JSON in JSON":       string(twice),
			"JSON with slashes":  strings.ReplaceAll(string(marshalled), "/", `\/`),
			"a Go quoted string": strconv.QuoteToGraphic(secret),
			"HTML":               "<p>" + html.EscapeString(secret) + "</p>",
			"every byte in hex":  everyByte("%%%02X", secret),
			"lower case":         everyByte("%%%02x", secret),
			"twice in hex":       strings.ReplaceAll(everyByte("%%%02X", secret), "%", "%25"),
			"as Python quotes":   strings.ReplaceAll(url.PathEscape(strings.ReplaceAll(secret, "/", "!")), "%21", "/"),
			"as Python's bytes":  everyByte(`\x%02x`, secret),
			"HTML by numbers":    everyLetter("&#x%x;", secret),
			"wrapped":            secret[:9] + "\n" + secret[9:],
			"wrapped, indented":  "  " + secret[:9] + " \r\n    " + secret[9:],
			"wrapped thrice":     secret[:4] + "\n" + secret[4:10] + "\n" + secret[10:12] + "\n" + secret[12:],
			"wrapped by pprint":  "{'k': '" + secret[:9] + "'\n      '" + secret[9:] + "'}",
			"wrapped in JSON":    `"` + secret[:9] + `\n` + secret[9:] + `"`,
			"wrapped in a shell": secret[:9] + " \\\n  " + secret[9:],
			"zero-width spaces":  secret[:5] + "\u200b" + secret[5:9] + "\u00ad" + secret[9:],
			"in hex":             "dump: " + hex.EncodeToString([]byte(secret)) + ".",
			"in capital hex":     strings.ToUpper(hex.EncodeToString([]byte("<" + secret + ">"))),
			"base64 twice":       base64.StdEncoding.EncodeToString([]byte("." + base64.StdEncoding.EncodeToString([]byte("key "+secret)))),
			"HTML, no semicolon": everyLetter("&#%d", secret),
			"in octal":           everyByte(`\%03o`, secret),
			"as Python's runes":  everyLetter(`\U%08x`, secret),
			"as Rust's runes":    everyLetter(`\u{%x}`, secret),
			"as escape's runes":  everyLetter(`%%u%04X`, secret),
			"coloured":           "\x1b[1m" + secret[:5] + "\x1b[01;31m\x1b[K" + secret[5:] + "\x1b[m",
			"control characters": secret[:5] + "\x00" + secret[5:9] + "\x1b" + secret[9:],
		}
		for name, text := range forms {
			t.Run(name, func(t *testing.T) {
				redacted := redactor.Text(text)
				assert.Contains(t, redacted, redact.Placeholder)
				assert.NotContains(t, redacted, secret)
				for i := range len(secret) - 8 {
					assert.NotContains(t, redacted, secret[i:i+8], "a piece of the secret")
				}
				assert.Equal(t, redacted, redactor.Text(redacted), "redacting twice changes nothing")
			})
		}
	}
}

// everyByte formats each byte of the text with form.
func everyByte(form, text string) string {
	var out strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&out, form, text[i])
	}
	return out.String()
}

func everyLetter(form, text string) string {
	var out strings.Builder
	for _, letter := range text {
		fmt.Fprintf(&out, form, letter)
	}
	return out.String()
}

func TestThePartsOfASecretAreSecretsToo(t *testing.T) {
	redactor := redact.New()
	redactor.Add(`{"api_key": "first`+key+`", "more": ["second`+key+`"], "region": "eu-west-1", "on": true}`, "third"+key+"\r\nfourth"+key+"\n")
	for _, part := range []string{"first", "second", "third", "fourth"} {
		assert.Equal(t, "it is ***.", redactor.Text("it is "+part+key+"."))
	}
	assert.Equal(t, "api_key of eu-west-1 is true", redactor.Text("api_key of eu-west-1 is true"))
}

func TestBase64HidesASecretAtEveryAlignment(t *testing.T) {
	redactor := redact.New()
	redactor.Add(key, awsSecret)
	for _, secret := range []string{key, awsSecret} {
		for before := range 7 {
			for after := range 4 {
				text := strings.Repeat("?", before) + secret + strings.Repeat("~", after)
				for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
					redacted := redactor.Text(encoding.EncodeToString([]byte(text)))
					assert.Contains(t, redacted, redact.Placeholder, "%d before, %d after", before, after)
					rest, _ := encoding.DecodeString(strings.ReplaceAll(redacted, redact.Placeholder, ""))
					assert.NotContains(t, string(rest), secret[3:len(secret)-3])
				}
			}
		}
	}
}

func TestUnknownSecretsAreGivenAwayByTheirSurroundings(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"query", "GET https://h/x/status?api_key=" + key, "GET https://h/x/status?api_key=***"},
		{"query, more after", "?api_key=" + key + "&a=1", "?api_key=***&a=1"},
		{"error of net/http", `Get "https://h/s?api_key=` + key + `": EOF`, `Get "https://h/s?api_key=***": EOF`},
		{"encoded URL", "next=%2Fs%3Fapi_key%3D" + key, "next=%2Fs%3Fapi_key%3D***"},
		{"JSON", `{"api_key": "` + key + `", "a": 1}`, `{"api_key": "***", "a": 1}`},
		{"JSON in JSON", `"{\"api_key\":\"` + key + `\"}"`, `"{\"api_key\":\"***\"}"`},
		{"twice escaped", `{\\\"api_key\\\":\\\"` + key + `\\\"}`, `{\\\"api_key\\\":\\\"***\\\"}`},
		{"Python", `{'api_key': '` + key + `', 'name': 'X'}`, `{'api_key': '***', 'name': 'X'}`},
		{"Python, unicode", `{u'api_key': u'` + key + `'}`, `{u'api_key': u'***'}`},
		{"DynamoDB", `"api_key": {"S": "` + key + `"}`, `"api_key": {"S": "***"}`},
		{"HTML", `<a href="/t?a=1&amp;api_key=` + key + `">`, `<a href="/t?a=1&amp;api_key=***">`},
		{"JSON in HTML", `&quot;api_key&quot;: &quot;` + key + `&quot;`, `&quot;api_key&quot;: &quot;***&quot;`},
		{"URL of Go's JSON", `"https://h/?a=1\u0026api_key=` + key + `"`, `"https://h/?a=1\u0026api_key=***"`},
		{"a password in a URL", `dial "https://me:hunter2!@host/x": refused`, `dial "https://me:***@host/x": refused`},
		{"a token in a URL", "https://gitlab-ci-token:" + key + "@gitlab.example.com/a.git", "https://gitlab-ci-token:***@gitlab.example.com/a.git"},
		{"a password without a user", "redis://:hunter2@host:6379", "redis://:***@host:6379"},
		{"a password in a URL in JSON", `{"remote": "https:\/\/me:hunter2@host\/x"}`, `{"remote": "https:\/\/me:***@host\/x"}`},
		{"a port and an address", "http://host:8080/x of me@example.com", "http://host:8080/x of me@example.com"},
		{"a user and a port", "ssh://git@host:22/x", "ssh://git@host:22/x"},
		{"header", "x-api-key: " + key, "x-api-key: ***"},
		{"presigned URL", "see " + presigned + query + " now", "see https://vmdk.s3.amazonaws.com/exports/disk.vmdk?*** now"},
		{"presigned, bare", presigned + "X-Amz-Expires=604800", presigned + "***"},
		{"presigned of Go's JSON", `"` + presigned + strings.ReplaceAll(query, "&", `\u0026`) + `"`, `"` + presigned + `***"`},
		{"presigned, behind what is not UTF-8", "\xe9\xff\xff " + presigned + query + " now", "\xe9\xff\xff https://vmdk.s3.amazonaws.com/exports/disk.vmdk?*** now"},
		{"signature alone", "x-amz-signature=" + signature, "x-amz-signature=***"},
		{"signature, encoded", "X-Amz-Signature%3D" + signature, "X-Amz-Signature%3D***"},
		{"authorization", "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=" + signature, "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=***"},
		{"credentials file", "aws_secret_access_key = " + awsSecret, "aws_secret_access_key = ***"},
		{"shell", `export AWS_SECRET_ACCESS_KEY="` + awsSecret + `" A=1`, `export AWS_SECRET_ACCESS_KEY="***" A=1`},
		{"flag", "--password='a b' --user=c", "--password='***' --user=c"},
		{"Terraform", `secret = "` + awsSecret + `"`, `secret = "***"`},
		{"YAML", `password: "a b"`, `password: "***"`},
		{"a quoted assignment in JSON", `{"log": "secret=\"a b\", x"}`, `{"log": "secret=\"***\", x"}`},
		{"attribute of HTML", `<i secret=&quot;a b&quot;>`, `<i secret=&quot;***&quot;>`},
		{"empty, quoted", `secret="" password=''`, `secret="" password=''`},
		{"bearer", "curl -H 'Authorization: Bearer " + key + "' https://h", "curl -H 'Authorization: Bearer ***' https://h"},
		{"environment", "AWS_SESSION_TOKEN=" + awsSecret, "AWS_SESSION_TOKEN=***"},
		{"wrapped query", "?api_key=" + key[:11] + "\n    " + key[11:] + "\"", "?api_key=***\""},
		{"wrapped signature", "X-Amz-Signature=" + signature[:11] + "\n" + signature[11:] + "&x", "X-Amz-Signature=***&x"},
		{"every byte in hex", everyByte("%%%02X", "api_key="+key), everyByte("%%%02X", "api_key=") + "***"},
		{"a key, and a line", "?api_key=" + key + "\nTraceback", "?api_key=***\nTraceback"},
		{"a password", `{'db_password': '` + awsSecret + `', 'a': 1}`, `{'db_password': '***', 'a': 1}`},
		{"a token", `{"authToken":"` + awsSecret + `"}`, `{"authToken":"***"}`},
		{"the name of a secret", `{"ami_creation_mark_for_production_key": "` + key + `"}`, `{"ami_creation_mark_for_production_key": "***"}`},
		{"STS", "<SecretAccessKey>" + awsSecret + "</SecretAccessKey>", "<SecretAccessKey>***</SecretAccessKey>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			redacted := redact.New().Text(test.text)
			assert.Equal(t, test.want, redacted)
			assert.Equal(t, redacted, redact.New().Text(redacted), "redacting twice changes nothing")
		})
	}
}

func TestOrdinaryTextStaysAsItIs(t *testing.T) {
	redactor := redact.New()
	redactor.Add(key, "brief", "", "dev", "no")
	redactor.Learn([]byte(`{"api_key":"` + lifecycleID + `","x":[{"api_key":"` + amiID + `"},{"api_key":"COMPLETED"}]}`))
	for _, text := range []string{
		lifecycleID, amiID, "main", "device", "briefly", "no", "dev_1", "COMPLETED", "us-east-1", "123456789012",
		"build-" + lifecycleID + "-x1", "s3://bucket/" + lifecycleID + "/component.yaml",
		"/ami-lifecycle/api-keys/ami_creation_post_api_key: ResourceNotFoundException",
		"api_key: missing", "Invalid API Key provided", "the signature of the component",
		"0123456789abcdef0123456789abcdef01234567", "https://host/path?page=2",
		"100% done\n  'quoted'\n\t\\n \\u00e9 &amp; %41 é \u200b \x1b[0m \xff %", `{"s3_object_key": "a/b", "S3Key": "c/d"}`,
		"post_api_key: ResourceNotFoundException\nCheckThatThisIsTheRegion", `{"AMI_ACTION_TOKEN": "0123456789ab.cdef"}`,
		base64.StdEncoding.EncodeToString([]byte("nothing of interest")),
	} {
		assert.Equal(t, text, redactor.Text(text))
	}
}

func TestAShortSecretIsReplacedWhereItIsAWord(t *testing.T) {
	redactor := redact.New()
	redactor.Add("dev-1", "brief")
	assert.Equal(t, "a *** device, ***: (***) briefly", redactor.Text("a brief device, dev-1: (brief) briefly"))
	assert.Equal(t, "***", redactor.Value("brief"))
}

// A dummy key that is an ordinary word, or that has the form of a result, must not change a result.
func TestAResultKeepsItsFormWhateverTheSecretsAre(t *testing.T) {
	redactor := redact.New()
	redactor.Add("us-east-1", "0123456789abcdef0", "lifecycle_id", "COMPLETED", "1.0.0", "123456789012", "BUILD_AMI", "web", lifecycleID)
	document := `{"lifecycle_id":"` + lifecycleID + `","status":"COMPLETED","ami_details":[{"region":"us-east-1","image":"` + amiID +
		`","accountId":"123456789012","ami_semver":"1.0.0"}],"name":"BUILD_AMI","status_date":"01/02/2026, 10:00:00"}`
	redacted, err := redactor.JSON([]byte(document))
	require.NoError(t, err)
	assert.Equal(t, document, string(redacted))
	for _, value := range []string{"us-east-1", amiID, "1.0.0", "COMPLETED", lifecycleID, "us-gov-west-1", "ap-southeast-3"} {
		assert.Equal(t, value, redactor.Value(value))
	}
	assert.Equal(t, "***", redactor.Value("web"), "what is a secret and has no such form is not shown")
}

// These texts once took minutes, because a pattern read the same parts again and again.
func TestRedactionIsLinear(t *testing.T) {
	redactor := redact.New()
	redactor.Add(key, awsSecret, strings.Repeat("a", 100))
	for _, part := range []string{
		"http:/", "secret", "api_key", "api_key=", "x-amz-", "http://h?x-amz-", `\\`, `"password`, "aws_session_token", "\n ", "%25", "&amp;", "a", "a=",
		`{"api_key":`, "secret ", "key:\t", `\"`, "\u200b", "password: ", "signature", "token'", `secret="…"`, "secret:", "secret =", "a: ", "secret-",
	} {
		steps := func(size int) float64 {
			text := strings.Repeat(part, size/len(part))
			return testing.AllocsPerRun(1, func() { redactor.Text(text) })
		}
		// Work that is repeated for each part of a text also allocates each time. Ten times the text must take about ten
		// times the allocations, not a hundred times.
		small, large := steps(10_000), steps(100_000)
		assert.LessOrEqual(t, large, 25*small+100, part)
	}
}

func TestErrorsOfGoItselfKeepNoKey(t *testing.T) {
	_, err := http.Get("http://127.0.0.1:1/ami-creation/lifecycles/x/status?api_key=" + key)
	require.Error(t, err)
	redacted := redact.New().Text(err.Error())
	assert.NotContains(t, redacted, key)
	assert.Contains(t, redacted, "/ami-creation/lifecycles/x/status", "what was asked for stays readable")
}

func TestASecretThatBeginsWithAnotherIsReplacedWhole(t *testing.T) {
	redactor := redact.New()
	redactor.Add(key[:10], key)
	assert.Equal(t, "***", redactor.Text(key))
}

func TestAWriterCatchesASecretCutOverWrites(t *testing.T) {
	redactor := redact.New()
	redactor.Add(key)
	text := "a " + key + " b\nsecond " + key + "\nlast " + key
	for size := 1; size <= len(text); size++ {
		var out strings.Builder
		writer := redactor.Writer(&out)
		for start := 0; start < len(text); start += size {
			piece := text[start:min(start+size, len(text))]
			n, err := io.WriteString(writer, piece)
			require.NoError(t, err)
			require.Equal(t, len(piece), n)
		}
		require.NoError(t, writer.Close())
		require.Equal(t, "a *** b\nsecond ***\nlast ***", out.String(), "pieces of %d bytes", size)
	}
}

func TestConcurrentUseLosesNoSecret(t *testing.T) {
	redactor := redact.New()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			secret := fmt.Sprintf("%s%02d", key, i)
			redactor.Add(secret)
			assert.NotContains(t, redactor.Text("x"+secret+"y"), secret)
		})
	}
	group.Wait()
}

func TestAHostileDocumentCannotFillTheMemory(t *testing.T) {
	var document strings.Builder
	document.WriteString("[")
	for i := range 20_000 {
		fmt.Fprintf(&document, `{"api_key":"%s"},`, hex.EncodeToString(fmt.Appendf(nil, "canary%09d", i)))
	}
	document.WriteString("{}]")
	redacted, err := redact.New().JSON([]byte(document.String()))
	require.NoError(t, err)
	assert.NotContains(t, string(redacted), hex.EncodeToString([]byte("canary")), "also those that were not remembered")
}
