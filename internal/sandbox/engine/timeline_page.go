package engine

import (
	"cmp"
	_ "embed"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

//go:embed timeline.css
var timelineStyle string

// timelinePage returns the page as one file, which loads no other file. Its nodes escape all text, because documents
// hold text from requests; only the style is written unescaped.
func timelinePage(data timelineData) g.Node {
	product := data.ProductName + " " + data.ProductVer
	return h.Doctype(h.HTML(h.Lang("en"),
		pageHead(data.Title+" · "+product, data.Refresh),
		h.Body(h.Main(
			h.P(h.Class("kicker"), g.Text(data.Title)),
			h.H1(g.Text(product)),
			h.Dl(h.Class("facts"),
				timelineFact("Version", g.Text(cmp.Or(data.Version, "not built yet"))),
				timelineFact("Stack tag", g.Text(data.StackTag)),
				timelineFact("Owner", g.Text(data.Owner)),
				timelineFact("Created", g.Text(data.Created+" UTC")),
				timelineFact("Lifecycle", h.Code(g.Text(data.LifecycleID))),
				timelineFact("Commit", h.Code(g.Text(data.CommitRef))),
			),
			h.Ol(g.Map(data.Events, timelineItem)),
			h.Footer(g.Text("Shown "+data.Shown+" UTC by the sandbox. Nothing here is real.")),
		)),
	))
}

// pageHead returns the head of a page that reloads itself every refreshSeconds, or never if that is 0.
func pageHead(title string, refreshSeconds int) g.Node {
	return h.Head(
		h.Meta(h.Charset("utf-8")),
		h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
		g.If(refreshSeconds > 0, h.Meta(g.Attr("http-equiv", "refresh"), h.Content(strconv.Itoa(refreshSeconds)))),
		h.TitleEl(g.Text(title)),
		h.StyleEl(g.Raw(timelineStyle)),
	)
}

func timelineFact(name string, value g.Node) g.Node {
	return h.Div(h.Dt(g.Text(name)), h.Dd(value))
}

func timelineItem(event timelineEvent) g.Node {
	return h.Li(h.Class(event.Class), h.Article(
		h.Header(h.H2(g.Text(event.Title)), h.Span(h.Class("state"), g.Text(event.State))),
		g.If(event.Date != "", h.Time(g.Text(event.Date+" UTC"))),
		h.P(g.Text(event.Description)),
		g.If(event.Error != "", h.P(h.Class("error"), g.Text(event.Error))),
		g.If(len(event.AMIs) > 0, h.Table(h.Class("overview"),
			h.THead(h.Tr(columnHead("Region"), columnHead("Image"), columnHead("Name"), columnHead("Version"))),
			h.TBody(g.Map(event.AMIs, func(ami timelineAMI) g.Node {
				return h.Tr(cell("Region", g.Text(ami.Region)), cell("Image", h.Code(g.Text(ami.Image))),
					cell("Name", g.Text(ami.Name)), cell("Version", g.Text(ami.Version)))
			})),
		)),
		g.If(len(event.Details) > 0, h.Table(h.Class("details"),
			g.Map(event.Details, func(detail timelineDetail) g.Node {
				return h.Tr(h.Th(h.Scope("row"), g.Text(detail.Name)), h.Td(g.Text(detail.Value)))
			}),
		)),
	))
}
