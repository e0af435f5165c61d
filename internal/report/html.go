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
			adviceSection(v),
			factsSection(v.Facts),
			timelineSection(timelineOf(v)),
			g.Map(v.Phases, phaseSection),
			imagesSection(v),
			g.Map(v.Scans, scanSection),
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

// pageTable scrolls by itself where the page is too narrow for it.
func pageTable(class string, columns []string, rows g.Node) g.Node {
	return block(h.Div(h.Class("scroll"), h.Table(g.If(class != "", h.Class(class)),
		block(h.Tr(g.Map(columns, func(column string) g.Node { return h.Th(g.Text(column)) }))), rows)))
}

func cell(class, text string) g.Node { return h.Td(g.If(class != "", h.Class(class)), g.Text(text)) }

func pageHeader(v view) g.Node {
	run := g.If(v.Run.URL != "", g.Group{
		g.Text(" · "), h.A(h.Href(v.Run.URL), h.Rel("noopener noreferrer"), g.Text(v.Run.Title)),
	})
	return block(h.Header(
		block(h.H1(g.Text(v.Title))),
		g.If(v.Outcome != "", block(pill(outcomeTone(v.Outcome), string(v.Outcome)))),
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
