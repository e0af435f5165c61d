package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/pattern"
)

// markdown escapes a text of one line, so that GitHub shows it literally. Punctuation becomes character references,
// because a backslash does not protect against HTML, nor in every renderer against a pipe in a table cell. GitHub looks
// for mentions and references (@name, #12) after Markdown; a zero-width space hides them.
func markdown(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '@' || r == '#':
			fmt.Fprintf(&b, "&#%d;&#8203;", r)
		case strings.ContainsRune("&<>|`*_~[]{}!:\\$^\"", r),
			// GitHub turns www.example.com into a link.
			r == '.' && i >= 3 && strings.EqualFold(text[i-3:i], "www"):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var lineStart = pattern.Lazy(`^(?:[-+=]|\d+[.)])`)

// markdownLine is markdown for a text at the start of a line, where it must not begin a list or a heading.
func markdownLine(text string) string {
	if lineStart().MatchString(text) {
		return "&#8203;" + markdown(text)
	}
	return markdown(text)
}

var plainCode = pattern.Lazy(`^[A-Za-z0-9_./:=+@ -]+$`)

// markdownCode formats a text as inline code, for values that people copy. GitHub looks for no mentions in code. A text
// with characters that could end the code is escaped by markdown instead.
func markdownCode(text string) string {
	if plainCode().MatchString(text) {
		return "`" + text + "`"
	}
	return markdown(text)
}

// markdownAddress escapes a URL for the target of a Markdown link: the characters that end the target and, in the path, a
// colon, which renderers may take for the end of a scheme, @, which begins a mention, and *.
func markdownAddress(address string) string {
	address = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "|", "%7C", "`", "%60", "\\", "%5C").
		Replace(address)
	scheme, rest, _ := strings.Cut(address, "://")
	host, path, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + "/" + strings.NewReplacer(":", "%3A", "@", "%40", "*", "%2A").Replace(path)
}

// fenced formats a text of several lines as a code block. The fence is longer than any in the text, so that no line of
// the text can end the block.
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

// mermaidKeywords are the words that begin a statement in a mermaid gantt, which cannot quote names. Case is ignored.
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

// maxTask is the maximum length of a task name in a gantt, in bytes.
const maxTask = 48

// mermaidText returns a text that mermaid can only read as the name of a task. It drops all other characters: a colon
// ends the name, a semicolon and a hash end the line, and %% begins a comment. "Event" is put before a text that begins
// with a keyword, which would start another statement.
func mermaidText(text string) string {
	text = strings.Join(strings.FieldsFunc(text, notInTask), " ")
	if text == "" || isMermaidKeyword(text) {
		text = strings.TrimSpace("Event " + text)
	}
	return strings.TrimSuffix(cut(text, maxTask), "…")
}
