package report

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/org/ami-action/internal/lifecycle"
)

// view is the content of a Report that all formats share: selected, sorted, cleaned, and cut to a bounded size.
type view struct {
	Title    string
	Outcome  Outcome
	Subtitle string
	Facts    []fact
	Phases   []phase
	// AMIs holds the images of the newest version, and Versions all versions that have images, newest first.
	AMIs     []lifecycle.AMI
	MoreAMIs int
	Versions []version
	// IsOlder is set if the patch that the operation is about has no image, so that the AMIs are of an older version.
	IsOlder  bool
	Ancestry string
	Scans    []scan
	// Runs holds the pipeline runs that worked on the lifecycle.
	Runs []Link

	FailureTitle, Failure, StackTrace string
	NextStep, Resume, ResumeSyntax    string
	Log                               string
	Links                             []Link
	Run                               Link
	SavedFile                         string
	Now                               time.Time
}

// fact is one line of the section "At a glance". IsCode is set for values that people copy.
type fact struct {
	Name, Value string
	IsCode      bool
	URL         string // the page of the value, or ""
}

// The names of facts that a format treats separately.
const (
	factLifecycle = "Lifecycle"
	factProduct   = "Product"
	factVersion   = "AMI version"
	factCommit    = "Commit"
)

// phase is one half of the lifecycle, creation or patch, with a row for each event.
type phase struct {
	Name string
	Rows []row
	// IsCurrent is set for the half that the report is about.
	IsCurrent bool
}

// version is one version of the image.
type version struct {
	Number    string
	IsCurrent bool
	AMIs      []lifecycle.AMI
	// MadeBy is the title of the event that made the version, and Findings the result of its scan in words.
	MadeBy, Findings string
}

// row is one event.
type row struct {
	Title, State   string
	Started, Ended time.Time
	Took           time.Duration // the time so far if the event is running; zero if it is unknown
	Detail         string
	Steps          []step
}

// step is a step inside an event. Its times are within those of the event.
type step struct {
	Title, State   string
	Started, Ended time.Time
}

// scan is the result of one vulnerability scan.
type scan struct {
	Title      string
	Total      int
	Counts     []count
	Unreadable bool
	Gate       string // "HIGH and worse: 2 findings, not passed", or "" without a gate
	GateFailed bool
	Report     string // the S3 address of the details
}

type count struct {
	Severity lifecycle.Severity
	N        int
}

func (r Report) view() view {
	clean := newCleaner(r.Redactor)
	document := r.Document
	if document == nil {
		document = &lifecycle.Document{ID: r.LifecycleID}
	}
	v := view{
		Outcome:  Outcome(clean.name(string(r.Outcome))),
		Subtitle: r.Operation.Summary(),
		Failure:  sentence(clean.block(r.Failure)),
		NextStep: sentence(clean.block(r.NextStep)),
		Resume:   clean.block(r.Resume), ResumeSyntax: cmp.Or(r.ResumeSyntax, "sh"),
		FailureTitle: clean.name(r.FailureTitle), SavedFile: clean.line(r.SavedFile, maxNote),
		Now: r.Now.UTC(),
	}
	if address := clean.address(r.Run.URL); address != "" {
		v.Run = Link{Title: cmp.Or(clean.name(r.Run.Title), "Run"), URL: address}
	}
	v.Log = clean.block(strings.Join(r.Log, "\n"))
	for _, link := range r.Links {
		if address := clean.address(link.URL); address != "" {
			v.Links = append(v.Links, Link{Title: clean.name(link.Title), URL: address})
		}
	}
	if running := document.Running; running != nil && !running.IsRunning() {
		v.StackTrace = clean.block(running.StackTrace)
	}
	current := document.CurrentVersion()
	v.Title = cmp.Or(clean.name(strings.TrimSpace(document.ProductName+" "+document.ProductVer)), "AMI lifecycle")
	if r.Operation == lifecycle.Select {
		v.Title = "AMI selection"
	}
	v.Facts = facts(document, current, clean)
	v.Phases = r.phases(document, clean)
	v.tellReasonOnce()
	if current.Image != nil {
		v.Ancestry = clean.line(current.Image.Ancestry, maxNote)
	}
	amis := current.AMIs()
	shown := amis[:min(len(amis), maxRows)]
	v.MoreAMIs = len(amis) - len(shown)
	v.AMIs = cleanAMIs(shown, clean)
	v.IsOlder = r.about(document) == lifecycle.Patching && len(amis) > 0 && len(document.VersionOf(lifecycle.Patching).AMIs()) == 0
	v.Versions = versions(document, clean)
	v.Runs = r.runs(document, clean)
	v.Scans = r.scans(document, clean)
	return v
}

// about returns the half of the lifecycle that the report is about.
func (r Report) about(document *lifecycle.Document) lifecycle.Phase {
	return cmp.Or(r.Operation.Phase(), document.CurrentPhase())
}

// tellReasonOnce removes details from the rows that Failure, above the rows, already contains. It also removes them from
// the rows of blocked events, which repeat the reason.
func (v *view) tellReasonOnce() {
	for _, phase := range v.Phases {
		for i := range phase.Rows {
			detail := &phase.Rows[i].Detail
			told := *detail
			if told == "" || !strings.Contains(strings.ToLower(v.Failure), strings.ToLower(told)) {
				continue
			}
			*detail = ""
			for j := range phase.Rows {
				phase.Rows[j].Detail = strings.TrimSuffix(phase.Rows[j].Detail, ": "+told)
			}
		}
	}
}

// troubleTitle returns the heading above Failure. After a timeout or an interrupt the event continues, so the heading does
// not say that it failed.
func (v view) troubleTitle() string {
	if v.FailureTitle != "" {
		return v.FailureTitle
	}
	if v.Outcome == TimedOut || v.Outcome == Interrupted {
		return "What happened"
	}
	return "What failed"
}

// sentence returns the text with its first letter in upper case. Hints begin in lower case, because they are written to
// follow a semicolon.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if word, _, _ := strings.Cut(text, " "); size == 0 || strings.ContainsAny(word, "-_./") {
		return text // the name of a command or a file keeps its case
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

func facts(document *lifecycle.Document, current lifecycle.Version, clean cleaner) []fact {
	all := []fact{
		{Name: factLifecycle, Value: document.ID, IsCode: true},
		{Name: factProduct, Value: strings.TrimSpace(document.ProductName + " " + document.ProductVer)},
		{Name: factVersion, Value: current.SemanticVersion()},
		{Name: "Stack tag", Value: document.StackTag},
		{Name: "Owner", Value: document.Owner},
		{Name: factCommit, Value: document.CommitRef, IsCode: true, URL: clean.address(document.CommitURL())},
		{Name: "Created", Value: moment(document.Created.Time)},
		{Name: "Updated", Value: moment(document.Updated.Time)},
	}
	for i := range all {
		all[i].Value = clean.name(all[i].Value)
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

// scans returns the scan of the build and the newest scan of a patch, each titled with the version that it scanned. This
// keeps the findings of an earlier patch apart from a patch in progress.
func (r Report) scans(document *lifecycle.Document, clean cleaner) (scans []scan) {
	newest := map[lifecycle.Phase]lifecycle.Version{}
	for _, version := range document.Versions() {
		if version.Findings() != nil {
			newest[version.Phase] = version
		}
	}
	about := r.about(document)
	for _, phase := range []lifecycle.Phase{lifecycle.Creation, lifecycle.Patching} {
		version, scanned := newest[phase]
		if !scanned {
			continue
		}
		gate := r.FailOnSeverity
		if phase != about || phase == lifecycle.Patching && document.IsPatching() {
			gate = "" // the gate of this operation does not apply to the scan of another image
		}
		scans = append(scans, scanOf(version, gate, clean))
	}
	return scans
}

func scanOf(version lifecycle.Version, gate lifecycle.Severity, clean cleaner) scan {
	findings := version.Findings()
	s := scan{Title: version.Scan.Name.Title(), Total: findings.Total, Unreadable: findings.Unreadable}
	switch number := clean.name(version.SemanticVersion()); {
	case number != "":
		s.Title += " of version " + number
	case version.Phase == lifecycle.Patching:
		s.Title += " of the patch"
	}
	for _, severity := range lifecycle.Severities() {
		s.Counts = append(s.Counts, count{severity, findings.BySeverity[severity]})
	}
	if findings.ReportBucket != "" {
		s.Report = clean.line("s3://"+findings.ReportBucket+"/"+findings.ReportKey, maxNote)
	}
	if gate != "" {
		measured := findings.Against(gate)
		s.GateFailed = !measured.Passed()
		s.Gate = string(gate) + " and worse: " + plural(measured.Found, "finding")
		if s.GateFailed {
			s.Gate += ", not passed"
		} else {
			s.Gate += ", passed"
		}
	}
	return s
}
