package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/joboutput"
	"github.com/org/ami-action/internal/pipeline"
)

// readers reads what a command has left as its readers do: GitHub's runner, GitLab, a terminal, a browser and a later
// job.
type readers struct {
	t     *testing.T
	w     *world
	where string
}

// read fails the test if anything that the command wrote has an effect that the command did not intend.
func (r readers) read(e ended, form, lifecycleID string) {
	r.t.Helper()
	files := r.w.left()
	switch r.w.place {
	case "github":
		r.runner(e, files)
		r.outputs(files["output"], lifecycleID)
		r.markdown(files["summary.md"])
	case "gitlab":
		r.gitlab(e)
		r.dotenv(files[pipeline.DotenvFile], lifecycleID)
		r.result(files[pipeline.ResultFile], lifecycleID)
		r.links(files[pipeline.AnnotationsFile])
	default:
		r.terminal(e.stderr)
	}
	r.terminal(e.stdout)
	if form == "json" && e.stdout != "" && e.code != 2 {
		var whole any
		require.NoError(r.t, json.Unmarshal([]byte(e.stdout), &whole), "%s: stdout is one JSON text: %s", r.where, e.stdout)
	}
	r.markdown(files["report.md"])
	r.page(files["report.html"])
	r.terminal(files["report.txt"])
}

// passedOver matches the characters that a culture-sensitive comparison ignores. Comparisons in .NET are of that kind.
var passedOver = regexp.MustCompile(`[\p{Cf}\p{Cc}\p{M}\x{115F}\x{1160}\x{3164}\x{FFA0}]`)

// commands returns the lines that GitHub's runner obeys (actions/runner, ActionCommand.cs), under the most generous
// reading of what it treats as white space and as equal.
func commands(output string) []string {
	var found []string
	for line := range strings.FieldsFuncSeq(output, func(c rune) bool { return c == '\n' || c == '\r' }) {
		seen := strings.TrimLeftFunc(passedOver.ReplaceAllString(line, ""), func(c rune) bool {
			return unicode.IsSpace(c) || c == '\ufeff' || c == '\ufffd'
		})
		if strings.HasPrefix(seen, "::") || strings.Contains(seen, "##[") {
			found = append(found, line)
		}
	}
	return found
}

// ourCommand matches the commands that we write. Their messages begin with our words, never with text from outside.
var ourCommand = regexp.MustCompile(`^::(?:add-mask::[A-Za-z0-9]{30}|group::[A-Z][A-Za-z ]+|endgroup::|(?:error|warning)(?: [a-z]+=[^:]*)?::.+)$`)

func (r readers) runner(e ended, _ map[string]string) {
	require.Empty(r.t, commands(e.stdout), "%s: stdout has no commands", r.where)
	for _, command := range commands(e.stderr) {
		require.Regexp(r.t, ourCommand, command, r.where)
		require.NotRegexp(r.t, `^::[a-z-]+(?: title=forged)?::forged|##\[`, command, r.where)
	}
	for line := range strings.Lines(e.stderr) {
		if !strings.HasPrefix(line, "::") {
			r.terminal(line)
		}
	}
}

// outputs reads the file of outputs as the runner does (actions/runner, FileCommandManager.cs).
func (r readers) outputs(content, lifecycleID string) {
	set := map[string]string{}
	for rest := content; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if line == "" {
			continue
		}
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		if equals >= 0 && (heredoc < 0 || equals < heredoc) {
			set[line[:equals]] = line[equals+1:]
			continue
		}
		require.GreaterOrEqual(r.t, heredoc, 0, "%s: %q is not an output", r.where, line)
		value, after, found := strings.Cut("\n"+rest, "\n"+line[heredoc+2:]+"\n")
		require.True(r.t, found, "%s: %q has no end", r.where, line)
		set[line[:heredoc]], rest = strings.TrimPrefix(value, "\n"), after
	}
	for name := range set {
		require.True(r.t, slices.ContainsFunc(joboutput.All(), func(o joboutput.Output) bool { return o.Name == name }), "%s: output %q", r.where, name)
	}
	if id, ok := set["lifecycle_id"]; ok {
		require.Equal(r.t, lifecycleID, id, r.where)
	}
}

// dotenv reads the report by GitLab's rules (docs/gitlab.md, "What later jobs get"), under their strictest reading.
func (r readers) dotenv(content, lifecycleID string) {
	require.Less(r.t, len(content), 5120, r.where)
	for line := range strings.Lines(content) {
		groups := regexp.MustCompile(`^([A-Za-z0-9_]+)=([^\x00-\x1f\x7f$\x{85}\x{2028}\x{2029}]+)\n$`).FindStringSubmatch(line)
		require.NotNil(r.t, groups, "%s: %q", r.where, line)
		require.True(r.t, slices.ContainsFunc(joboutput.All(), func(o joboutput.Output) bool { return o.Variable == groups[1] }), "%s: variable %q", r.where, line)
		if groups[1] == "AMI_LIFECYCLE_ID" {
			require.Equal(r.t, lifecycleID, groups[2], r.where)
		}
	}
}

func (r readers) result(content, lifecycleID string) {
	if content == "" {
		return
	}
	var result map[string]any
	require.NoError(r.t, json.Unmarshal([]byte(content), &result), r.where)
	for name := range result {
		require.True(r.t, slices.ContainsFunc(joboutput.All(), func(o joboutput.Output) bool { return o.Name == name }), "%s: output %q", r.where, name)
	}
	if id, ok := result["lifecycle_id"]; ok {
		require.Equal(r.t, lifecycleID, id, r.where)
	}
}

func (r readers) links(content string) {
	if content == "" {
		return
	}
	var annotations map[string][]map[string]map[string]string
	require.NoError(r.t, json.Unmarshal([]byte(content), &annotations), r.where)
	for _, annotation := range annotations["AMI lifecycle"] {
		require.Regexp(r.t, `^https?://`, annotation["external_link"]["url"], r.where)
	}
}

var (
	ourSection = regexp.MustCompile(`\x1b\[0Ksection_(?:start:\d+:ami_lifecycle_\d+\[collapsed=true\]|end:\d+:ami_lifecycle_\d+)\r\x1b\[0K`)
	ourColour  = regexp.MustCompile(`\x1b\[(?:1|3[1-4];1)m([^\x1b]*)\x1b\[0m`)
)

// gitlab removes our own sections and colours. Nothing that has an effect may remain.
func (r readers) gitlab(e ended) {
	sections := strings.Join(ourSection.FindAllString(e.stderr, -1), "")
	require.Equal(r.t, strings.Count(sections, "_start:"), strings.Count(sections, "_end:"), r.where)
	r.terminal(ourColour.ReplaceAllString(ourSection.ReplaceAllString(e.stderr, ""), "$1"))
}

// terminal fails the test if the text moves the cursor, changes a colour or changes the direction of writing.
func (r readers) terminal(text string) {
	require.True(r.t, utf8.ValidString(text), r.where)
	for _, c := range text {
		acts := unicode.IsControl(c) && c != '\n' && c != '\t' || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029'
		require.False(r.t, acts, "%s: %q in %q", r.where, c, text)
	}
}

// markdown reads what is outside of code. Inside code, nothing is interpreted.
func (r readers) markdown(text string) {
	r.terminal(text)
	var outside strings.Builder
	fence := ""
	for line := range strings.Lines(text) {
		marks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(marks) >= 3:
			fence = marks
		case fence != "" && strings.TrimSpace(line) == fence:
			fence = ""
		case fence == "":
			outside.WriteString(line)
		}
	}
	require.Empty(r.t, fence, "%s: a block of code is left open", r.where)
	shown := regexp.MustCompile("`[^`\n]*`").ReplaceAllString(outside.String(), "CODE")
	for _, active := range []string{"<script", "<img", "<a ", "<style", "<!--", "![", "@org", "](https://evil", "**forged", "javascript:"} {
		require.NotContains(r.t, shown, active, r.where)
	}
	require.Equal(r.t, strings.Count(shown, "<details>"), strings.Count(shown, "</details>"), r.where)
	// The report itself quotes an error with "> ", so that the error begins the line after the mark.
	require.NotRegexp(r.t, `(?m)^(?:> )?\s*(?:#+ *|[-+*>] *|\d+[.)] *|\| *)forged`, strings.ReplaceAll(shown, "\n> forged", "\n"), r.where)
	table := 0
	for line := range strings.Lines(shown) {
		cells := strings.Count(line, "|")
		if cells > 0 && table > 0 {
			require.Equal(r.t, table, cells, "%s: the cells of %q", r.where, line)
		}
		table = cells
	}
}

var (
	tag    = regexp.MustCompile(`<[!/a-zA-Z][^>]*>`)
	ourTag = regexp.MustCompile(`^<(?:!doctype html|/?(?:html|head|meta|title|style|body|main|header|footer|section|h1|h2|p|pre|code|details|summary|` +
		`table|thead|tbody|tr|th|td|ul|li|div|span|b|small|dl|dt|dd|a|figure|figcaption))(?: |>)`)
	ourAttributes = []string{"lang", "charset", "name", "content", "http-equiv", "class", "style", "href", "rel", "title", "open", "role", "scope", "data-label", "aria-label", "aria-hidden"}
	attribute     = regexp.MustCompile(` ([a-zA-Z-]+)="([^"]*)"`)
)

// page reads the tags of a page and their attributes, as a browser would.
func (r readers) page(text string) {
	r.terminal(text)
	for _, one := range tag.FindAllString(text, -1) {
		require.Regexp(r.t, ourTag, strings.ToLower(one), r.where)
		require.NotContains(r.t, attribute.ReplaceAllString(one, ""), `"`, "%s: %s", r.where, one)
		for _, groups := range attribute.FindAllStringSubmatch(one, -1) {
			require.Contains(r.t, ourAttributes, groups[1], "%s: %s", r.where, one)
			if groups[1] == "href" {
				require.Regexp(r.t, `^https?://`, groups[2], r.where)
			}
			if groups[1] == "class" || groups[1] == "style" {
				require.NotContains(r.t, groups[2], "forged", r.where)
			}
		}
	}
	assert.Equal(r.t, strings.Count(text, "<table"), strings.Count(text, "</table>"), r.where)
}
