package report

import (
	"fmt"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// resultLine returns the line that names the image, which people look for first.
func resultLine(v view) g.Node {
	if len(v.AMIs) == 0 {
		return nil
	}
	ami := v.AMIs[0]
	regions := ami.Region
	if more := len(v.AMIs) + v.MoreAMIs - 1; more > 0 {
		regions += " and " + plural(more, "more image")
	}
	return block(h.P(h.Class("result"),
		g.If(v.IsOlder, g.Text("This patch has no image. The image before it is still available: ")),
		code(ami.ID),
		g.If(ami.SemanticVersion != "", g.Group{g.Text(" · version "), whole(ami.SemanticVersion)}),
		g.If(regions != "", g.Text(" · "+regions)),
	))
}

func failureSection(v view) g.Node {
	return g.If(v.Failure != "" || v.StackTrace != "", section("bad",
		heading(v.troubleTitle()),
		g.If(v.Failure != "", block(h.P(h.Class("prose"), g.Text(v.Failure)))),
		g.If(len(v.Links) > 0, block(h.P(h.Class("links"), g.Map(v.Links, link)))),
		g.If(v.Log != "", block(h.Details(g.Attr("open"), h.Summary(g.Text("The end of the build's log")), h.Pre(g.Text(v.Log))))),
		g.If(v.StackTrace != "", block(h.Details(h.Summary(g.Text("Stack trace")), h.Pre(g.Text(v.StackTrace))))),
	))
}

func adviceSection(v view) g.Node {
	return g.If(v.NextStep != "" || v.Resume != "", section("",
		g.If(v.NextStep != "", g.Group{heading("What to do next"), block(h.P(h.Class("prose"), g.Text(v.NextStep)))}),
		g.If(v.Resume != "", g.Group{heading("How to continue"), block(h.Pre(g.Text(v.Resume)))}),
	))
}

func factsSection(facts []fact) g.Node {
	return g.If(len(facts) > 0, section("",
		heading("At a glance"),
		block(h.Dl(g.Map(facts, func(f fact) g.Node {
			value := g.Text(f.Value)
			if f.IsCode {
				value = code(f.Value)
			}
			if f.URL != "" {
				value = h.A(h.Href(f.URL), h.Rel("noopener noreferrer"), value)
			}
			return block(h.Div(h.Dt(g.Text(f.Name)), h.Dd(value)))
		}))),
	))
}

func phaseSection(p phase) g.Node {
	var rows [][]g.Node
	for _, r := range p.Rows {
		rows = append(rows, []g.Node{
			text(r.Title), pill(tone(r.State), word(r.State)), whole(moment(r.Ended)), whole(span(r.Took)), text(r.Detail),
		})
	}
	return section("", heading(p.Name), pageTable("events", []string{"Event", "Status", "Ended", "Took", "Note"}, rows))
}

func versionsSection(v view) g.Node {
	var rows [][]g.Node
	for _, version := range v.Versions {
		number := whole(version.Number)
		if version.IsCurrent && len(v.Versions) > 1 {
			number = g.Group{number, g.Text(" "), pill("busy", "newest")}
		}
		for _, ami := range version.AMIs {
			rows = append(rows, []g.Node{
				code(ami.ID), number, whole(ami.Region), whole(ami.AccountID), text(version.Findings), text(ami.Name),
			})
		}
	}
	return g.If(len(rows) > 0, section("",
		heading("Images"),
		pageTable("images", []string{"AMI", "Version", "Region", "Account", "Findings", "Name"}, rows),
		g.If(v.MoreAMIs > 0, remark("And "+plural(v.MoreAMIs, "image")+" more.")),
		g.If(v.Ancestry != "", block(h.P(h.Class("faint"), g.Text("Descends from "), ancestry(v.Ancestry)))),
	))
}

// ancestry returns the ancestry with line breaks allowed between images, but not within an id.
func ancestry(text string) g.Node {
	var words []g.Node
	for word := range strings.FieldsSeq(text) {
		words = append(words, h.Span(g.If(len(word) <= maxWhole, h.Class("whole")), g.Text(word)), g.Text(" "))
	}
	return g.Group(words)
}

func (v view) scansWhere(is func(scan) bool) (scans []scan) {
	for _, s := range v.Scans {
		if is(s) {
			scans = append(scans, s)
		}
	}
	return scans
}

func scanSection(s scan) g.Node {
	class := ""
	if s.GateFailed {
		class = "bad"
	}
	return section(class,
		heading(s.Title+": "+plural(s.Total, "finding")),
		findingsChart(s.Counts),
		block(h.Div(h.Class("counts"), g.Map(s.Counts, func(c count) g.Node {
			severity := strings.ToLower(string(c.Severity))
			class := severity
			if c.N != 0 {
				class += " some"
			}
			return block(h.Div(h.Class(class), h.B(g.Text(fmt.Sprint(c.N))), h.Span(g.Text(severity))))
		}))),
		g.If(s.Unreadable, block(h.P(g.Text("Some of these counts could not be read, so the result of the scan is unknown.")))),
		g.If(s.Gate != "", block(h.P(g.Text("Gate: "+s.Gate+".")))),
		g.If(s.Report != "", block(h.P(h.Class("faint"), g.Text("Details: "), h.Code(g.Text(s.Report))))),
	)
}

// findingsChart returns a bar of all findings, worst first. It is hidden from screen readers, because the numbers below it
// have the same content.
func findingsChart(counts []count) g.Node {
	total := 0
	for _, c := range counts {
		total += max(0, c.N)
	}
	return g.If(total > 0, block(h.Div(h.Class("findings"), h.Aria("hidden", "true"), g.Map(counts, func(c count) g.Node {
		return g.If(c.N > 0, h.Div(h.Class(strings.ToLower(string(c.Severity))), h.Style("width:"+percent(100*float64(c.N)/float64(max(total, 1))))))
	}))))
}

func runsSection(runs []Link) g.Node {
	return g.If(len(runs) > 0, section("",
		heading("Runs that worked on this lifecycle"),
		block(h.P(h.Class("links"), g.Map(runs, link))),
	))
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
		g.If(len(lengths) > 0, remark("Dashed sections ("+strings.Join(lengths, ", ")+") are not to scale.")),
		g.If(line.HasPoints, remark("A diamond is an event whose end is known, but not its start.")),
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
				return h.Div(h.Class("pause"), stretched(p.Left, p.Width), h.Title(p.Label+", not to scale"))
			}),
			drawn,
		)),
	}
}

// stretched returns the style that places an element on the timeline, in percent of its width.
func stretched(left, width float64) g.Node {
	return h.Style("left:" + percent(left) + ";width:" + percent(width))
}

func percent(f float64) string { return fmt.Sprintf("%.2f%%", f) }
