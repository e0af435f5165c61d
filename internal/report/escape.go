package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/pattern"
)

// markdown escapes a text of one line, so that GitHub shows it and does nothing with it. Punctuation
// becomes character references: a backslash would protect from Markdown, but not from HTML, nor a table's
// cell from a pipe in every renderer. A zero-width space keeps mentions and references (@name, #12,
// GH-12), which GitHub looks for after Markdown, from being found.
func markdown(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '@' || r == '#':
			fmt.Fprintf(&b, "&#%d;&#8203;", r)
		case strings.ContainsRune("&<>|`*_~[]{}!:\\$^\"", r),
			// www.example.com is a link.
			r == '.' && i >= 3 && strings.EqualFold(text[i-3:i], "www"):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var lineStart = pattern.Lazy(`^(?:[-+=]|\d+[.)])`)

// markdownLine is markdown for a text that begins a line.
func markdownLine(text string) string {
	if lineStart().MatchString(text) {
		return "&#8203;" + markdown(text)
	}
	return markdown(text)
}

var plainCode = pattern.Lazy(`^[A-Za-z0-9_./:=+@ -]+$`)

// markdownCode shows a text as code: what people copy, and where GitHub looks for no mentions. A text that
// could leave the code is shown as text.
func markdownCode(text string) string {
	if plainCode().MatchString(text) {
		return "`" + text + "`"
	}
	return markdown(text)
}

// markdownAddress escapes what would end the target of a Markdown link. A colon after the host would be taken for
// that of a scheme by a reader that looks for one, and @org for a mention.
func markdownAddress(address string) string {
	address = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "|", "%7C", "`", "%60", "\\", "%5C").
		Replace(address)
	scheme, rest, _ := strings.Cut(address, "://")
	host, path, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + "/" + strings.NewReplacer(":", "%3A", "@", "%40", "*", "%2A").Replace(path)
}

// fenced shows a text of several lines as a block of code. The fence is longer than any in the text, so
// that none of them can end it.
func fenced(text, language string) string {
	longest, run := 2, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	return fence + language + "\n" + text + "\n" + fence + "\n\n"
}

// mermaidKeywords begin a statement of mermaid's gantt, which has no quotes. Upper and lower case are the same.
var mermaidKeywords = []string{
	"gantt", "dateformat", "inclusiveenddates", "topaxis", "axisformat", "tickinterval", "includes", "excludes",
	"todaymarker", "weekday", "weekend", "title", "acctitle", "accdescr", "section", "click", "href", "call",
}

func isMermaidKeyword(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(mermaidKeywords, func(word string) bool { return strings.HasPrefix(text, word) })
}

func notInTask(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("._()/-", r)
}

// maxTask is the length in bytes of a task's name that a gantt has room for.
const maxTask = 48

// mermaidText keeps of a text what mermaid's gantt takes as the name of a task and nothing else: a colon
// ends the name, a semicolon and a hash end the line, %% begins a comment, a keyword another statement.
func mermaidText(text string) string {
	text = strings.Join(strings.FieldsFunc(text, notInTask), " ")
	if text == "" || isMermaidKeyword(text) {
		text = strings.TrimSpace("Event " + text)
	}
	return strings.TrimSuffix(cut(text, maxTask), "…")
}
