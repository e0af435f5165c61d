package engine

import (
	"cmp"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// overviewData is the content of the front page.
type overviewData struct {
	BaseURL, Shown         string
	Total, Running, Failed int
	Page, Pages            int
	Rows                   []overviewRow
}

// overviewPage returns the front page: one file without scripts, which loads no other file and reloads itself every 5
// seconds. Its nodes escape all text, because documents hold text from requests.
func overviewPage(data overviewData) g.Node {
	return h.Doctype(h.HTML(h.Lang("en"),
		pageHead("Lifecycles · sandbox", 5),
		h.Body(h.Main(h.Class("wide"),
			h.P(h.Class("kicker"), g.Text("Sandbox orchestrator")),
			h.H1(g.Text("Lifecycles")),
			h.Dl(h.Class("facts"),
				timelineFact("Lifecycles", g.Text(strconv.Itoa(data.Total))),
				timelineFact("In progress", g.Text(strconv.Itoa(data.Running))),
				timelineFact("Failed", g.Text(strconv.Itoa(data.Failed))),
				timelineFact("API", h.Code(g.Text(data.BaseURL))),
			),
			g.If(data.Total == 0, h.P(g.Text("There is no lifecycle yet. A create makes the first one."))),
			g.If(data.Total > 0, h.Table(h.Class("overview"),
				h.THead(h.Tr(
					columnHead("Lifecycle"), columnHead("Product"), columnHead("Stack tag"), columnHead("Image"),
					columnHead("State"), columnHead("Timelines"),
				)),
				h.TBody(g.Map(data.Rows, overviewItem)),
			)),
			g.If(data.Pages > 1, overviewPages(data)),
			h.Footer(g.Text("Shown "+data.Shown+" UTC; the page reloads every 5 seconds. Nothing here is real.")),
		)),
	))
}

func columnHead(name string) g.Node { return h.Th(h.Scope("col"), g.Text(name)) }

func overviewItem(row overviewRow) g.Node {
	timeline := func(phase, title string) g.Node {
		return h.A(h.Href("/_sandbox/lifecycles/"+row.ID+"/timeline/"+phase), g.Attr("aria-label", title+" timeline of "+row.ID), g.Text(title))
	}
	return h.Tr(h.Class(row.Class),
		cell("Lifecycle", h.Code(g.Text(row.ID)), h.Small(g.Text(row.Created+" UTC, "+cmp.Or(row.Owner, "nobody")))),
		cell("Product", g.Text(cmp.Or(row.Product, "–"))),
		cell("Stack tag", g.Text(cmp.Or(row.StackTag, "–"))),
		cell("Image", g.Text(cmp.Or(row.Version, "not built yet")), g.If(row.AMI != "", h.Code(g.Text(row.AMI)))),
		cell("State", h.Span(h.Class("state"), g.Text(row.State)), g.If(row.Event != "", h.Span(g.Text(row.Event))),
			g.If(row.Since != "", h.Small(g.Text(row.Since+" UTC")))),
		cell("Timelines", timeline("creation", "Creation"), g.If(row.HasPatch, timeline("patch", "Patch"))),
	)
}

// cell returns a cell that names its column, for small screens, on which each row is shown as a card.
func cell(column string, content ...g.Node) g.Node {
	return h.Td(g.Attr("data-column", column), h.Div(content...))
}

func overviewPages(data overviewData) g.Node {
	link := func(page int, title string) g.Node {
		return g.If(page >= 1 && page <= data.Pages, h.A(h.Href("/?page="+strconv.Itoa(page)), g.Text(title)))
	}
	return h.Nav(g.Attr("aria-label", "Pages"),
		link(data.Page-1, "Newer"),
		h.Span(g.Text("Page "+strconv.Itoa(data.Page)+" of "+strconv.Itoa(data.Pages))),
		link(data.Page+1, "Older"),
	)
}
