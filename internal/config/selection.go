package config

import (
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/phrase"
)

// TableRisk explains in messages why the look-up table alone does not prove that an AMI may be used
// (docs/behind-the-document.md, "The look-up table of images").
const TableRisk = "The look-up table does not tell an approval from a refusal: the AMI may have been refused by QA or for production."

// checkSelection checks the settings by which AMI_SELECT selects. It clears a commit and a product version that the
// pipeline implies: those are about the pipeline's own image, and only what the user gives restricts the selection.
func (r *reading) checkSelection(s *Settings) {
	if s.Operation != lifecycle.Select {
		return
	}
	if !r.isGiven(CommitRef) {
		s.CommitRef = ""
	}
	if !r.isGiven(ProductVer) {
		s.ProductVer = ""
	}
	if s.RoleARN != "" && !s.TrustTable && !r.problems.about(RoleARN) && !r.problems.about(TrustTable) {
		r.problems.add(Problem{
			Setting: RoleARN,
			Message: r.called(RoleARN) + " reads only the look-up table. " + strings.TrimSuffix(TableRisk, "."),
			Hint:    "run AMI_SELECT with the orchestrator's own API keys, or accept that risk with " + TrustTable.On(r.platform),
		})
	}
}

func checkSemver(text string) string {
	if strings.EqualFold(text, SemverLatest) {
		return ""
	}
	if _, err := semver.NewConstraint(text); err != nil {
		return "must be a range such as ^2.1 or >=2.0 <3.0, a version such as 2.1.0, or " + SemverLatest
	}
	return ""
}

func checkMinEvent(text string) string {
	if _, ok := lifecycle.ParseMinEvent(text); !ok {
		return "must be " + phrase.Or(lifecycle.MinEvents()) + ", or the name of an event such as QA_CERTIFICATION_RESPONSE"
	}
	return ""
}

var (
	region    = pattern.Lazy(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
	tableName = pattern.Lazy(`^[A-Za-z0-9_.-]{3,255}$`)
)

func checkRegion(text string) string {
	if !region().MatchString(text) {
		return "must be the name of an AWS region, such as eu-west-1"
	}
	return ""
}

func checkRoleARN(text string) string {
	parsed, err := arn.Parse(text)
	if err != nil || parsed.Service != "iam" || !strings.HasPrefix(parsed.Resource, "role/") {
		return "must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/NAME"
	}
	return ""
}

func checkImageTable(text string) string {
	if parsed, err := arn.Parse(text); err == nil {
		if name, ok := strings.CutPrefix(parsed.Resource, "table/"); ok && parsed.Service == "dynamodb" && tableName().MatchString(name) {
			return ""
		}
	} else if tableName().MatchString(text) {
		return ""
	}
	return "must be the name or the ARN of a DynamoDB table"
}
