package pipeline

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/org/ami-action/internal/workspace"
)

// github is a job of GitHub Actions, on github.com or on GitHub Enterprise Server.
type github struct {
	env     environment
	action  *githubactions.Action
	console *console
	dir     string
	rand    io.Reader
	outputs outputFile
	page    summaryFile
	result  resultFile
}

func newGitHub(env environment, c *console, o Options) *github {
	action := githubactions.New(githubactions.WithGetenv(env.get), githubactions.WithWriter(c.commands()))
	return &github{
		env: env, action: action, console: c, dir: o.Dir, rand: o.Rand,
		outputs: outputFile{path: env["GITHUB_OUTPUT"]},
		page:    summaryFile{path: env["GITHUB_STEP_SUMMARY"]},
		result: resultFile{
			files: workspace.New(cmp.Or(env["GITHUB_WORKSPACE"], o.Dir, "."), env["GITHUB_WORKSPACE"]),
			file:  workspace.File{Setting: "the file of all outputs", Path: ResultFile},
		},
	}
}

func (g *github) name() string { return "github" }

func (g *github) implied() Implied {
	implied := Implied{
		Owner:     g.env["GITHUB_ACTOR"],
		CommitRef: g.env["GITHUB_SHA"],
		StackTag:  g.source().stackTag(""),
	}
	if g.env["GITHUB_REF_TYPE"] == "tag" {
		implied.ProductVer = versionOf(g.env["GITHUB_REF_NAME"])
	}
	return implied
}

func (g *github) properties() map[string]string {
	properties := map[string]string{"GITHUB_RUN_URL": g.job().URL}
	for _, name := range []string{
		"GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_REPOSITORY", "GITHUB_WORKFLOW", "GITHUB_JOB",
		"GITHUB_ACTOR", "GITHUB_SHA", "GITHUB_REF",
	} {
		properties[name] = g.env[name]
	}
	return properties
}

// jobIdentity leaves out the attempt, because a re-run has the same identity. The variables of a job do not distinguish
// the jobs of a matrix, but the default of an input can: the runner evaluates it with the contexts github, strategy,
// matrix, job and runner (actions/runner, action_yaml.json, "input-default-context"). So action.yml has the input matrix
// with the default ${{ toJSON(matrix) }}.
func (g *github) jobIdentity() string {
	if g.env["GITHUB_RUN_ID"] == "" {
		return ""
	}
	return fmt.Sprintf("github %s/%s workflow %q run %s job %q matrix %q",
		g.env["GITHUB_SERVER_URL"], g.env["GITHUB_REPOSITORY"], g.env["GITHUB_WORKFLOW"], g.env["GITHUB_RUN_ID"],
		g.env["GITHUB_JOB"], g.env["INPUT_MATRIX"])
}

// distinguishesMatrixJobs checks the input matrix. It is set in the action only, and is null in a job without a matrix.
func (g *github) distinguishesMatrixJobs() bool {
	return strings.TrimSpace(g.env["INPUT_MATRIX"]) != ""
}

func (g *github) step() string { return g.env["GITHUB_ACTION"] }

func (g *github) ownFiles() []workspace.File {
	return []workspace.File{
		{Setting: "GITHUB_OUTPUT", Path: g.outputs.path}, {Setting: "GITHUB_STEP_SUMMARY", Path: g.page.path},
		{Setting: "GITHUB_ENV", Path: g.env["GITHUB_ENV"]}, {Setting: "GITHUB_PATH", Path: g.env["GITHUB_PATH"]},
		{Setting: g.result.file.Setting, Path: filepath.Join(g.env["GITHUB_WORKSPACE"], g.result.file.Path)},
	}
}

func (g *github) checkOutputs() error {
	return cmp.Or(checkRunnerFile("GITHUB_OUTPUT", g.outputs.path), checkRunnerFile("GITHUB_STEP_SUMMARY", g.page.path))
}

// checkRunnerFile checks whether a file can be written whose path the runner has set. It is outside of the workspace.
func checkRunnerFile(variable, path string) error {
	if path == "" || path == os.DevNull {
		return nil
	}
	file := workspace.File{Setting: variable, Path: path}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return &workspace.Error{File: file, Reason: "is not a regular file", Hint: "leave the variable to the runner"}
	}
	// The runner creates the directory. If it does not exist, the path is that of another machine.
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return &workspace.Error{File: file, Reason: "is in a directory that does not exist", Hint: "mount the runner's directory into the container"}
	}
	return workspace.New("", "").Check(file)
}

func (g *github) runKey() string {
	job := keyOf(g.env["GITHUB_JOB"])
	return keyOf(g.env["GITHUB_RUN_ID"] + "_" + g.env["GITHUB_RUN_ATTEMPT"] + "_" + job[:min(len(job), 40)])
}

// job takes the server's address from the environment. The library's context defaults to github.com, which is the wrong
// server for a job on GitHub Enterprise Server.
func (g *github) job() Link {
	server, repository, run := g.env["GITHUB_SERVER_URL"], g.env["GITHUB_REPOSITORY"], g.env["GITHUB_RUN_ID"]
	if server == "" || repository == "" || run == "" {
		return Link{}
	}
	return Link{
		Title: fmt.Sprintf("%s #%s", cmp.Or(g.env["GITHUB_WORKFLOW"], "Workflow run"), cmp.Or(g.env["GITHUB_RUN_NUMBER"], run)),
		URL:   strings.TrimRight(server, "/") + "/" + repository + "/actions/runs/" + run,
	}
}

func (g *github) artifactURL(string) string { return "" }

func (g *github) setOutput(name, value string) error {
	if g.outputs.path == "" {
		if !g.outputs.missed {
			g.outputs.missed = true
			g.action.Debugf("GITHUB_OUTPUT is not set, so no later step can use the outputs")
		}
		return nil
	}
	g.result.set(name, value)
	if len(value) <= maxOutput {
		if err := g.outputs.set(name, value, g.rand); err != nil || !g.result.needed {
			return err
		}
		return g.result.write()
	}
	g.result.needed = true
	g.result.set("result_file", ResultFile)
	if err := g.result.write(); err != nil {
		return fmt.Errorf("output %s is too large for an output: %w", name, err)
	}
	return g.outputs.set("result_file", ResultFile, g.rand)
}

// maxOutput is the largest value in bytes that is written as an output. A larger one is only in the result file: a
// variable of a Linux process must have less than 128 KB (execve(2), "Limits on size of arguments and environment"), and
// GitHub takes 1 MB for all outputs of a job (https://docs.github.com/actions, "Workflow syntax",
// jobs.<job_id>.outputs).
const maxOutput = 64 << 10

func (g *github) mask(secret string) { g.action.AddMask(secret) }

func (g *github) group(title string) { g.action.Group(withoutWorkflowCommands(title)) }

func (g *github) endGroup() { g.action.EndGroup() }

func (g *github) annotate(a Annotation) {
	fields := map[string]string{}
	if a.Title != "" {
		fields["title"] = withoutWorkflowCommands(a.Title)
	}
	if file := g.workspacePath(a.File); file != "" {
		fields["file"] = file
		if a.Line > 0 {
			fields["line"] = fmt.Sprint(a.Line)
			if a.Column > 0 {
				fields["col"] = fmt.Sprint(a.Column)
				if a.EndColumn > a.Column+1 {
					fields["endColumn"] = fmt.Sprint(a.EndColumn - 1)
				}
			}
		}
	}
	action, message := g.action.WithFieldsMap(fields), withoutWorkflowCommands(strings.Join(append([]string{a.Message}, a.advice()...), "\n"))
	switch a.Level {
	case Error:
		action.Errorf("%s", message)
	case Warning:
		action.Warningf("%s", message)
	default:
		action.Noticef("%s", message)
	}
}

// workspacePath returns the path of a file for an annotation: relative to the workspace, or "" for a file outside of
// it, which GitHub cannot show.
func (g *github) workspacePath(path string) string {
	if path == "" {
		return ""
	}
	if workspace := g.env["GITHUB_WORKSPACE"]; workspace != "" {
		if !filepath.IsAbs(path) {
			path = filepath.Join(cmp.Or(g.dir, workspace), path)
		}
		relative, err := filepath.Rel(workspace, path)
		if err != nil {
			return ""
		}
		path = relative
	}
	if !filepath.IsLocal(path) {
		return ""
	}
	return filepath.ToSlash(path)
}

func (g *github) summary(markdown string) error { return g.page.replace(markdown) }

func (g *github) link(Link) error { return nil }
