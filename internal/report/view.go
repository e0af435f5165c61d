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

// view is a Report as every form shows it: chosen, in order, cleaned, and cut to a bounded size.
type view struct {
	Title    string
	Outcome  Outcome
	Subtitle string
	Facts    []fact
	Phases   []phase
	AMIs     []lifecycle.AMI
	MoreAMIs int
	Ancestry string
	Scans    []scan

	Failure, StackTrace, NextStep, Resume string
	Run                                   Link
	Now                                   time.Time
}

// fact is one line of the lifecycle at a glance. IsCode is set for what people copy.
type fact struct {
	Name, Value string
	IsCode      bool
}

// phase is one half of the lifecycle with a row for each event.
type phase struct {
	Name string
	Rows []row
}

// row is one event.
type row struct {
	Title, State   string
	Started, Ended time.Time
	Took           time.Duration // so far, while it runs; zero where it is not known
	Detail         string
}

// scan is what one vulnerability scan found.
type scan struct {
	Title      string
	Total      int
	Counts     []count
	Unreadable bool
	Gate       string // "HIGH and worse: 2 found", or "" without a gate
	GateFailed bool
	Report     string // where in S3 the details are
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
		Failure:  clean.block(r.Failure),
		NextStep: sentence(clean.block(r.NextStep)),
		Resume:   clean.block(r.Resume),
		Now:      r.Now.UTC(),
	}
	if address := clean.address(r.Run.URL); address != "" {
		v.Run = Link{Title: cmp.Or(clean.name(r.Run.Title), "Run"), URL: address}
	}
	if running := document.Running; running != nil && !running.IsRunning() {
		v.StackTrace = clean.block(running.StackTrace)
	}
	build := newestBuild(document)
	v.Title = cmp.Or(clean.name(strings.TrimSpace(document.ProductName+" "+document.ProductVer)), "AMI lifecycle")
	v.Facts = facts(document, build, clean)
	v.Phases = r.phases(document, clean)
	if build != nil {
		v.Ancestry = clean.line(build.Ancestry, maxNote)
		shown := build.AMIs[:min(len(build.AMIs), maxRows)]
		v.MoreAMIs = len(build.AMIs) - len(shown)
		for _, ami := range shown {
			v.AMIs = append(v.AMIs, lifecycle.AMI{
				Region: clean.name(ami.Region), ID: clean.name(ami.ID), Name: clean.name(ami.Name),
				AccountID: clean.name(ami.AccountID), SemanticVersion: clean.name(ami.SemanticVersion),
			})
		}
	}
	for _, event := range []lifecycle.Event{lifecycle.VulnerabilityScansCreate, lifecycle.VulnerabilityScansPatch} {
		if result := document.ResultOf(event); result != nil && result.Findings != nil {
			gate := r.FailOnSeverity
			if event.Phase() != cmp.Or(r.Operation.Phase(), document.CurrentPhase()) {
				gate = "" // the scan of the other image was no matter of this operation
			}
			v.Scans = append(v.Scans, scanOf(event, result.Findings, gate, clean))
		}
	}
	return v
}

// troubleTitle is the heading above Failure: what goes on has not failed.
func (v view) troubleTitle() string {
	if v.Outcome == TimedOut || v.Outcome == Interrupted {
		return "What happened"
	}
	return "What failed"
}

// sentence begins a text with a capital letter. Hints are written to follow a semicolon.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if word, _, _ := strings.Cut(text, " "); size == 0 || strings.ContainsAny(word, "-_./") {
		return text // a command or a file begins with the letter that it has
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// newestBuild returns the result that holds the lifecycle's newest images: the current patch, else the
// patch before it, else the build; nil where nothing was built.
func newestBuild(document *lifecycle.Document) *lifecycle.Result {
	if result := document.ResultOf(lifecycle.PatchAMI); result != nil && len(result.AMIs) > 0 {
		return result
	}
	for _, earlier := range slices.Backward(document.PatchOutputs.History.Historical) {
		for i := range earlier.Events {
			if result := &earlier.Events[i]; result.Name == lifecycle.PatchAMI && len(result.AMIs) > 0 {
				return result
			}
		}
	}
	return document.ResultOf(lifecycle.BuildAMI)
}

func facts(document *lifecycle.Document, build *lifecycle.Result, clean cleaner) []fact {
	version := ""
	if build != nil && len(build.AMIs) > 0 {
		version = build.AMIs[0].SemanticVersion
	}
	all := []fact{
		{"Lifecycle", document.ID, true},
		{"Product", strings.TrimSpace(document.ProductName + " " + document.ProductVer), false},
		{"AMI version", version, false},
		{"Stack tag", document.StackTag, false},
		{"Owner", document.Owner, false},
		{"Commit", document.CommitRef, true},
		{"Created", moment(document.Created.Time), false},
		{"Updated", moment(document.Updated.Time), false},
	}
	for i := range all {
		all[i].Value = clean.name(all[i].Value)
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

func scanOf(event lifecycle.Event, findings *lifecycle.Findings, gate lifecycle.Severity, clean cleaner) scan {
	s := scan{Title: event.Title(), Total: findings.Total, Unreadable: findings.Unreadable}
	if event.Phase() == lifecycle.Patching {
		s.Title += " of the patch"
	}
	for _, severity := range lifecycle.Severities() {
		s.Counts = append(s.Counts, count{severity, findings.BySeverity[severity]})
	}
	if findings.ReportBucket != "" {
		s.Report = clean.line("s3://"+findings.ReportBucket+"/"+findings.ReportKey, maxNote)
	}
	if gate != "" {
		found := findings.AtLeast(gate)
		s.GateFailed = found > 0 || findings.Unreadable
		s.Gate = string(gate) + " and worse: " + plural(found, "finding")
		if s.GateFailed {
			s.Gate += ", not passed"
		} else {
			s.Gate += ", passed"
		}
	}
	return s
}
