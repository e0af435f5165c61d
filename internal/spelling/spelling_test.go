package spelling_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/spelling"
)

func TestTheNearestWord(t *testing.T) {
	t.Parallel()
	words := []string{"ExecuteBash", "ExecuteBinary", "SMOKE_TESTS", "UpdateOS", "owner", "kind", "SetFileEncoding", "SetFileOwner"}
	for _, test := range []struct {
		what, typed string
		half, third string
	}{
		{"two letters swapped", "onwer", "owner", "owner"},
		{"two letters swapped twice", "EexcuteBahs", "ExecuteBash", "ExecuteBash"},
		{"a letter missing", "ownr", "owner", "owner"},
		{"a letter too many", "owwner", "owner", "owner"},
		{"another letter", "ownar", "owner", "owner"},
		{"wrong case", "updateos", "UpdateOS", "UpdateOS"},
		{"other signs between the parts", "smoke-tests", "SMOKE_TESTS", "SMOKE_TESTS"},
		{"cut short", "smok", "SMOKE_TESTS", "SMOKE_TESTS"},
		{"cut short, and two words begin so: the shorter one", "SetFile", "SetFileOwner", "SetFileOwner"},
		{"two letters appended", "ownerID", "owner", "owner"},
		{"up to half of the letters", "kiln", "kind", ""},
		{"up to a third of the letters", "ownedx", "owner", "owner"},
		{"a far word", "reboot", "", ""},
		{"nothing but signs", "--", "", ""},
		{"nothing", "", "", ""},
	} {
		assert.Equal(t, test.half, spelling.Nearest(test.typed, words, spelling.Half), test.what)
		assert.Equal(t, test.third, spelling.Nearest(test.typed, words, spelling.Third), test.what)
	}
	assert.Equal(t, "cat", spelling.Nearest("hat", []string{"cat", "bat"}, spelling.Third), "of words as near as each other the first")
	assert.Equal(t, "AMI_PATCH_UPDATE", spelling.Nearest("AMI_PATCH_UPA", []string{"AMI_PATCH", "AMI_PATCH_UPDATE"}, spelling.Half),
		"of words as near as each other the one nearest in length")
	assert.Empty(t, spelling.Nearest("owner", nil, spelling.Half))
}

func TestAMisspellingIsCertain(t *testing.T) {
	t.Parallel()
	words := []string{"destination", "source", "name", "if"}
	for _, test := range []struct {
		what, typed, meant string
		isMisspelled       bool
	}{
		{"two letters swapped", "soucre", "source", true},
		{"two letters swapped, and one missing", "destniatin", "destination", true},
		{"three wrong letters", "desxinxtixn", "destination", false},
		{"wrong case", "Name", "name", true},
		{"one wrong letter of few", "nome", "name", true},
		{"two wrong letters of few", "nomo", "name", false},
		{"a wrong letter of two", "of", "if", false},
		{"cut short", "dest", "destination", true},
	} {
		meant, isMisspelled := spelling.Misspelled(test.typed, words)
		assert.Equal(t, test.meant, meant, test.what)
		assert.Equal(t, test.isMisspelled, isMisspelled, test.what)
	}
	meant, isMisspelled := spelling.Misspelled("", words)
	assert.Empty(t, meant)
	assert.False(t, isMisspelled)
}

func TestTheSearchIsBounded(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 501 {
		many = append(many, fmt.Sprintf("word%03d", i))
	}
	assert.Equal(t, "word499", spelling.Nearest("word499", many, spelling.Half))
	assert.NotEqual(t, "word500", spelling.Nearest("word500", many, spelling.Half), "so many words are not looked at")
	long := strings.Repeat("x", 41)
	assert.Empty(t, spelling.Nearest(long, []string{long}, spelling.Half))
	assert.Empty(t, spelling.Nearest(long[1:], []string{long}, spelling.Half))
}
