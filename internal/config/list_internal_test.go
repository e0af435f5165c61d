package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAListAsRubyShowsIt(t *testing.T) {
	for shown, want := range map[string]string{
		`\#{a} \#$b \#@c # d`: "#{a} #$b #@c # d", `\e\a\v`: "\x1b\a\v", `\x7F`: "\x7f", `\u{1F600} \u{e0001} \u200B`: "\U0001f600 \U000e0001 \u200b",
		`\"q\" \n \\`: "\"q\" \n \\", `\\#`: `\#`,
	} {
		entries, err := entriesOf(`["SMOKE_TESTS", "` + shown + `|"]`)
		require.NoError(t, err, shown)
		assert.Equal(t, []string{"SMOKE_TESTS", want + "|"}, entries)
	}
}

func TestWhatIsMeantForAnotherProgram(t *testing.T) {
	for text, want := range map[string]string{
		"$GITHUB_REF_NAME": "$GITHUB_REF_NAME", "1.0.${GITHUB_RUN_NUMBER}": "${GITHUB_RUN_NUMBER}", "${{ github.actor }}": "${{ github.actor }}",
		"a $[[ inputs.x ]] b": "$[[ inputs.x ]]", "1.0.$CI_PIPELINE_IID": "$CI_PIPELINE_IID", "v$BUILD": "$BUILD", "$branch": "$branch",
		"release-$branch": "$branch", "%BRANCH%": "%BRANCH%", "a-$(git describe)": "$(git describe)", "`date`": "`date`", "${X": "${X",
		"${{ github.x": "${{ github.x", "{{ branch }}": "{{ branch }}", "$env:BRANCH": "$env:BRANCH", "https://e.com/$STAGE": "$STAGE", "$(": "$(",
		"arn:aws:iam::${ACCOUNT}:role/x": "${ACCOUNT}",
		// These contain nothing to expand.
		"main": "", "100 %": "", "100% of 5%": "", "US$ 5": "", "Ca$h": "", "5$": "", "https://e.com/Gr%C3%BC%C3%9Fe": "", "a`b": "", "$": "",
		"$$": "", "$1": "", "{x}": "", "#{x}": "", "a}}b{{": "", "": "",
	} {
		part, found := unexpanded(text)
		assert.Equal(t, want, part, text)
		assert.Equal(t, want != "", found, text)
	}
}

func TestOnlyAnArrayAmongTheValuesOfAFlagIsSpread(t *testing.T) {
	values := []string{`["a", "b"]`, "[c\nd", "e\nf", "[g]", `[]`}
	assert.Equal(t, []string{"a", "b", "[c\nd", "e\nf", "[g]"}, spread(values))
}
