package report

import (
	"fmt"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/org/ami-action/internal/lifecycle"
)

func failureSection(v view) g.Node {
	return g.If(v.Failure != "" || v.StackTrace != "", section("bad",
		heading(v.troubleTitle()),
		g.If(v.Failure != "", block(h.Pre(g.Text(v.Failure)))),
		g.If(len(v.Links) > 0, block(h.P(g.Map(v.Links, func(link Link) g.Node {
			return g.Group{h.A(h.Href(link.URL), h.Rel("noopener noreferrer"), g.Text(link.Title)), g.Text(" ")}
		})))),
		g.If(v.Log != "", block(h.Details(g.Attr("open"), h.Summary(g.Text("The end of the build's log")), h.Pre(g.Text(v.Log))))),
		g.If(v.StackTrace != "", block(h.Details(h.Summary(g.Text("Stack trace")), h.Pre(g.Text(v.StackTrace))))),
	))
}

func adviceSection(v view) g.Node {
	return g.If(v.NextStep != "" || v.Resume != "", section("",
		g.If(v.NextStep != "", g.Group{heading("What to do next"), block(h.P(h.Class("prose"), g.Text(v.NextStep)))}),
		g.If(v.Resume != "", g.Group{heading("How to go on from here"), block(h.Pre(g.Text(v.Resume)))}),
	))
}

func factsSection(facts []fact) g.Node {
	return g.If(len(facts) > 0, section("",
		heading("At a glance"),
		block(h.Dl(g.Map(facts, func(f fact) g.Node {
			value := g.Text(f.Value)
			if f.IsCode {
				value = h.Code(value)
			}
			return block(h.Div(h.Dt(g.Text(f.Name)), h.Dd(value)))
		}))),
	))
}

func phaseSection(p phase) g.Node {
	return section("",
		heading(p.Name),
		pageTable("events", []string{"Event", "Status", "Ended", "Took", ""}, g.Map(p.Rows, func(r row) g.Node {
			return block(h.Tr(
				cell("", r.Title), h.Td(pill(tone(r.State), word(r.State))),
				cell("time", moment(r.Ended)), cell("time", span(r.Took)), cell("wide", r.Detail),
			))
		})),
	)
}

func imagesSection(v view) g.Node {
	return g.If(len(v.AMIs) > 0, section("",
		heading("Images"),
		pageTable("", []string{"Region", "AMI", "Version", "Name", "Account"}, g.Map(v.AMIs, func(ami lifecycle.AMI) g.Node {
			return block(h.Tr(
				cell("", ami.Region), h.Td(h.Code(g.Text(ami.ID))), cell("", ami.SemanticVersion),
				cell("wide", ami.Name), cell("number", ami.AccountID),
			))
		})),
		g.If(v.MoreAMIs > 0, remark("And "+plural(v.MoreAMIs, "image")+" more.")),
		g.If(v.Ancestry != "", remark("Descends from "+v.Ancestry+".")),
	))
}

func scanSection(s scan) g.Node {
	class := ""
	if s.GateFailed {
		class = "bad"
	}
	return section(class,
		heading(s.Title+": "+plural(s.Total, "finding")),
		block(h.Div(h.Class("counts"), g.Map(s.Counts, func(c count) g.Node {
			severity := strings.ToLower(string(c.Severity))
			class := severity
			if c.N != 0 {
				class += " some"
			}
			return block(h.Div(h.Class(class), h.B(g.Text(fmt.Sprint(c.N))), h.Span(g.Text(severity))))
		}))),
		g.If(s.Unreadable, block(h.P(g.Text("Some of these counts could not be read: the scan proves nothing.")))),
		g.If(s.Gate != "", block(h.P(g.Text("Gate: "+s.Gate+".")))),
		g.If(s.Report != "", block(h.P(h.Class("faint"), g.Text("Details: "), h.Code(g.Text(s.Report))))),
	)
}

func timelineSection(line timeline) g.Node {
	var lengths []string
	for _, p := range line.Pauses {
		lengths = append(lengths, p.Label)
	}
	return g.If(len(line.Bars) > 0, section("",
		heading("Timeline"),
		block(h.Div(h.Class("gantt"),
			g.Map(line.Bars, func(b bar) g.Node { return timelineRow(b, line.Pauses) }),
			block(h.Div(h.Class("axis"), h.Span(g.Text(line.First)), h.Span(g.Text(line.Last)))),
		)),
		g.If(len(lengths) > 0, remark("The dashed stretches ("+strings.Join(lengths, ", ")+") are drawn shorter than they were.")),
		g.If(line.HasPoints, remark("A diamond is an event of which only the end is known.")),
	))
}

func timelineRow(b bar, pauses []pause) g.Node {
	drawn := h.Div(h.Class("bar "+tone(b.State)), stretched(b.Left, b.Width), h.Title(word(b.State)))
	if b.IsPoint {
		drawn = h.Div(h.Class("bar point "+tone(b.State)), h.Style("left:"+percent(b.Left)), h.Title(word(b.State)))
	}
	step := ""
	if b.IsStep {
		step = " step"
	}
	return g.Group{
		g.If(b.Begins != "", block(h.Div(h.Class("phase"), g.Text(b.Begins)))),
		block(h.Div(h.Class("name"+step), g.Text(b.Title), g.If(b.Label != "", g.Group{g.Text(" "), h.Small(g.Text(b.Label))}))),
		block(h.Div(h.Class("track"+step),
			g.Map(pauses, func(p pause) g.Node {
				return h.Div(h.Class("pause"), stretched(p.Left, p.Width), h.Title(p.Label+", drawn shorter than it was"))
			}),
			drawn,
		)),
	}
}

// stretched places an element on the time line.
func stretched(left, width float64) g.Node {
	return h.Style("left:" + percent(left) + ";width:" + percent(width))
}

func percent(f float64) string { return fmt.Sprintf("%.2f%%", f) }
