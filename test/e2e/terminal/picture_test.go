package terminal_test

import (
	"fmt"
	"html"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPicture makes the README's picture from a real run. The script "picture" in this directory runs it.
func TestPicture(t *testing.T) {
	path := os.Getenv("AMI_PICTURE")
	if path == "" {
		t.Skip("AMI_PICTURE names no file")
	}
	const width, height = 92, 26
	term := open(t, width, height)
	term.ui("--sandbox --sandboxSpeed 0.4 --pollInterval 1s")
	term.choose("What do you want to do?", "Create AMI")
	term.mark("Which events?", "Smoke Tests", "Vulnerability Scans")
	term.fill("Product name", "Demo")
	term.fill("Product version", "1.0.0")
	term.fill("Stack tag", "main")
	term.fill("› Owner", "me")
	term.fill("› Notifications", "EMAIL::me@example.com")
	term.choose("Equivalent BATCH command", "Send")
	term.see("✓ Build", "… Smoke tests")
	require.NoError(t, os.WriteFile(path, []byte(svgOf(term.tmux("capture-pane", "-p", "-e"), width, height)), 0o600))
}

func TestAPictureShowsTextAndStyles(t *testing.T) {
	t.Parallel()
	svg := svgOf("\x1b[1;36ma <b>\x1b[0m \x1b[2mc\x1b[0m\n", 20, 2)
	assert.Contains(t, svg, `<tspan x="16.0" fill="#56b6c2" font-weight="bold">a &lt;b&gt;</tspan>`)
	assert.Contains(t, svg, `<tspan x="66.4" fill="#7f848e">c</tspan>`)
}

// Sizes in pixels: the width of a character, the height of a line, and the margin.
const (
	character = 8.4
	lineRow   = 19
	margin    = 16
)

// svgOf draws the screen of a terminal. The only escape sequences in the text must be those of styles.
func svgOf(screen string, columns, rows int) string {
	var b strings.Builder
	w, h := 2*margin+int(character*float64(columns)), 2*margin+lineRow*rows
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14" xml:space="preserve">`, w, h, w, h)
	fmt.Fprintf(&b, "\n<title>UI mode of ami-action</title>\n<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#1e2127\"/>\n", w, h)
	for i, line := range strings.Split(strings.TrimRight(screen, "\n"), "\n") {
		fmt.Fprintf(&b, `<text y="%d">`, margin+lineRow*i+14)
		var s style
		column := 0
		for j, part := range strings.Split(line, "\x1b[") {
			if j > 0 {
				codes, text, _ := strings.Cut(part, "m")
				s.take(codes)
				part = text
			}
			if strings.TrimSpace(part) != "" {
				fmt.Fprintf(&b, `<tspan x="%.1f"%s>%s</tspan>`, margin+character*float64(column), s, html.EscapeString(part))
			}
			column += len([]rune(part))
		}
		b.WriteString("</text>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// style is the style of a text after the escape sequences before it.
type style struct {
	bold, faint bool
	colour      string
}

var colours = map[int]string{33: "#e5c07b", 36: "#56b6c2"}

func (s *style) take(codes string) {
	for code := range strings.SplitSeq(codes, ";") {
		switch number, _ := strconv.Atoi(code); {
		case number == 0:
			*s = style{}
		case number == 1:
			s.bold = true
		case number == 2:
			s.faint = true
		case colours[number] != "":
			s.colour = colours[number]
		}
	}
}

func (s style) String() string {
	colour := "#d7dae0"
	switch {
	case s.colour != "":
		colour = s.colour
	case s.faint:
		colour = "#7f848e"
	}
	text := fmt.Sprintf(` fill=%q`, colour)
	if s.bold {
		text += ` font-weight="bold"`
	}
	return text
}
