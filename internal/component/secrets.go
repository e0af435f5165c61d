package component

import (
	"strings"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/redact"
)

// secretForms match secrets by their form: names of them are for internal/redact.
var secretForms = pattern.Lazy(`\b(?:A[KS]IA[A-Z2-7]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,})` +
	`|(?i:aws_?secret_?access_?key\W{1,4})[A-Za-z0-9/+]{40}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----`)

// secrets warns about what looks like a secret. Each build keeps the document in its log folder, and whoever may read the
// component can read it (User Guide, "Component logging").
func (c *checker) secrets() {
	text := c.source.text
	for _, at := range secretForms().FindAllStringIndex(text, maxProblems) {
		if strings.HasSuffix(text[at[0]:at[1]], "EXAMPLE") {
			continue // the documentation of AWS has no other keys
		}
		line, column := c.source.placeOf(at[0])
		c.add(true, line, column, advice{"keep it in Parameter Store or Secrets Manager, and write {{ aws:ssm:/NAME }}", awstoe.PageVariables},
			"the text looks like a secret: everyone who may read the component or the log of a build can read it")
	}
}

// masked returns a line with asterisks for the secrets in it. Its places stay the same.
func masked(line string) string {
	return secretForms().ReplaceAllStringFunc(redact.Masked(line), func(secret string) string {
		if strings.HasPrefix(secret, "-----") || strings.HasSuffix(secret, "EXAMPLE") {
			return secret
		}
		return strings.Repeat("*", len(secret))
	})
}
