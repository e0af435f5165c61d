package lifecycle_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/lifecycle"
)

func TestEachBranchHasAStackTag(t *testing.T) {
	for branch, want := range map[string]string{
		"main":                           "main",
		"Feature/Fast_Boot":              "feature-fast-boot",
		"-x-":                            "x",
		"2024":                           "2024",
		"release/2.0":                    "release-2-0",
		"":                               "",
		strings.Repeat("a", 80):          strings.Repeat("a", 63),
		strings.Repeat("a", 62) + "/b/c": strings.Repeat("a", 62),
	} {
		assert.Equal(t, want, lifecycle.StackTagOf(branch), branch)
	}
}

func TestBranchesWithoutLatinLettersHaveStackTagsOfTheirOwn(t *testing.T) {
	seen := map[string]string{}
	for _, branch := range []string{"機能/画像", "機能/別", "機能/2", "画像/2", "🚀", "ветка", "--", strings.Repeat("機", 60)} {
		tag := lifecycle.StackTagOf(branch)
		assert.Regexp(t, regexp.MustCompile(`^[0-9a-z][0-9a-z-]{0,61}[0-9a-z]$`), tag)
		assert.Empty(t, seen[tag], "%s has the tag of %s", branch, seen[tag])
		assert.Equal(t, tag, lifecycle.StackTagOf(branch))
		seen[tag] = branch
	}
}

func TestIDs(t *testing.T) {
	for text, want := range map[string]bool{
		"bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7": true, "build.2024_01-x": true, strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false, "": false, "null": false, "unknown": false, "../../x/y": false, "aaaaaaaa/b": false,
		"aaaaaaaa b": false, "aaaaaaaa\n": false, ".aaaaaaaa": false, "-aaaaaaaa": false, "äaaaaaaaa": false,
	} {
		assert.Equal(t, want, lifecycle.IsID(text), "%q", text)
	}
}
