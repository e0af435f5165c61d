package pipeline

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"unicode/utf8"
)

// maxSummary is the size above which the runner drops a summary whole (https://docs.github.com/actions, "Workflow
// commands", "Step isolation and limits": 1 MiB), less some room for what masking makes longer.
const maxSummary = 1<<20 - 1<<10

const summaryCut = "\n\n_The summary was longer than GitHub shows. The rest was left out here._\n"

// summaryFile is the file that GITHUB_STEP_SUMMARY names. Others write to it too: the step's own script,
// and further commands of the same step.
type summaryFile struct {
	path string
	ours string // what we wrote last
}

// replace puts markdown where our last one is, and at the end where there is none. What stands before it is
// not touched.
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
		return nil // checked before: the null device
	}
	if info.Size() > maxSummary {
		return fmt.Errorf("it has %d bytes already, and GitHub shows none of more than 1 MiB", info.Size())
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
		return fmt.Errorf("it has %d bytes already, and GitHub shows none of more than 1 MiB", len(before)+len(after))
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
