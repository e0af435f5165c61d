package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
)

// Listing is many lifecycles at one moment.
type Listing struct {
	// Lifecycles are shown in this order, except that those that failed, stalled or are in progress come first.
	Lifecycles []lifecycle.Overview
	// Filters describes the filters of the list in words. It is "" for a list of all lifecycles.
	Filters string
	// IsCut is set if the orchestrator may have cut the list.
	IsCut bool
	Run   Link
	Now   time.Time
	// Redactor redacts every text. If it is nil, a new Redactor without known secrets is used.
	Redactor *redact.Redactor
}

// listingView is the content of a Listing that all formats share, sorted and cleaned.
type listingView struct {
	Title, Filters string
	IsCut          bool
	Counts         []stageCount
	// Total is the number of lifecycles. Rows has the first of them.
	Total int
	Rows  []listingRow
	Run   Link
	Now   time.Time
}

// stageCount is the number of lifecycles at a stage.
type stageCount struct {
	Stage lifecycle.Stage
	N     int
}

// listingRow is one lifecycle. Its texts are redacted, short, and have no control characters.
type listingRow struct {
	Stage                          lifecycle.Stage
	ID, Product, Version, StackTag string
	AMIs                           []string // "REGION ami-ID", sorted by region
	MoreAMIs                       int
	Event, Status                  string // the latest event and its status
	Next                           []lifecycle.Operation
	AgeDays                        int
	HasImage                       bool
	Changed                        time.Time
}

// maxRegions is the maximum number of images that a row shows.
const maxRegions = 4

// isUrgent reports whether the lifecycle may need attention: it failed, has stalled or is in progress.
func isUrgent(stage lifecycle.Stage) bool {
	return stage == lifecycle.StageFailed || stage == lifecycle.StageStalled || stage == lifecycle.StageInProgress
}

// view returns the list with at most so many rows.
func (l *Listing) view(rows int) listingView {
	clean := remembering(newCleaner(l.Redactor))
	v := listingView{Title: "AMI lifecycles", Filters: clean(l.Filters, maxNote), IsCut: l.IsCut, Now: l.Now.UTC(), Total: len(l.Lifecycles)}
	if address := newCleaner(l.Redactor).address(l.Run.URL); address != "" {
		v.Run = Link{Title: cmp.Or(clean(l.Run.Title, maxName), "Run"), URL: address}
	}
	counts := map[lifecycle.Stage]int{}
	ordered := make([]*lifecycle.Overview, len(l.Lifecycles))
	for i := range l.Lifecycles {
		ordered[i] = &l.Lifecycles[i]
		counts[ordered[i].State]++
	}
	stages := lifecycle.Stages()
	for _, stage := range stages {
		if counts[stage] > 0 {
			v.Counts = append(v.Counts, stageCount{stage, counts[stage]})
		}
	}
	place := func(stage lifecycle.Stage) int {
		if isUrgent(stage) {
			return slices.Index(stages, stage)
		}
		return len(stages)
	}
	slices.SortStableFunc(ordered, func(a, b *lifecycle.Overview) int { return place(a.State) - place(b.State) })
	for _, one := range ordered[:min(len(ordered), rows)] {
		v.Rows = append(v.Rows, rowOf(one, clean))
	}
	return v
}

func rowOf(o *lifecycle.Overview, clean func(string, int) string) listingRow {
	row := listingRow{
		Stage: o.State, ID: clean(o.ID, maxName), Product: strings.TrimSpace(clean(o.Product, 60) + " " + clean(o.Version, 30)),
		Version: clean(o.SemanticVersion, 30), StackTag: clean(o.StackTag, 63),
		Event: clean(o.Latest.Title(), 40), Status: word(clean(string(o.Status), 40)),
		Next: o.Next, AgeDays: o.AgeDays, HasImage: len(o.AMIs) > 0, Changed: o.Changed,
	}
	regions := slices.Sorted(maps.Keys(o.AMIs))
	for _, region := range regions[:min(len(regions), maxRegions)] {
		row.AMIs = append(row.AMIs, clean(region, 30)+" "+clean(o.AMIs[region], 40))
	}
	row.MoreAMIs = len(regions) - len(row.AMIs)
	return row
}

// remembering returns c.line with a cache, because most products and tags repeat in a list of 10,000 lifecycles.
func remembering(c cleaner) func(text string, limit int) string {
	type key struct {
		text  string
		limit int
	}
	known := map[key]string{}
	return func(text string, limit int) string {
		k := key{text, limit}
		clean, ok := known[k]
		if !ok {
			clean = c.line(text, limit)
			known[k] = clean
		}
		return clean
	}
}

// latest returns the latest event with its status, or "".
func (r *listingRow) latest() string {
	if r.Event == "" {
		return ""
	}
	return r.Event + " " + r.Status
}

// age returns the age of the lifecycle's newest image, or "" if it has none.
func (r *listingRow) age() string {
	switch {
	case r.AgeDays > 0:
		return plural(r.AgeDays, "day")
	case r.HasImage:
		return "today"
	}
	return ""
}

// next returns the operations that are allowed next.
func (r *listingRow) next() string {
	names := make([]string, len(r.Next))
	for i, operation := range r.Next {
		names[i] = string(operation)
	}
	return strings.Join(names, ", ")
}

// summary returns one line with the number of lifecycles in total and at each stage.
func (v listingView) summary() string {
	var parts []string
	for _, count := range v.Counts {
		parts = append(parts, fmt.Sprintf("%d %s", count.N, stageWord(count.Stage)))
	}
	text := sentence(plural(v.Total, "lifecycle"))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text + "."
}

func stageWord(stage lifecycle.Stage) string { return strings.ReplaceAll(string(stage), "-", " ") }

func stageMark(stage lifecycle.Stage) string {
	switch stage {
	case lifecycle.StageFailed:
		return "❌"
	case lifecycle.StageStalled:
		return "⏸️"
	case lifecycle.StageInProgress:
		return "🔄"
	case lifecycle.StageApproved:
		return "✅"
	}
	return "🕓"
}

func stageTone(stage lifecycle.Stage) string {
	switch stage {
	case lifecycle.StageFailed, lifecycle.StageStalled:
		return "bad"
	case lifecycle.StageInProgress:
		return "busy"
	case lifecycle.StageApproved:
		return "good"
	}
	return "idle"
}

// Text returns the list as text for a terminal, by [ListText]. If no lifecycle matches the filters, it says so.
func (l *Listing) Text() string {
	if len(l.Lifecycles) == 0 && l.Filters != "" {
		return "No lifecycle matches the filters.\n"
	}
	return ListText(l.Lifecycles, l.Now, l.Redactor)
}

// maxListed is the maximum number of lifecycles in a summary. It keeps the summary readable and well below GitHub's limit
// of 1 MiB.
const maxListed = 200

// Markdown returns the list for a job summary on GitHub.
func (l *Listing) Markdown() string {
	v := l.view(maxListed)
	var b strings.Builder
	v.writeHead(&b)
	if v.Total == 0 {
		return b.String()
	}
	b.WriteString("| State | Product | Version | Stack tag | Latest event | Next | Age | Lifecycle |\n| :--- | :--- | :--- | :--- | :--- | :--- | ---: | :--- |\n")
	for i := range v.Rows {
		row := &v.Rows[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", unbroken(stageMark(row.Stage)+" "+stageWord(row.Stage)),
			markdown(row.Product), unbroken(markdown(row.Version)), unbroken(markdown(row.StackTag)), markdown(row.latest()),
			markdown(row.next()), unbroken(row.age()), markdownCode(row.ID))
	}
	b.WriteString("\n")
	if more := v.Total - len(v.Rows); more > 0 {
		fmt.Fprintf(&b, "And %s more.\n\n", plural(more, "lifecycle"))
	}
	return b.String()
}

// ShortMarkdown returns the beginning of [Listing.Markdown], with the numbers of lifecycles but without the table.
func (l *Listing) ShortMarkdown() string {
	var b strings.Builder
	l.view(0).writeHead(&b)
	return b.String()
}

func (v listingView) writeHead(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n%s", v.Title, v.summary())
	if v.Run.URL != "" {
		fmt.Fprintf(b, " [%s](%s)", markdown(v.Run.Title), markdownAddress(v.Run.URL))
	}
	b.WriteString("\n\n")
	if v.Filters != "" {
		fmt.Fprintf(b, "Filters: %s.\n\n", markdown(v.Filters))
	}
	if v.IsCut {
		b.WriteString("> [!WARNING]\n> " + ListIsCut + "\n\n")
	}
}
