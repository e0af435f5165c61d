package lifecycle

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/pattern"
)

const maxStackTag = 63

var notInStackTag = pattern.Lazy(`[^0-9a-z]`)

// StackTagOf returns the stack tag of a branch, by the rule of GitLab's CI_COMMIT_REF_SLUG: lower case, at most
// 63 bytes, every character other than 0-9 and a-z replaced by a hyphen, and no hyphen at either end.
//
// By that rule alone, a name without any Latin letter could have an empty tag, or the tag of another branch ("2" for
// 機能/2). Such a tag ends in a short hash of the name, unless the name is ASCII and its tag is not empty ("2024"). The
// tag of an empty name is empty.
func StackTagOf(branch string) string {
	slug := notInStackTag().ReplaceAllString(strings.ToLower(branch), "-")
	slug = strings.Trim(slug[:min(len(slug), maxStackTag)], "-")
	isLatin := func(c rune) bool { return c >= 'a' && c <= 'z' }
	isLost := func(c rune) bool { return c > unicode.MaxASCII }
	if branch == "" || strings.ContainsFunc(slug, isLatin) || slug != "" && !strings.ContainsFunc(branch, isLost) {
		return slug
	}
	sum := sha256.Sum256([]byte(branch))
	hash := hex.EncodeToString(sum[:4])
	if slug == "" {
		slug = "branch"
	}
	return strings.Trim(slug[:min(len(slug), maxStackTag-1-len(hash))], "-") + "-" + hash
}
