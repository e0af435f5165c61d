package pipeline

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/org/ami-action/internal/workspace"
)

// The files that a job writes into the project's directory. templates/gitlab/template.yml declares them as reports and
// artifacts.
const (
	// DotenvFile is the path of the dotenv report, unless AMI_DOTENV_FILE sets another.
	DotenvFile = "ami-lifecycle.env"
	// ResultFile holds all outputs as one JSON object, next to the dotenv report.
	ResultFile = "ami-lifecycle.json"
	// AnnotationsFile is the annotations report: links that GitLab shows on the job's page.
	AnnotationsFile = "ami-lifecycle-annotations.json"
)

// gitlab is a job of GitLab CI/CD.
type gitlab struct {
	env      environment
	console  *console
	now      func() time.Time
	dir      string
	files    *workspace.Workspace
	outputs  dotenv
	links    []Link
	sections int
}

func newGitLab(env environment, c *console, o Options) *gitlab {
	// The paths of artifacts are relative to the project's directory, even if the job's script is in another one.
	dir := cmp.Or(env["CI_PROJECT_DIR"], o.Dir)
	files := workspace.New(cmp.Or(dir, "."), dir)
	report := workspace.File{Setting: "the dotenv report", Path: DotenvFile}
	if path := env["AMI_DOTENV_FILE"]; path != "" {
		report = workspace.File{Setting: "AMI_DOTENV_FILE", Path: path}
	}
	result := resultFile{files: files, file: workspace.File{
		Setting: "the file of all outputs", Path: filepath.Join(filepath.Dir(report.Path), ResultFile),
	}}
	return &gitlab{env: env, console: c, now: o.Now, dir: dir, files: files, outputs: dotenv{files: files, report: report, result: result}}
}

func (g *gitlab) name() string { return "gitlab" }

func (g *gitlab) implied() Implied {
	return Implied{
		Owner:      g.env["GITLAB_USER_LOGIN"],
		StackTag:   g.source().stackTag(g.env["CI_COMMIT_REF_SLUG"]),
		CommitRef:  g.env["CI_COMMIT_SHA"],
		ProductVer: versionOf(g.env["CI_COMMIT_TAG"]),
		// A job that GitLab ends at its timeout uploads nothing, not even the lifecycle's id.
		WaitTimeout: waitWithin(g.env["CI_JOB_TIMEOUT"], g.env["CI_JOB_STARTED_AT"], g.now()),
	}
}

func (g *gitlab) properties() map[string]string {
	return map[string]string{
		"GITLAB_PIPELINE_ID":  g.env["CI_PIPELINE_ID"],
		"GITLAB_PIPELINE_URL": g.env["CI_PIPELINE_URL"],
		"GITLAB_JOB_ID":       g.env["CI_JOB_ID"],
		"GITLAB_JOB_URL":      g.env["CI_JOB_URL"],
		"GITLAB_PROJECT_PATH": g.env["CI_PROJECT_PATH"],
		"GITLAB_COMMIT_SHA":   g.env["CI_COMMIT_SHA"],
		"GITLAB_REF":          g.env["CI_COMMIT_REF_NAME"],
		"GITLAB_USER_LOGIN":   g.env["GITLAB_USER_LOGIN"],
	}
}

// jobIdentity uses the job's name and not its id, because a retried job has another id. Each job of a matrix has its own
// name, and each job of parallel: N also has an index.
func (g *gitlab) jobIdentity() string {
	if g.env["CI_PIPELINE_ID"] == "" {
		return ""
	}
	return fmt.Sprintf("gitlab %s project %s %s pipeline %s job %q node %s",
		g.env["CI_SERVER_URL"], g.env["CI_PROJECT_ID"], g.env["CI_PROJECT_PATH"], g.env["CI_PIPELINE_ID"],
		g.env["CI_JOB_NAME"], g.env["CI_NODE_INDEX"])
}

func (g *gitlab) distinguishesMatrixJobs() bool { return true }

// step is empty, because a job of GitLab has one script and no steps.
func (g *gitlab) step() string { return "" }

// reports returns the files that later jobs and the job's page are made from.
func (g *gitlab) reports() []workspace.File {
	return []workspace.File{g.outputs.report, g.outputs.result.file, annotationsFile}
}

// ownFiles returns absolute paths: those of the settings are relative to the directory of the job's script.
func (g *gitlab) ownFiles() []workspace.File {
	files := g.reports()
	for i, file := range files {
		if !filepath.IsAbs(file.Path) {
			files[i].Path = filepath.Join(g.dir, file.Path)
		}
	}
	return files
}

func (g *gitlab) checkOutputs() error {
	for _, file := range g.reports() {
		if err := g.files.Check(file); err != nil {
			return err
		}
	}
	return nil
}

var annotationsFile = workspace.File{Setting: "the annotations report", Path: AnnotationsFile}

// runKey is the job's id: a retried job has another one.
func (g *gitlab) runKey() string { return keyOf(cmp.Or(g.env["CI_JOB_ID"], g.env["CI_PIPELINE_ID"])) }

func (g *gitlab) job() Link {
	if g.env["CI_JOB_URL"] == "" {
		return Link{}
	}
	return Link{Title: fmt.Sprintf("%s #%s", cmp.Or(g.env["CI_JOB_NAME"], "Job"), g.env["CI_JOB_ID"]), URL: g.env["CI_JOB_URL"]}
}

// artifactURL returns the address that GitLab gives to one file of a job's artifacts.
func (g *gitlab) artifactURL(path string) string {
	if filepath.IsAbs(path) {
		relative, err := filepath.Rel(g.dir, path)
		if err != nil {
			return ""
		}
		path = relative
	}
	if g.env["CI_JOB_URL"] == "" || !filepath.IsLocal(path) {
		return ""
	}
	escaped := (&url.URL{Path: filepath.ToSlash(filepath.Clean(path))}).EscapedPath()
	return g.env["CI_JOB_URL"] + "/artifacts/file/" + escaped
}

func (g *gitlab) setOutput(name, value string) error { return g.outputs.set(name, value) }

// mask does nothing: a running GitLab job cannot add masks, so only the redaction hides the secret.
func (g *gitlab) mask(string) {}

// group begins a section: it writes GitLab's marker followed by the title.
func (g *gitlab) group(title string) {
	g.sections++
	if g.console.colour {
		title = bold + title + resetStyle
	}
	g.marker("start", "[collapsed=true]", title)
}

func (g *gitlab) endGroup() { g.marker("end", "", "") }

func (g *gitlab) marker(kind, options, title string) {
	fmt.Fprintf(g.console.commands(), "\x1b[0Ksection_%s:%d:ami_lifecycle_%d%s\r\x1b[0K%s\n",
		kind, g.now().Unix(), g.sections, options, title)
}

func (g *gitlab) annotate(a Annotation) { g.console.annotateLine(a) }

// summary does nothing: the merge request shows the HTML report instead.
func (g *gitlab) summary(string) error { return nil }

// link adds a link to the annotations report: {"name": [{"external_link": {"label": ..., "url": ...}}]}.
func (g *gitlab) link(link Link) error {
	if !strings.HasPrefix(link.URL, "https://") && !strings.HasPrefix(link.URL, "http://") {
		return fmt.Errorf("the link %q is not an http or https URL", link.Title)
	}
	type annotation struct {
		ExternalLink struct {
			Label string `json:"label"`
			URL   string `json:"url"`
		} `json:"external_link"`
	}
	g.links = append(g.links, link)
	annotations := make([]annotation, len(g.links))
	for i, link := range g.links {
		annotations[i].ExternalLink.Label, annotations[i].ExternalLink.URL = link.Title, link.URL
	}
	report, err := json.MarshalIndent(map[string][]annotation{"AMI lifecycle": annotations}, "", "  ")
	if err != nil {
		return err
	}
	return g.files.Write(annotationsFile, append(report, '\n'))
}
