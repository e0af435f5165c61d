package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// maxSummary is the size above which the runner drops a summary whole (e2e-notes.md), less some room for
// what masking makes longer.
const maxSummary = 1<<20 - 1<<10

const summaryCut = "\n\n_The summary was longer than GitHub shows. The rest was left out here._\n"

// summaryFile is the file that GITHUB_STEP_SUMMARY names. Others write to it too: the step's own script,
// and further commands of the same step.
type summaryFile struct {
	path string
	ours string // what we wrote last
}

// replace puts markdown where our last one is, and at the end where there is none.
func (f *summaryFile) replace(markdown string) error {
	if f.path == "" {
		return nil
	}
	content, err := os.ReadFile(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the job's summary cannot be written: %w", err)
	}
	before, after := string(content), ""
	if f.ours != "" {
		if start := strings.LastIndex(before, f.ours); start >= 0 {
			before, after = before[:start], before[start+len(f.ours):]
		}
	}
	if before != "" && !strings.HasSuffix(before, "\n") {
		before += "\n" // a heading must begin a line
	}
	ours := cutMarkdown(markdown, maxSummary-len(before)-len(after))
	//nolint:gosec // the runner reads it, as another user
	if err := os.WriteFile(f.path, []byte(before+ours+after), 0o644); err != nil {
		return fmt.Errorf("the job's summary cannot be written: %w", err)
	}
	f.ours = ours
	return nil
}

// cutMarkdown cuts a Markdown text to limit bytes at the end of a block, closes what is open there, and
// says that something is missing.
func cutMarkdown(markdown string, limit int) string {
	if len(markdown) <= limit {
		return markdown
	}
	const closing = "\n```\n</details>\n"
	limit -= len(summaryCut) + 8*len(closing)
	if limit <= 0 {
		return ""
	}
	cut := markdown[:limit]
	for len(cut) > 0 && !utf8.ValidString(cut[max(0, len(cut)-utf8.UTFMax):]) {
		cut = cut[:len(cut)-1]
	}
	for _, boundary := range []string{"\n\n", "\n"} {
		// A block of half the size would lose too much: then a line has to do.
		if end := strings.LastIndex(cut, boundary); end > limit/2 {
			cut = cut[:end+1]
			break
		}
	}
	if fence := openFence(cut); fence != "" {
		cut += "\n" + fence + "\n"
	}
	open := strings.Count(cut, "<details>") - strings.Count(cut, "</details>")
	return cut + strings.Repeat("\n</details>\n", max(0, min(open, 4))) + summaryCut
}

// openFence returns the fence of the code block that the text leaves open, or "".
func openFence(markdown string) string {
	open := ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		fence := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case open == "" && len(fence) >= 3:
			open = fence
		case open != "" && line == fence && len(fence) >= len(open):
			open = ""
		}
	}
	return open
}
