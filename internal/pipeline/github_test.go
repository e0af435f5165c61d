package pipeline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/pipeline"
)

func TestAnnotationsNameFilesAsTheRepositoryDoes(t *testing.T) {
	tests := []struct {
		name       string
		annotation pipeline.Annotation
		want       string
	}{
		{"file, line and column", pipeline.Annotation{Level: pipeline.Error, Title: "Faulty: component, really", Message: "50% wrong\nat all",
			File: "images/patch.yaml", Line: 3, Column: 5},
			"::error col=5,file=images/patch.yaml,line=3,title=Faulty%3A component%2C really::50%25 wrong%0Aat all\n"},
		{"absolute path in the workspace", pipeline.Annotation{Level: pipeline.Warning, Message: "m", File: "$DIR/patch.yaml"},
			"::warning file=patch.yaml::m\n"},
		{"path outside of the workspace", pipeline.Annotation{Level: pipeline.Error, Message: "m", File: "/etc/passwd", Line: 1},
			"::error::m\n"},
		{"path that leads out of it", pipeline.Annotation{Level: pipeline.Error, Message: "m", File: "../../etc/passwd", Line: 1},
			"::error::m\n"},
		{"notice", pipeline.Annotation{Level: pipeline.Notice, Message: "m"}, "::notice::m\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPlace(t, gitHub()...)
			test.annotation.File = strings.ReplaceAll(test.annotation.File, "$DIR", p.dir)
			p.Annotate(test.annotation)
			assert.Equal(t, test.want, p.stderr.String())
			assert.Empty(t, p.stdout.String(), "stdout is the result's")
		})
	}
}

func TestALongMessageIsCutBetweenCharacters(t *testing.T) {
	p := newPlace(t, gitHub()...)
	p.Annotate(pipeline.Annotation{Level: pipeline.Error, Message: "x" + strings.Repeat("é", 10_000)})
	assert.Less(t, p.stderr.Len(), 5000)
	assert.True(t, utf8.ValidString(p.stderr.String()))
	assert.Contains(t, p.stderr.String(), "(cut)")
}

func TestGroupsFollowEachOther(t *testing.T) {
	p := newPlace(t, gitHub()...)
	p.Group("Build")
	p.Group("Smoke tests")
	require.NoError(t, p.Close())
	p.EndGroup()
	assert.Equal(t, "::group::Build\n::endgroup::\n::group::Smoke tests\n::endgroup::\n", p.stderr.String())
}

func TestTheSummaryReplacesOursAndKeepsOthers(t *testing.T) {
	p := newPlace(t, gitHub()...)
	summary := filepath.Join(p.dir, "summary")
	require.NoError(t, os.WriteFile(summary, []byte("# Before"), 0o600))
	require.NoError(t, p.Summary("# One\n"))
	assert.Equal(t, "# Before\n# One\n", p.read(t, "summary"))

	file, err := os.OpenFile(summary, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString("# After\n")
	require.NoError(t, err)
	require.NoError(t, file.Close())

	require.NoError(t, p.Summary("# Two, and longer\n"))
	require.NoError(t, p.Summary("# Three\n"))
	assert.Equal(t, "# Before\n# Three\n# After\n", p.read(t, "summary"))
}

func TestASummaryThatIsTooLargeAlreadyIsLeftAlone(t *testing.T) {
	for _, size := range []int{1 << 20, 64 << 20} {
		p := newPlace(t, gitHub()...)
		summary := filepath.Join(p.dir, "summary")
		require.NoError(t, os.WriteFile(summary, nil, 0o600))
		require.NoError(t, os.Truncate(summary, int64(size)))
		assert.ErrorContains(t, p.Summary("# Ours\n"), "GitHub does not show a summary larger than 1 MiB")
		info, err := os.Stat(summary)
		require.NoError(t, err)
		assert.EqualValues(t, size, info.Size())
	}
}

func TestASummaryIsNeverTooLargeForTheRunner(t *testing.T) {
	const limit = 1 << 20
	for name, markdown := range map[string]string{
		"paragraphs":    strings.Repeat("A paragraph, é.\n\n", 200_000),
		"one long line": strings.Repeat("é", limit),
		"a code block":  "# Title\n\n````text\n" + strings.Repeat("line\n", limit),
		"details":       "<details><summary>x</summary>\n\n<details>\n" + strings.Repeat("line\n\n", limit),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, gitHub()...)
			require.NoError(t, os.WriteFile(filepath.Join(p.dir, "summary"), []byte(strings.Repeat("b", 1000)), 0o600))
			require.NoError(t, p.Summary(markdown))
			summary := p.read(t, "summary")
			assert.Less(t, len(summary), limit)
			assert.Greater(t, len(summary), limit*9/10, "no more is cut than must be")
			assert.True(t, utf8.ValidString(summary))
			assert.Contains(t, summary, "The summary exceeds the size that GitHub shows")
			assert.Equal(t, strings.Count(summary, "<details>"), strings.Count(summary, "</details>"))
			assert.Zero(t, strings.Count(summary, "````")%2, "a code block is closed")

			require.NoError(t, p.Summary("short"))
			assert.True(t, strings.HasSuffix(p.read(t, "summary"), "b\nshort"))
		})
	}

	p := newPlace(t, gitHub()...)
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "summary"), make([]byte, limit), 0o600))
	require.ErrorContains(t, p.Summary("# No room"), "GitHub does not show a summary larger than 1 MiB")
	assert.NotContains(t, p.read(t, "summary"), "# No room", "ours must not cost another's")
}

func TestTheJobIsLinkedWithoutAssumingAHost(t *testing.T) {
	assert.Equal(t, pipeline.Link{Title: `Build "images" #7`, URL: "https://ghes.example.com/org/images/actions/runs/42"},
		newPlace(t, gitHub()...).Job())
	assert.Zero(t, newPlace(t, append(gitHub(), "GITHUB_SERVER_URL=")...).Job())
	assert.Zero(t, newPlace(t).Job())
}
