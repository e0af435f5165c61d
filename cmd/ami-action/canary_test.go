package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/stretchr/testify/require"
)

// canary returns a secret in the form of an orchestrator's key: 30 letters and digits. Each half of it contains the word
// canary, so that a part of the secret is found too.
func canary(name string) string { return ("cAnArY" + name + "0cAnArY1cAnArY2cAnArY3cAnArY")[:30] }

// signatureCanary is the signature of a presigned URL.
var signatureCanary = strings.Repeat("cafebabe", 8)

// presigned returns a presigned URL. Anyone who has it can download the image.
func presigned(name string) string {
	return "https://vmdk.s3.amazonaws.com/exports/disk.vmdk?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA" + canary(name) +
		"%2F20260304%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Security-Token=" + canary("t"+name) + "%2F%2F&X-Amz-Signature=" + signatureCanary
}

// showsCanary returns a reading of the text that contains a canary, or "" if there is none. The readings are the text
// itself, and what a reader gets by undoing escapes and base64 and by joining lines, in any order. It shares no code with
// package redact.
func showsCanary(text string) string {
	seen, todo := map[string]bool{}, []string{text}
	for depth := 0; depth < 4; depth++ {
		var next []string
		for _, reading := range todo {
			if seen[reading] {
				continue
			}
			seen[reading] = true
			if lower := strings.ToLower(reading); strings.Contains(lower, "canary") || strings.Contains(lower, "cafebabe") {
				return reading
			}
			next = append(next, percent.ReplaceAllStringFunc(reading, func(s string) string { return fromHex(s[1:]) }),
				html.UnescapeString(reading), withoutEscapes(reading), withoutLayout(reading))
			if depth < 2 {
				next = append(next, decoded(reading))
			}
		}
		todo = next
	}
	return ""
}

var (
	percent   = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	escape    = regexp.MustCompile(`\\(?:u00[0-9a-f]{2}|x[0-9a-f]{2}|[nrt"'\\/])`)
	encodings = regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}`)
)

func fromHex(s string) string {
	raw, _ := hex.DecodeString(s)
	return string(raw)
}

func withoutEscapes(s string) string {
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		switch e[1] {
		case 'n', 'r', 't':
			return "\n"
		case 'u':
			return fromHex(e[4:])
		case 'x':
			return fromHex(e[2:])
		}
		return e[1:]
	})
}

func withoutLayout(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(`"'\`, r) || !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, s)
}

func decoded(s string) string {
	var out strings.Builder
	for _, run := range encodings.FindAllString(s, -1) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for at := range 4 {
			raw, _ := base64.RawStdEncoding.DecodeString(run[at : at+(len(run)-at)/4*4])
			out.WriteString(string(raw) + "\n")
		}
	}
	return out.String()
}

// everyForm returns the secret in every form that the command promises to redact.
func everyForm(secret string) string {
	quoted, _ := json.Marshal(secret)
	twice, _ := json.Marshal(string(quoted))
	var upper, numbers strings.Builder
	for _, b := range []byte(secret) {
		fmt.Fprintf(&upper, "%%%02X", b)
		fmt.Fprintf(&numbers, "&#%d;", b)
	}
	forms := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), string(quoted), string(twice), html.EscapeString(secret),
		upper.String(), strings.ToLower(upper.String()), numbers.String(), strconv.QuoteToASCII(secret),
	}
	for alignment, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
		forms = append(forms, encoding.EncodeToString([]byte(strings.Repeat("?", alignment)+secret+"~")))
	}
	for _, form := range forms[len(forms)-6:] {
		forms = append(forms, form[:len(form)/2]+"\n    "+form[len(form)/2:])
	}
	return strings.Join(forms, " , ")
}

// spill returns a text of the server that contains secrets. known, which the server names as a key elsewhere, is there in
// every form. The others can be recognized only by the text around them.
func spill(known string) string {
	return "Traceback: " + everyForm(known) + ` {'api_key': '` + canary("dump") + `', "api_key": {"S": "` + canary("dynamo") + `"}, ` +
		`u'db_password': u'` + canary("passwd") + `', "statemachine_input": "{\"api_key\": \"` + canary("input") + `\"}"} ` +
		"GET https://host/dev/status?a=1&api_key=" + canary("query") + "&b=2 next=%2Fs%3Fapi_key%3D" + canary("nested") + " <a href=\"/t?x=1&amp;api_key=" +
		canary("page") + "\"> x-api-key: " + canary("header") + " aws_secret_access_key = " + awsSecret + " " + presigned("error") + " end"
}

// plantSecrets puts a canary into every secret of a status document that docs/wire-contract.md describes, into unknown
// members, and into every value that the command shows.
func plantSecrets(document map[string]any) {
	known := canary("receiver")
	document["api_key"] = known
	document["timeline"] = map[string]any{
		"ami_creation": "https://api/dev/timeline?api_key=" + canary("timeline"), "ami_patch": "https://api/dev/timeline?p=1&api_key=" + canary("timeline2"),
	}
	document["of_tomorrow"] = map[string]any{
		"X-Api-Key": canary("member"), "password": canary("password"), "client_secret": canary("client"), "AuthToken": canary("auth"),
		"credentials":                       map[string]any{"SecretAccessKey": canary("sak"), "SessionToken": canary("st")},
		"ami_patch_mark_for_production_key": canary("mark"), "SecretString": canary("string"), "task_token": canary("task"),
	}
	spilt := spill(known)
	brief := "see https://h/s?api_key=" + canary("brief") + " and " + known[:13] + "\n" + known[13:]
	document["owner"], document["product_name"] = "An "+brief, "A "+brief
	document["stack_tag"], document["product_ver"], document["commit_ref"] = known[:13]+"\n"+known[13:], url.QueryEscape(presigned("version")), known
	document["properties"] = map[string]any{"note": spilt, brief: "x", "api_key": canary("property")}
	if running, ok := document["event_in_progress"].(map[string]any); ok {
		running["statemachine_input"] = `{"api_key": "` + canary("machine") + `", "task": "{\"task_token\": \"` + canary("taskin") + `\"}"}`
		running["execution_arn"] = brief
		if running["status"] != nil {
			running["error_message"], running["stack_trace"] = spilt, spilt
		}
	}
	for _, result := range resultsOf(document) {
		plantInResult(result, spilt, brief)
	}
}

// resultsOf returns the results of the creation and of the current patch.
func resultsOf(document map[string]any) (results []map[string]any) {
	for _, outputs := range []string{"outputs_ami_creation", "outputs_ami_patch"} {
		phase, _ := document[outputs].(map[string]any)
		if history, ok := phase["patch_history"].(map[string]any); ok {
			phase, _ = history["current"].(map[string]any)
		}
		results = append(results, listOf(phase["events"])...)
	}
	return results
}

func listOf(list any) (objects []map[string]any) {
	items, _ := list.([]any)
	for _, item := range items {
		objects = append(objects, item.(map[string]any))
	}
	return objects
}

func plantInResult(result map[string]any, spilt, brief string) {
	result["api_key"] = canary("result")
	properties := result["properties"].(map[string]any)
	properties["export_presign_s3_url"], properties["elsewhere"], properties["log"] = presigned("export"), presigned("other"), brief
	if _, isBuild := properties["ami_details"]; isBuild {
		properties["ami_ancestry"] = brief
		properties["ami_details"] = []any{map[string]any{"region": "us-east-1", "image": "ami-0123456789abcdef0", "name": spilt,
			"accountId": brief, "description": brief, "ami_semver": "1.0.0 " + brief}}
	}
	if report, isScan := properties["vulnerability_scan_report"].(map[string]any); isScan {
		report["S3Bucket"], report["S3Key"] = "reports", brief
	}
}

// plantInEvidence also puts secrets into the values that prove a result successful, such as the id of the image. A result
// with such a value does not count as successful.
func plantInEvidence(document map[string]any) {
	plantSecrets(document)
	const brief = " see https://h/s?api_key="
	for _, result := range resultsOf(document) {
		properties := result["properties"].(map[string]any)
		for _, ami := range listOf(properties["ami_details"]) {
			ami["image"], ami["region"] = "ami-1"+brief+canary("image"), "us-east-1"+brief+canary("region")
		}
		if result["certification_status"] != nil {
			result["certification_status"] = "CERTIFIED" + brief + canary("certified")
		}
		if properties["approval_status"] != nil {
			properties["approval_status"] = "APPROVED" + brief + canary("approved")
		}
		if properties["smoke_tests_status"] != nil {
			properties["smoke_tests_status"] = "PASSED" + brief + canary("passed")
		}
	}
}

// requireNoCanary fails the test if anything that the command wrote contains a canary or a key of the deployment. It
// leaves out the add-mask lines of GitHub, which the runner never shows.
func (w *world) requireNoCanary(e ended, keys []string) {
	w.t.Helper()
	var stderr strings.Builder
	for line := range strings.Lines(e.stderr) {
		if w.place != "github" || !strings.HasPrefix(line, "::add-mask::") {
			stderr.WriteString(line)
		}
	}
	shown := w.left()
	delete(shown, "component.yaml")
	shown["stdout"], shown["stderr"] = e.stdout, stderr.String()
	for where, text := range shown {
		if reading := showsCanary(text); reading != "" {
			w.t.Fatalf("%s shows a secret:\n%s\nto who reads it so:\n%s", where, text, reading)
		}
		joined := withoutLayout(text)
		for _, key := range keys {
			require.NotContains(w.t, joined, key[:12], where)
		}
	}
}
