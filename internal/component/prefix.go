package component

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/spelling"
)

// prefixed checks a reference that begins with a prefix such as aws:ssm: or context:.
func (c *checker) prefixed(e expression) {
	a := advice{link: awstoe.PageVariables}
	switch {
	case strings.HasPrefix(e.text, awstoe.PrefixIMDS):
		path := strings.TrimLeft(strings.TrimPrefix(e.text, awstoe.PrefixIMDS), "/")
		for _, secret := range awstoe.SecretMetadata {
			if strings.HasPrefix(path+"/", secret) {
				c.refuse(e, e.text, a, "the instance metadata below %s is not allowed: AWSTOE refuses it, because it holds credentials", secret)
			}
		}
	case strings.HasPrefix(e.text, awstoe.PrefixContext):
		key := strings.TrimPrefix(e.text, awstoe.PrefixContext)
		if slices.Contains(awstoe.Context, key) {
			return
		}
		if _, isMisspelled := spelling.Misspelled(key, awstoe.Context); isMisspelled {
			c.refuse(e, key, c.meant(key, awstoe.Context, a), "unknown context variable %s: must be %s", quoted(key), phrase.Or(awstoe.Context))
		} else {
			c.doubt(e, key, a, "unknown context variable %s: the known ones are %s", quoted(key), phrase.And(awstoe.Context))
		}
	default:
		c.prefix(e, a)
	}
	if slices.Contains(awstoe.Prefixes, e.text) {
		c.refuse(e, e.text, a, "the reference names nothing: a name must follow %s", e.text)
	}
}

// foreignPrefixes are the prefixes of variables of other AWS services.
var foreignPrefixes = map[string]string{
	"global:": "Systems Manager documents", "automation:": "Systems Manager Automation", "platform:": "Systems Manager documents",
	"resolve:": "CloudFormation", "imagebuilder:": "Image Builder's distribution settings and Dockerfiles",
}

// letters returns the letters of a text in lower case.
func letters(text string) string {
	return strings.Map(func(letter rune) rune {
		if !unicode.IsLetter(letter) {
			return -1
		}
		return unicode.ToLower(letter)
	}, text)
}

// prefix checks the prefix of a reference, if it is not one of AWSTOE.
func (c *checker) prefix(e expression, a advice) {
	prefix, name, _ := strings.Cut(e.text, ":")
	if c.names.isVariable[strings.TrimSpace(name)] && slices.Contains(sections, strings.ToLower(prefix)) {
		c.refuse(e, "", advice{fmt.Sprintf("did you mean {{ %s }}?", shown(strings.TrimSpace(name))), a.link}, "unknown reference %s: a parameter or a constant has only its name", quoted(e.text))
		return
	}
	prefix += ":"
	if strings.HasPrefix(strings.ToLower(e.text), "aws:") {
		prefix = e.text[:strings.LastIndex(e.text[:min(len(e.text), len("aws:")+8)], ":")+1]
	}
	if slices.Contains(awstoe.Prefixes, prefix) {
		return
	}
	meant := ""
	for _, known := range awstoe.Prefixes {
		isSame := letters(known) == letters(prefix) || letters(known) == "aws"+letters(prefix)
		if isSame || strings.HasPrefix(strings.ToLower(e.text), strings.TrimSuffix(known, ":")+"/") {
			meant = known
		}
	}
	if near, isMisspelled := spelling.Misspelled(strings.Trim(prefix, ":"), []string{"context"}); isMisspelled && meant == "" {
		meant = near + ":"
	}
	if near := spelling.Nearest(strings.Trim(prefix, ":"), []string{"aws:ssm", "aws:imds"}, spelling.Half); near != "" && strings.HasPrefix(prefix, "aws:") {
		meant = near + ":"
	}
	switch {
	case meant != "":
		c.refuse(e, e.text, advice{"did you mean " + meant + "?", a.link}, "unknown prefix %s: must be %s", quoted(prefix), phrase.Or(awstoe.Prefixes))
	case strings.HasPrefix(e.text, "aws:secretsmanager:"):
		c.doubt(e, e.text, advice{"write {{ aws:ssm:/aws/reference/secretsmanager/NAME }}", a.link}, "AWSTOE has no prefix aws:secretsmanager:")
	case foreignPrefixes[prefix] != "" && !e.isForeign():
		c.doubt(e, e.text, a, "the prefix %s is of %s: AWSTOE does not resolve it", prefix, foreignPrefixes[prefix])
	}
}
