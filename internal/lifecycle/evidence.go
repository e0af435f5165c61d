package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// The words of a verdict: Certified or Refused for a certification, Approved or Refused for an approval. The
// orchestrator takes any other word as FAILED (docs/wire-contract.md, "What a client must not be fooled by").
const (
	Certified = "CERTIFIED"
	Approved  = "APPROVED"
	Refused   = "FAILED"
)

// amiID is the format of an AMI's id in EC2.
var amiID = pattern.Lazy(`^ami-[0-9a-f]{8,17}$`)

// IsRegion reports whether text has the form of an AWS region name, in any partition. It knows no list of regions, so
// it also accepts future ones.
func IsRegion(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// IsUsable reports whether the image has a valid id and region, so that it can be launched.
func (a AMI) IsUsable() bool { return amiID().MatchString(a.ID) && IsRegion(a.Region) }

// Contradiction returns what contradicts the status of a COMPLETED result: a build without a usable image, or with two of
// one region, smoke tests that did not pass, counts of a scan that do not add up, or a verdict with another word. It returns
// "" if nothing does, and for a result that is not COMPLETED.
//
// The server trusts the status COMPLETED even if the rest of the result contradicts it. A user of the image must not.
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
// APPROVED or FAILED. It returns "" if the result records no verdict, or one that contradicts its status.
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
	for i, ami := range amis {
		if !ami.IsUsable() {
			return fmt.Sprintf("it is COMPLETED, but names an image with an invalid id or region: %q in %q", short(ami.ID), short(ami.Region))
		}
		// There is one image per region and account (docs/wire-contract.md, "The status document").
		if other := slices.IndexFunc(amis[:i], func(o AMI) bool {
			return o.Region == ami.Region && o.AccountID == ami.AccountID && o.ID != ami.ID
		}); other >= 0 {
			return fmt.Sprintf("it is COMPLETED, but names two images of one region and account: %s and %s in %s", amis[other].ID, ami.ID, ami.Region)
		}
	}
	return ""
}

// wordContradiction returns what is wrong with a word that a result holds in addition to its status: it must be good.
// A missing word contradicts nothing.
func wordContradiction(member, word, good string) string {
	if word == "" || word == good {
		return ""
	}
	return fmt.Sprintf("it is COMPLETED, but its %s is %q", member, short(word))
}

// short cuts text of the server for a message.
func short(text string) string {
	const limit = 40
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
