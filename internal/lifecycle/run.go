package lifecycle

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Run is a pipeline run that worked on the lifecycle. It is read from the ids that the run recorded as properties
// (docs/architecture.md, "What goes out").
type Run struct {
	// Title is the name and number of the run, such as "images #42". URL is its page.
	Title, URL string
	// Actor is the user who started the run, or "" if it is unknown.
	Actor string
	// Commit is the id of the commit that the run was for, and CommitURL the page of that commit.
	Commit, CommitURL string
}

// Runs returns the runs that recorded their ids in the lifecycle, each once: first those of the creation, then those
// found in results, then those of the patch.
func (d *Document) Runs() []Run {
	if d == nil {
		return nil
	}
	var runs []Run
	take := func(properties Properties) {
		for _, run := range runsIn(properties) {
			if !slices.ContainsFunc(runs, func(r Run) bool { return r.URL == run.URL }) {
				runs = append(runs, run)
			}
		}
	}
	take(d.Properties)
	take(d.InputsCreate.Properties)
	for _, version := range d.Versions() {
		for i := range version.results {
			take(version.results[i].properties())
		}
	}
	if d.InputsPatch != nil {
		take(d.InputsPatch.Properties)
	}
	return runs
}

// CommitURL returns the page of the lifecycle's commit, or "" if no run of that commit recorded its ids.
func (d *Document) CommitURL() string {
	for _, run := range d.Runs() {
		if run.Commit != "" && run.Commit == d.CommitRef {
			return run.CommitURL
		}
	}
	return ""
}

// runsIn returns the runs that properties identify. The first request of a lifecycle uses the plain names as keys;
// every later request appends a suffix of its own.
func runsIn(properties Properties) []Run {
	var runs []Run
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		url := properties[key]
		if suffix, ok := strings.CutPrefix(key, "GITHUB_RUN_URL"); ok && url != "" {
			run := Run{
				Title: cmp.Or(properties["GITHUB_WORKFLOW"+suffix], "Workflow run") + " #" + properties["GITHUB_RUN_ID"+suffix],
				URL:   url, Actor: properties["GITHUB_ACTOR"+suffix], Commit: properties["GITHUB_SHA"+suffix],
			}
			if repository, _, found := strings.Cut(url, "/actions/runs/"); found && run.Commit != "" {
				run.CommitURL = repository + "/commit/" + run.Commit
			}
			runs = append(runs, run)
		}
		if suffix, ok := strings.CutPrefix(key, "GITLAB_PIPELINE_URL"); ok && url != "" {
			run := Run{
				Title: "Pipeline #" + properties["GITLAB_PIPELINE_ID"+suffix],
				URL:   url, Actor: properties["GITLAB_USER_LOGIN"+suffix], Commit: properties["GITLAB_COMMIT_SHA"+suffix],
			}
			if project, _, found := strings.Cut(url, "/-/pipelines/"); found && run.Commit != "" {
				run.CommitURL = project + "/-/commit/" + run.Commit
			}
			runs = append(runs, run)
		}
	}
	return runs
}

// RecordedBy says who recorded the result and in which job, by the ids that its pipeline left in it, or "" where it left
// none.
func (r *Result) RecordedBy() string {
	properties := r.properties()
	keys := slices.Sorted(maps.Keys(properties))
	left := func(id string) string {
		for _, key := range keys {
			if strings.HasPrefix(key, id) {
				return properties[key]
			}
		}
		return ""
	}
	who := cmp.Or(left("GITHUB_ACTOR"), left("GITLAB_USER_LOGIN"))
	where := cmp.Or(left("GITHUB_RUN_URL"), left("GITLAB_JOB_URL"))
	return strings.TrimSpace(who + " " + where)
}
