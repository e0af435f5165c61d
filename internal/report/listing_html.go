package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

//go:embed listing.css
var listingStyle string

//go:embed listing.js
var listingScript string

// listingPolicy returns the content security policy of the page. It allows the style and the script in the page, the
// latter by its hash, and nothing else.
func listingPolicy() string {
	hash := sha256.Sum256([]byte(listingScript))
	return policy + "; script-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
}

// HTML returns the list as one page that needs no other file and no network. Its script sorts and filters the list.
// Without scripts, the page shows the first [listingChunk] rows in their order.
func (l *Listing) HTML() ([]byte, error) {
	var out bytes.Buffer
	page, err := listingPage(l.view(len(l.Lifecycles)))
	if err == nil {
		err = page.Render(&out)
	}
	if err != nil {
		return nil, fmt.Errorf("the page of all lifecycles: %w", err)
	}
	return out.Bytes(), nil
}

func listingPage(v listingView) (g.Node, error) {
	table, err := listingTable(v.Rows)
	return h.Doctype(h.HTML(h.Lang("en"),
		pageHead(v.Title, listingPolicy(), style+listingStyle),
		block(h.Body(h.Main(h.Class("listing"),
			block(h.Header(
				block(h.H1(g.Text(v.Title))),
				block(h.P(g.Text(v.summary()), g.If(v.Run.URL != "", g.Group{
					g.Text(" · "), h.A(h.Href(v.Run.URL), h.Rel("noopener noreferrer"), g.Text(v.Run.Title)),
				}))),
				g.If(v.Filters != "", block(h.P(g.Text("Filters: "+v.Filters+".")))),
				g.If(v.IsCut, block(h.P(h.Class("warning"), g.Text(ListIsCut)))),
			)),
			g.If(len(v.Rows) > 0, g.Group{listingControls(v.Counts), table}),
			block(h.P(h.ID("none"), h.Hidden(""), g.Text("No matching lifecycles."))),
			footer(v.Now),
		), g.If(len(v.Rows) > 0, block(h.Script(g.Raw(listingScript)))))),
	)), err
}

// listingControls returns the controls of the page. They are hidden until the script shows them, because they do nothing
// without it.
func listingControls(counts []stageCount) g.Node {
	return block(h.Form(h.ID("controls"), h.Hidden(""), g.Attr("role", "search"),
		block(h.Label(h.Class("find"), g.Text("Find "), h.Input(h.Type("search"), h.ID("find"), h.Placeholder("product, tag, version, AMI, id"), h.AutoComplete("off")))),
		block(h.Label(h.Class("sort"), g.Text("Sort by "), h.Select(h.ID("sort"),
			h.Option(h.Value(""), g.Text("needs attention")),
			g.Map(listingColumns, func(c listingColumn) g.Node { return h.Option(h.Value(c.name), g.Text(c.title)) }),
		))),
		block(h.FieldSet(h.Legend(g.Text("Show")), g.Map(counts, func(c stageCount) g.Node {
			return h.Label(h.Class("chip"), h.Input(h.Type("checkbox"), h.Name("state"), h.Value(string(c.Stage)), h.Checked()),
				pill(stageTone(c.Stage), stageWord(c.Stage)), h.B(g.Text(strconv.Itoa(c.N))))
		}))),
		block(g.El("output", h.ID("shown"), g.Attr("aria-live", "polite"))),
	))
}

// listingColumn is a column of the table, and a way to sort it.
type listingColumn struct{ name, title string }

var listingColumns = []listingColumn{
	{"state", "State"}, {"product", "Product"}, {"version", "Version"}, {"tag", "Stack tag"}, {"ami", "AMI"},
	{"event", "Latest event"}, {"next", "Next"}, {"age", "Age"}, {"changed", "Changed"},
}

// listingChunk is the number of rows that the page shows at once. The layout of 10,000 rows takes a browser seconds.
const listingChunk = 250

// listingTable returns the table with the first rows, and all rows as data for the script, which creates the elements of
// the other rows when they are shown: a browser reads 10,000 rows of data much faster than as many of HTML. Each part of
// the table has an explicit role, because the style lays rows out as grids, and some browsers then drop the roles.
func listingTable(rows []listingRow) (g.Node, error) {
	role := func(name string) g.Node { return g.Attr("role", name) }
	first := rows[:min(len(rows), listingChunk)]
	data, err := listingData(rows)
	return g.Group{
		block(h.Table(role("table"), g.Attr("aria-label", "AMI lifecycles"),
			block(h.THead(role("rowgroup"), h.Tr(role("row"), g.Map(listingColumns, func(c listingColumn) g.Node {
				return h.Th(role("columnheader"), h.Scope("col"), h.Data("sort", c.name), g.Text(c.title))
			})))),
			h.TBody(role("rowgroup"), h.ID("rows"), h.Data("chunk", strconv.Itoa(listingChunk)), g.Map(first, listingHTMLRow)),
		)),
		g.If(len(rows) > len(first), block(h.NoScript(h.P(g.Text(fmt.Sprintf("Scripts are off: the first %d of %d lifecycles are shown.", len(first), len(rows))))))),
		block(h.Script(h.ID("data"), h.Type("application/json"), g.Raw(data))),
		block(h.Button(h.ID("more"), h.Type("button"), h.Hidden(""), g.Text("Show more"))),
	}, err
}

// listingData returns the rows in the form that listing.js reads, one per line. No text in them can end the script element,
// because encoding/json escapes < and >.
func listingData(rows []listingRow) (string, error) {
	var b strings.Builder
	for i := range rows {
		row := &rows[i]
		amis := row.AMIs
		if amis == nil {
			amis = []string{}
		}
		data, err := json.Marshal([]any{
			row.Stage, row.Product, row.ID, row.Version, row.StackTag, amis, row.MoreAMIs, row.Event, row.Status, row.next(),
			row.AgeDays, row.age(), day(row.Changed),
		})
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteString(",\n")
		}
		b.Write(data)
	}
	return "[" + b.String() + "]", nil
}

// listingHTMLRow returns the HTML of a row. It must be the same as what elementOf in listing.js creates.
func listingHTMLRow(row listingRow) g.Node {
	var b strings.Builder
	cell := func(label, content string) {
		b.WriteString(`<td role="cell" data-label="` + label + `">` + content + "</td>")
	}
	escape := htmlText
	b.WriteString(`<tr role="row">`)
	cell("State", `<span class="pill `+stageTone(row.Stage)+`">`+escape(stageWord(row.Stage))+"</span>")
	cell("Product", escape(row.Product)+" <code>"+escape(row.ID)+"</code>")
	cell("Version", escape(row.Version))
	cell("Stack tag", escape(row.StackTag))
	var amis strings.Builder
	for i, ami := range row.AMIs {
		region, id, _ := strings.Cut(ami, " ")
		if i > 0 {
			amis.WriteString("<br>")
		}
		amis.WriteString("<small>" + escape(region) + "</small> <code>" + escape(id) + "</code>")
	}
	if row.MoreAMIs > 0 {
		amis.WriteString("<br><small>and " + strconv.Itoa(row.MoreAMIs) + " more</small>")
	}
	cell("AMI", amis.String())
	latest := ""
	if row.Event != "" {
		latest = escape(row.Event) + " <small>" + escape(row.Status) + "</small>"
	}
	cell("Latest event", latest)
	cell("Next", escape(row.next()))
	cell("Age", row.age())
	cell("Changed", escape(day(row.Changed)))
	b.WriteString("</tr>\n")
	return g.Raw(b.String())
}

var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

func htmlText(text string) string { return htmlEscapes.Replace(text) }

// day formats a time in UTC, to the minute. It returns "" for the zero time.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}
