package action_test

import (
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// drawing turns bytes into choices. When no bytes are left, each choice is the first.
type drawing []byte

func (d *drawing) below(n int) int {
	if len(*d) == 0 {
		return 0
	}
	choice := int((*d)[0])
	*d = (*d)[1:]
	return choice % n
}

// one returns one of the words. The first is the valid one, and is chosen most often.
func (d *drawing) one(words ...string) string {
	if d.below(10) > 0 {
		return words[0]
	}
	return words[d.below(len(words))]
}

// drawDocuments makes one to four consecutive status documents of one lifecycle: valid ones, ones that contradict
// themselves, and huge ones. raw, if not empty, replaces one of them.
func drawDocuments(drawn, raw []byte) (documents [][]byte) {
	d := drawing(drawn)
	for range 1 + d.below(4) {
		documents = append(documents, []byte(d.document()))
	}
	if len(raw) > 0 {
		documents[d.below(len(documents))] = raw
	}
	return documents
}

// scansCreate is the wire's name of the scans of a creation.
const scansCreate = string(lifecycle.VulnerabilityScansCreate)

func (d *drawing) document() string {
	members := []string{
		fmt.Sprintf(`"lifecycle_id": %q`, drawnID),
		`"inputs_ami_creation": {"events": [` + d.switches("BUILD_AMI", "SMOKE_TESTS_AMI_CREATE", scansCreate, "QA_CERTIFICATION_REQUEST", "SIGN_AMI") + `]}`,
	}
	creation := d.results("BUILD_AMI", "SMOKE_TESTS_AMI_CREATE", scansCreate, "QA_CERTIFICATION_REQUEST", "QA_CERTIFICATION_RESPONSE", "MARK_FOR_PRODUCTION_CREATE")
	members = append(members, d.one(`"outputs_ami_creation"`, `"Outputs_AMI_Creation"`)+`: {"events": [`+creation+`]}`)
	if d.below(3) == 0 {
		members = append(members, `"inputs_ami_patch": {"events": [`+d.switches("PATCH_AMI", "SMOKE_TESTS_AMI_PATCH", "VULNERABILITY_SCANS_AMI_PATCH")+`]}`,
			`"outputs_ami_patch": {"patch_history": {"current": {"events": [`+d.results("PATCH_AMI", "SMOKE_TESTS_AMI_PATCH", "VULNERABILITY_SCANS_AMI_PATCH", "MARK_FOR_PRODUCTION_PATCH")+`]}, "historical": []}}`)
	}
	if d.below(3) == 0 {
		members = append(members, `"event_in_progress": `+d.execution())
	}
	switch d.below(12) {
	case 1:
		members = append(members, `"x": [`+strings.Repeat(`{"a": 0},`, 20_000)+`0]`)
	case 2:
		members = append(members, `"x": `+strings.Repeat("[", 5000)+strings.Repeat("]", 5000))
	case 3:
		members = append(members, members[d.below(len(members))]) // a member twice
	}
	return "{" + strings.Join(members, ", ") + "}"
}

func (d *drawing) switches(names ...string) string {
	var switches []string
	for _, name := range names {
		switches = append(switches, fmt.Sprintf(`{"name": %q, "enabled": %s}`, name, d.one("true", "false")))
	}
	return strings.Join(switches, ", ")
}

func (d *drawing) execution() string {
	name := d.one("SMOKE_TESTS_AMI_CREATE", "BUILD_AMI", scansCreate, "PATCH_AMI", "SMOKE_TESTS_AMI_PATCH", "SIGN_AMI", "")
	status := d.one("", `, "status": "ERROR"`, `, "status": "COMPLETED"`, `, "status": "ERROR_EVENT_TIMEOUT"`, `, "status": "FAILED"`, `, "status": "?"`)
	return fmt.Sprintf(`{"name": %q, "execution_arn": "arn:%d", "execution_startdate": "11/25/2026, 10:00:0%d"%s}`, name, d.below(4), d.below(10), status)
}

func (d *drawing) results(names ...string) string {
	var results []string
	for _, name := range names[:max(d.below(len(names)+1), d.below(len(names)+1))] {
		results = append(results, d.result(name))
		if d.below(6) == 0 {
			results = append(results, d.result(name)) // a second result of the same event
		}
	}
	if d.below(6) == 0 {
		results = append(results, d.result(d.one("SIGN_AMI", "", "build_ami", "SMOKE_TESTS")))
	}
	if d.below(20) == 1 {
		results = append(results, strings.Repeat(d.result("SMOKE_TESTS_AMI_CREATE")+",", 300)+d.result("SMOKE_TESTS_AMI_CREATE"))
	}
	return strings.Join(results, ", ")
}

func (d *drawing) result(name string) string {
	status := d.one(`"COMPLETED"`, `"FAILED"`, `"ERROR"`, `"IN_PROGRESS"`, `"completed"`, `""`, `null`, `7`, `"COMPLETED "`)
	properties := "{}"
	switch {
	case name == "BUILD_AMI" || name == "PATCH_AMI":
		image := `{"region": "eu-west-1", "image": "ami-0123456789abcdef0", "ami_semver": "1.0.0"}`
		images := d.one(image, image+", "+image, "", `{"region": "eu-west-1", "image": ""}`, image+`, {"region": "", "image": "ami-0123456789abcdef0"}`,
			`{"region": "eu-west-1", "Image": "ami-0123456789abcdef0"}`, `{"region": "eu-west-1", "image": 5}`, `null`)
		properties = `{"ami_details": ` + d.one("["+images+"]", images, "null", `"x"`) + `}`
		if images == "" || strings.Contains(properties, `: {`) && strings.Contains(properties, `}, {`) {
			properties = `{"ami_details": []}`
		}
	case strings.Contains(name, "SMOKE"):
		properties = `{` + d.one(`"smoke_tests_status": "PASSED"`, `"smoke_tests_status": "FAILED"`, `"smoke_tests_status": "passed"`, `"smoke_tests_status": ["PASSED"]`, ``, `"Smoke_tests_status": "FAILED"`) + `}`
	case strings.Contains(name, "SCANS"):
		properties = fmt.Sprintf(`{"total_vulnerabilities": %s, "vulnerability_severities": %s, "ami_contains_vulnerabilities": %s}`,
			d.one(`"3"`, `"0"`, `3`, `"03"`, `"-3"`, `"3e0"`, `null`, `"99999999999"`, `true`),
			d.one(`{"LOW": "1", "MEDIUM": "2", "HIGH": "0"}`, `{"LOW": "0"}`, `{"HIGH": "3"}`, `{"CRITICAL": "1", "LOW": "2"}`, `{"UNTRIAGED": "3"}`,
				`{"low": "3"}`, `{"SEVERE": "3"}`, `{"LOW": "4", "HIGH": "-1"}`, `{"LOW": "4294967299"}`, `{}`, `null`, `[]`, `{"LOW": "3", "LOW": "0"}`),
			d.one(`true`, `"true"`, `"True"`, `false`, `"false"`, `null`, `[]`))
	case name == "QA_CERTIFICATION_RESPONSE":
		properties = `{}, "certification_status": ` + d.one(`"CERTIFIED"`, `"FAILED"`, `""`, `null`)
	case strings.HasPrefix(name, "MARK"):
		properties = `{"approval_status": ` + d.one(`"APPROVED"`, `"FAILED"`, `null`, `{}`) + `}`
	}
	return fmt.Sprintf(`{"name": %q, %s: %s, "status_date": "11/25/2026, 10:00:0%d", "properties": %s}`,
		name, d.one(`"status"`, `"Status"`, `"status": "FAILED", "status"`), status, d.below(3), properties)
}
