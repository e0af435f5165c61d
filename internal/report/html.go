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

// policy lets the page have the style that it holds, and nothing from anywhere else.
const policy = "default-src 'none'; style-src 'unsafe-inline'"

// HTML returns the report as one page that needs no other file, no script and no network.
//
// The page is built of nodes that escape every text and every attribute; only the style, which is ours,
// is written as it is. html/template would escape as well, but it calls methods by their names: for its
// sake the linker would keep every method of the AWS SDK, and the command would be 11 MB larger.
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

// pageHead is the head of a page that may use what the policy lets it, and has the style.
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

// block ends the line of the page's source after an element, for people who read the source.
func block(element g.Node) g.Node { return g.Group{element, g.Text("\n")} }

// section is a part of the page. Its class is "bad" where something failed, else "".
func section(class string, content ...g.Node) g.Node {
	return block(h.Section(g.If(class != "", h.Class(class)), g.Group(content)))
}

func heading(text string) g.Node { return block(h.H2(g.Text(text))) }

// remark is a sentence in faint print, and nothing where there is no text.
func remark(text string) g.Node {
	return g.If(text != "", block(h.P(h.Class("faint"), g.Text(text))))
}

func pill(tone, text string) g.Node { return h.Span(h.Class("pill "+tone), g.Text(text)) }

// pageTable has a cell in each row for each column. Where the page is too narrow, each row is a card, whose cells
// have their columns' names beside them. The roles say what the style would take away: some browsers take a table that
// is not laid out as one for none.
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

// text is the content of a cell: nil where there is none, so that a card leaves it out.
func text(content string) g.Node {
	if content == "" {
		return nil
	}
	return h.Span(g.Text(content))
}

// whole is a text that stays on one line.
func whole(content string) g.Node {
	if content == "" {
		return nil
	}
	return h.Span(h.Class("whole"), g.Text(content))
}

// maxWhole is the length up to which an id fits the narrowest page in one line: that of a Git commit.
const maxWhole = 40

// code is what people copy. An id is never broken.
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
