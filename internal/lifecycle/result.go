package lifecycle

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Result is the result of an event that has ended.
type Result struct {
	Name       Event
	Status     Status
	StatusDate Date
	// AMIs are the images that a build or a patch made, one per region and account.
	AMIs []AMI
	// Ancestry is set for a patch. It lists the images that the patched image descends from, in the server's format:
	// "ami-1 (v1.0.0) -> ami-2 (v1.1.0)".
	Ancestry string
	// Findings are the findings of a vulnerability scan. They are nil for every other event.
	Findings *Findings
	// SmokeTestsStatus is PASSED, or another word for smoke tests that did not pass.
	SmokeTestsStatus string
	// CertificationStatus is CERTIFIED, or another word for a QA certification that was refused.
	CertificationStatus string
	// ApprovalStatus is APPROVED, or another word for an approval that was refused.
	ApprovalStatus string
	// raw distinguishes results of the same event. Their dates may be equal, since they have whole seconds only.
	raw []byte
}

// AMI is one machine image.
type AMI struct {
	Region          string `json:"region"`
	ID              string `json:"image"`
	Name            string `json:"name"`
	AccountID       string `json:"accountId"`
	Description     string `json:"description,omitempty"`
	SemanticVersion string `json:"ami_semver"`
}

// Severity is the severity of a finding.
type Severity string

// The severities of a scan, worst first.
const (
	Critical      Severity = "CRITICAL"
	High          Severity = "HIGH"
	Medium        Severity = "MEDIUM"
	Low           Severity = "LOW"
	Informational Severity = "INFORMATIONAL"
	Untriaged     Severity = "UNTRIAGED"
)

// Severities returns all severities, worst first. UNTRIAGED comes last, because its severity is not known yet.
func Severities() []Severity {
	return []Severity{Critical, High, Medium, Low, Informational, Untriaged}
}

// Findings counts what a vulnerability scan found.
type Findings struct {
	Total      int              `json:"total"`
	BySeverity map[Severity]int `json:"by_severity"`
	// ReportBucket and ReportKey say where in S3 the scan's report is.
	ReportBucket string `json:"report_bucket,omitempty"`
	ReportKey    string `json:"report_key,omitempty"`
	// Unreadable is set if a count is missing or is not a number, if a severity is unknown, or if the counts contradict
	// each other. Such a scan proves nothing. No deployed orchestrator sends one (docs/wire-contract.md, "The status
	// document").
	Unreadable bool `json:"unreadable,omitempty"`
}

// UnmarshalJSON decodes a result of the status document.
func (r *Result) UnmarshalJSON(data []byte) error {
	var wire struct {
		Name                Event          `json:"name"`
		Status              Status         `json:"status"`
		StatusDate          Date           `json:"status_date"`
		CertificationStatus jsontext.Value `json:"certification_status"`
		ApprovalStatus      jsontext.Value `json:"approval_status"`
		SmokeTests          jsontext.Value `json:"smoke_tests_status"`
		Properties          jsontext.Value `json:"properties"`
	}
	if err := json.Unmarshal(data, &wire, strictly); err != nil {
		return err
	}
	*r = Result{Name: wire.Name, Status: wire.Status, StatusDate: wire.StatusDate, raw: bytes.Clone(data)}
	// A property of an unexpected type must not hide the other properties, nor the fact that the event has ended. So
	// properties are decoded one by one, and such a value is not an error.
	var properties struct {
		AMIs                jsontext.Value `json:"ami_details"`
		Ancestry            jsontext.Value `json:"ami_ancestry"`
		CertificationStatus jsontext.Value `json:"certification_status"`
		ApprovalStatus      jsontext.Value `json:"approval_status"`
		SmokeTests          jsontext.Value `json:"smoke_tests_status"`
	}
	if wire.Properties.Kind() == '{' {
		if err := json.Unmarshal(wire.Properties, &properties, strictly); err != nil {
			return err
		}
	}
	if properties.AMIs != nil && json.Unmarshal(properties.AMIs, &r.AMIs, strictly) != nil {
		r.AMIs = nil
	}
	r.Ancestry = word(properties.Ancestry)
	// The server writes certification_status beside the properties and the other two among them. Both places are read,
	// and both count.
	r.CertificationStatus = bothWords(wire.CertificationStatus, properties.CertificationStatus)
	r.ApprovalStatus = bothWords(wire.ApprovalStatus, properties.ApprovalStatus)
	r.SmokeTestsStatus = bothWords(wire.SmokeTests, properties.SmokeTests)
	if wire.Name.IsScan() {
		r.Findings = findingsOf(wire.Properties)
	}
	return nil
}

// word returns the string value of a member. It returns "" if the member is missing or null, and the JSON of a value
// that is not a string, so that it counts as an unknown word.
func word(value jsontext.Value) string {
	var text string
	switch value.Kind() {
	case '"':
		if json.Unmarshal(value, &text, strictly) == nil {
			return text
		}
	case 'n', 0:
		return ""
	}
	return string(value)
}

// bothWords returns the word of a member that may be in two places. Two different words give a text that is neither, so
// that it counts as an unknown word.
func bothWords(one, other jsontext.Value) string {
	a, b := word(one), word(other)
	if a == "" || b == "" || a == b {
		return cmp.Or(a, b)
	}
	return a + " and " + b
}

// HasProperty reports whether matches returns true for any property of the result; a value that is not a string is
// passed as its JSON. The properties are not a field of Result, because some are secret (a presigned URL).
func (r *Result) HasProperty(matches func(key, value string) bool) bool {
	for key, value := range r.properties() {
		if matches(key, value) {
			return true
		}
	}
	return false
}

func (r *Result) properties() Properties {
	var wire struct {
		Properties Properties `json:"properties"`
	}
	_ = json.Unmarshal(r.raw, &wire, strictly) // raw has been decoded without an error before
	return wire.Properties
}

// SameAs reports whether other is the same result as r, and not another one of the same event.
func (r *Result) SameAs(other *Result) bool {
	return r != nil && other != nil && bytes.Equal(r.raw, other.raw)
}

func findingsOf(properties jsontext.Value) *Findings {
	var wire struct {
		Contains   jsontext.Value            `json:"ami_contains_vulnerabilities"`
		Total      jsontext.Value            `json:"total_vulnerabilities"`
		Severities map[string]jsontext.Value `json:"vulnerability_severities"`
		Report     struct {
			Bucket string `json:"S3Bucket"`
			Key    string `json:"S3Key"`
		} `json:"vulnerability_scan_report"`
	}
	findings := &Findings{BySeverity: map[Severity]int{}}
	if json.Unmarshal(properties, &wire, strictly) != nil || wire.Severities == nil {
		findings.Unreadable = true
		return findings
	}
	sum := 0
	count := func(raw jsontext.Value) int {
		n, err := strconv.ParseInt(string(bytes.Trim(raw, `"`)), 10, 32)
		if err != nil || n < 0 {
			findings.Unreadable = true
			return 0
		}
		return int(n)
	}
	findings.Total = count(wire.Total)
	for severity, raw := range wire.Severities {
		n := count(raw)
		sum += n
		findings.BySeverity[Severity(severity)] = n
		if !slices.Contains(Severities(), Severity(severity)) {
			findings.Unreadable = true
		}
	}
	// ami_contains_vulnerabilities must agree with the counts. It is true or false, or a string of either.
	contains := strings.ToLower(word(wire.Contains))
	if sum != findings.Total || contains != "" && contains != strconv.FormatBool(sum > 0) {
		findings.Unreadable = true
	}
	findings.ReportBucket, findings.ReportKey = wire.Report.Bucket, wire.Report.Key
	return findings
}

// AtLeast counts the findings of the severity and of every worse one. UNTRIAGED findings always count, because they
// may be of any severity.
func (f *Findings) AtLeast(severity Severity) int {
	total := f.BySeverity[Untriaged]
	for _, s := range Severities() {
		if s == Untriaged {
			break
		}
		total += f.BySeverity[s]
		if s == severity {
			break
		}
	}
	return total
}
