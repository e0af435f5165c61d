package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

//go:embed page.css
var style string

// policy is the content security policy of the page. It allows the style in the page, and nothing else.
const policy = "default-src 'none'; style-src 'unsafe-inline'"

// HTML returns the report as one page that needs no other file, no script and no network.
//
// The page is built from nodes that escape every text and every attribute. Only the style, which is a constant, is not
// escaped. html/template also escapes, but it calls methods by name, which makes the linker keep every method of the AWS
// SDK: the command would grow by 11 MB.
func (r Report) HTML() ([]byte, error) {
	var out bytes.Buffer
	if err := pageOf(r.view()).Render(&out); err != nil {
		return nil, fmt.Errorf("the report's page: %w", err)
	}
	return out.Bytes(), nil
}

func pageOf(v view) g.Node {
	title := v.Title
	if v.Outcome != "" {
		title += ": " + string(v.Outcome)
	}
	return h.Doctype(h.HTML(h.Lang("en"),
		pageHead(title, policy, style),
		block(h.Body(h.Main(
			pageHeader(v),
			failureSection(v),
			g.Map(v.scansWhere(func(s scan) bool { return s.GateFailed }), scanSection),
			adviceSection(v),
			factsSection(v.Facts),
			timelineSection(timelineOf(v)),
			g.Map(v.Phases, phaseSection),
			versionsSection(v),
			g.Map(v.scansWhere(func(s scan) bool { return !s.GateFailed }), scanSection),
			runsSection(v.Runs),
			footer(v.Now),
		))),
	))
}

// pageHead returns the head of a page with the given title, content security policy and style.
func pageHead(title, policy, style string) g.Node {
	return block(h.Head(
		block(h.Meta(h.Charset("utf-8"))),
		block(h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1"))),
		block(h.Meta(h.Name("color-scheme"), h.Content("light dark"))),
		block(h.Meta(h.Name("referrer"), h.Content("no-referrer"))),
		block(h.Meta(g.Attr("http-equiv", "Content-Security-Policy"), h.Content(policy))),
		block(h.TitleEl(g.Text(title))),
		block(h.StyleEl(g.Raw(style))),
	))
}

// block returns an element followed by a line break, which keeps the source of the page readable.
func block(element g.Node) g.Node { return g.Group{element, g.Text("\n")} }

// section returns a section of the page. class is "bad" for a failure, and "" otherwise.
func section(class string, content ...g.Node) g.Node {
	return block(h.Section(g.If(class != "", h.Class(class)), g.Group(content)))
}

func heading(text string) g.Node { return block(h.H2(g.Text(text))) }

// remark returns a sentence in faint print, or nothing if the text is empty.
func remark(text string) g.Node {
	return g.If(text != "", block(h.P(h.Class("faint"), g.Text(text))))
}

func pill(tone, text string) g.Node { return h.Span(h.Class("pill "+tone), g.Text(text)) }

// pageTable returns a table with one cell per column in each row. On a narrow page, each row becomes a card, and each
// cell shows the name of its column. The elements have explicit roles, because some browsers drop the roles of a table
// that is not laid out as a table.
func pageTable(class string, columns []string, rows [][]g.Node) g.Node {
	return block(h.Table(h.Class("cards "+class), h.Role("table"),
		block(h.THead(h.Role("rowgroup"), h.Tr(h.Role("row"), g.Map(columns, func(column string) g.Node {
			return h.Th(h.Role("columnheader"), h.Scope("col"), g.Text(column))
		})))),
		block(h.TBody(h.Role("rowgroup"), g.Map(rows, func(cells []g.Node) g.Node {
			row := make([]g.Node, 0, len(cells)+1)
			for i, content := range cells {
				row = append(row, h.Td(h.Role("cell"), h.Data("label", columns[i]), g.If(content == nil, h.Class("none")), content))
			}
			return block(h.Tr(h.Role("row"), g.Group(row)))
		}))),
	))
}

// text returns the content of a cell. It returns nil for an empty text, so that a card leaves the cell out.
func text(content string) g.Node {
	if content == "" {
		return nil
	}
	return h.Span(g.Text(content))
}

// whole returns a text that is not broken into lines, or nil if it is empty.
func whole(content string) g.Node {
	if content == "" {
		return nil
	}
	return h.Span(h.Class("whole"), g.Text(content))
}

// maxWhole is the maximum length of an id that fits on one line of the narrowest page: the length of a Git commit.
const maxWhole = 40

// code returns a value that people copy, such as an id. It is not broken into lines if it has at most maxWhole bytes.
func code(content string) g.Node {
	return h.Code(g.If(len(content) <= maxWhole, h.Class("whole")), g.Text(content))
}

func link(l Link) g.Node { return h.A(h.Href(l.URL), h.Rel("noopener noreferrer"), g.Text(l.Title)) }

func pageHeader(v view) g.Node {
	run := g.If(v.Run.URL != "", g.Group{g.Text(" · "), link(v.Run)})
	return block(h.Header(
		block(h.H1(g.Text(v.Title))),
		g.If(v.Outcome != "", block(pill(outcomeTone(v.Outcome), string(v.Outcome)))),
		resultLine(v),
		g.If(v.Subtitle != "" || v.Run.URL != "", block(h.P(g.Text(v.Subtitle), run))),
	))
}

func footer(now time.Time) g.Node {
	text := "All times are UTC."
	if now := moment(now); now != "" {
		text = "As of " + now + ". " + text
	}
	return block(h.Footer(g.Text(text)))
}
