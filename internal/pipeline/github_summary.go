package pipeline

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"unicode/utf8"
)

// maxSummary is the largest size of a summary in bytes. The runner drops a summary of more than 1 MiB entirely
// (https://docs.github.com/actions, "Workflow commands", "Step isolation and limits"), and masking can make it longer.
const maxSummary = 1<<20 - 1<<10

const summaryCut = "\n\n_The summary exceeds the size that GitHub shows. The rest was omitted._\n"

// summaryFile is the file that GITHUB_STEP_SUMMARY names. The step's own script, and other commands in the same step,
// can write to it too.
type summaryFile struct {
	path string
	ours string // what the last call of replace wrote
}

// replace replaces the text of its last call by markdown, or appends markdown if there is none. Text before it is not
// changed.
func (f *summaryFile) replace(markdown string) error {
	if f.path == "" {
		return nil
	}
	if err := f.rewrite(markdown); err != nil {
		return fmt.Errorf("the job's summary cannot be written: %w", err)
	}
	return nil
}

func (f *summaryFile) rewrite(markdown string) error {
	//nolint:gosec // the runner reads it, as another user
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil // the null device: checkRunnerFile accepts no other file that is not regular
	}
	if info.Size() > maxSummary {
		return fmt.Errorf("it already has %d bytes, and GitHub does not show a summary larger than 1 MiB", info.Size())
	}
	content, err := io.ReadAll(io.LimitReader(file, maxSummary))
	if err != nil {
		return err
	}
	before, after := string(content), ""
	if f.ours != "" {
		if start := strings.LastIndex(before, f.ours); start >= 0 {
			before, after = before[:start], before[start+len(f.ours):]
		}
	}
	start := int64(len(before))
	lead := ""
	if before != "" && !strings.HasSuffix(before, "\n") {
		lead = "\n" // a heading must begin a line
	}
	ours := cutMarkdown(markdown, maxSummary-len(before)-len(lead)-len(after))
	if ours == "" && markdown != "" {
		return fmt.Errorf("it already has %d bytes, and GitHub does not show a summary larger than 1 MiB", len(before)+len(after))
	}
	rest := lead + ours + after
	if _, err := file.WriteAt([]byte(rest), start); err != nil {
		return err
	}
	if err := file.Truncate(start + int64(len(rest))); err != nil {
		return err
	}
	f.ours = ours
	return file.Close()
}

// cutMarkdown cuts a Markdown text to at most limit bytes, if possible at the end of a block. It closes the code block
// and the <details> elements that are open there, and adds a note that the rest is missing.
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
		// If the last block begins in the first half, too much is lost, so the text is cut at the end of a line.
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

// openFence returns the fence of the code block that is open at the end of the text, or "".
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
