package lifecycle

import (
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// The words of a verdict. Certified and Approved let an image go on; Refused is the other word for both. The
// orchestrator takes any other word as FAILED (docs/wire-contract.md, "What a client must not be fooled by").
const (
	Certified = "CERTIFIED"
	Approved  = "APPROVED"
	Refused   = "FAILED"
)

// amiID is the form of an AMI's id in EC2.
var amiID = pattern.Lazy(`^ami-[0-9a-f]{8,17}$`)

// IsRegion reports whether the text has the form of a region's name, in every partition and of those to come.
func IsRegion(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// IsUsable reports whether the image can be launched by what the document says of it.
func (a AMI) IsUsable() bool { return amiID().MatchString(a.ID) && IsRegion(a.Region) }

// Contradiction says why a result that is COMPLETED is not well all the same, because what it holds says
// otherwise: a build without a usable image, smoke tests that did not pass, counts of a scan that do not
// add up, a verdict of another word. It is "" where nothing speaks against the status.
//
// The server takes COMPLETED at its word, even if the rest contradicts it; a user of the image must not.
func (r *Result) Contradiction() string {
	if r == nil || r.Status != Completed {
		return ""
	}
	switch r.Name {
	case BuildAMI, PatchAMI:
		return imageContradiction(r.AMIs)
	case SmokeTestsCreate, SmokeTestsPatch:
		return wordContradiction("smoke_tests_status", r.SmokeTestsStatus, "PASSED")
	case VulnerabilityScansCreate, VulnerabilityScansPatch:
		if r.Findings == nil || r.Findings.Unreadable {
			return "it is COMPLETED, but its counts of findings are missing, unreadable or contradict each other"
		}
	case QACertificationResponse:
		return wordContradiction("certification_status", r.CertificationStatus, Certified)
	case MarkForProductionCreate, MarkForProductionPatch:
		return wordContradiction("approval_status", r.ApprovalStatus, Approved)
	}
	return ""
}

// Verdict returns the verdict that the result of a certification or an approval records: CERTIFIED,
// APPROVED or FAILED; "" where it records none, or one that contradicts its status.
func (r *Result) Verdict() string {
	if r == nil || !r.Name.IsVerdict() || r.Contradiction() != "" {
		return ""
	}
	good, word := Approved, r.ApprovalStatus
	if r.Name == QACertificationResponse {
		good, word = Certified, r.CertificationStatus
	}
	switch {
	case r.Status == Completed:
		return good
	case r.Status == Failed && word != good:
		return Refused
	}
	return ""
}

func imageContradiction(amis []AMI) string {
	if len(amis) == 0 {
		return "it is COMPLETED, but names no AMI"
	}
	for _, ami := range amis {
		if !ami.IsUsable() {
			return fmt.Sprintf("it is COMPLETED, but names an image with an invalid id or region: %q in %q", short(ami.ID), short(ami.Region))
		}
	}
	return ""
}

// wordContradiction compares a word that a result holds in addition to its status; a word that is missing says nothing.
func wordContradiction(member, word, good string) string {
	if word == "" || word == good {
		return ""
	}
	return fmt.Sprintf("it is COMPLETED, but its %s is %q", member, short(word))
}

// short bounds what is quoted of the server's text.
func short(text string) string {
	const limit = 40
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
