package engine

import (
	"cmp"
	_ "embed"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

//go:embed timeline.css
var timelineStyle string

// timelinePage is a page of its own, without any file from elsewhere. Its nodes escape whatever a request
// brought into the document; only the style is written as it is.
func timelinePage(data timelineData) g.Node {
	product := data.ProductName + " " + data.ProductVer
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.TitleEl(g.Text(data.Title+" · "+product)),
			h.StyleEl(g.Raw(timelineStyle)),
		),
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

func timelineFact(name string, value g.Node) g.Node {
	return h.Div(h.Dt(g.Text(name)), h.Dd(value))
}

func timelineItem(event timelineEvent) g.Node {
	return h.Li(h.Class(event.Class), h.Article(
		h.Header(h.H2(g.Text(event.Title)), h.Span(h.Class("state"), g.Text(event.State))),
		g.If(event.Date != "", h.Time(g.Text(event.Date+" UTC"))),
		h.P(g.Text(event.Description)),
		g.If(event.Error != "", h.P(h.Class("error"), g.Text(event.Error))),
		g.If(len(event.AMIs) > 0, h.Table(
			h.Tr(h.Th(g.Text("Region")), h.Th(g.Text("Image")), h.Th(g.Text("Name")), h.Th(g.Text("Version"))),
			g.Map(event.AMIs, func(ami timelineAMI) g.Node {
				return h.Tr(h.Td(g.Text(ami.Region)), h.Td(h.Code(g.Text(ami.Image))), h.Td(g.Text(ami.Name)), h.Td(g.Text(ami.Version)))
			}),
		)),
		g.If(len(event.Details) > 0, h.Table(h.Class("details"),
			g.Map(event.Details, func(detail timelineDetail) g.Node {
				return h.Tr(h.Th(g.Text(detail.Name)), h.Td(g.Text(detail.Value)))
			}),
		)),
	))
}
