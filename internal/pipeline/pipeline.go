package pipeline

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/org/ami-action/internal/joboutput"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/workspace"
)

// Options configure a [Pipeline]. The zero value uses the standard streams, clock and randomness of this process.
type Options struct {
	// Stdout receives the result. Stderr receives all other text and the commands to the host.
	Stdout, Stderr io.Writer
	// Width returns the width of the terminal in columns if Stderr is a terminal, and false if it is not. nil means that
	// it is not.
	Width func() (columns int, ok bool)
	// Redactor redacts all text. Secrets may be added to it at any time.
	Redactor *redact.Redactor
	Rand     io.Reader
	Now      func() time.Time
	// Dir is the working directory. Relative paths are relative to it, and a local Pipeline reads its git branch. "" is
	// that of the process.
	Dir string
	// Ending is closed when the command has to end soon. From then on, nothing waits more than a second for the reader of
	// Stdout or Stderr.
	Ending <-chan struct{}
}

// Pipeline is the host on which this process runs. It is safe for concurrent use.
type Pipeline struct {
	mu       sync.Mutex
	host     host
	console  *console
	redactor *redact.Redactor
	stdout   io.WriteCloser
	stderr   io.WriteCloser
	files    *workspace.Workspace
	grouped  bool
}

// host is what differs between GitHub, GitLab and a local machine. The texts that it is given are redacted and have no
// control characters.
type host interface {
	name() string
	implied() Implied
	source() Source
	properties() map[string]string
	jobIdentity() string
	distinguishesMatrixJobs() bool
	step() string
	checkOutputs() error
	// ownFiles returns the files that the host writes itself. Their paths are absolute or relative to the workspace.
	ownFiles() []workspace.File
	runKey() string
	job() Link
	artifactURL(path string) string
	setOutput(name, value string) error
	mask(secret string)
	group(title string)
	endGroup()
	annotate(Annotation)
	summary(markdown string) error
	link(Link) error
}

// Implied holds the defaults of settings that the host implies. What is unknown is empty.
type Implied struct {
	Owner      string // the user who started the pipeline
	StackTag   string // a slug of the branch
	CommitRef  string // the hash of the commit
	ProductVer string // the version in the name of the tag: 1.2.3 for v1.2.3
	// WaitTimeout is the longest wait that the job's timeout leaves time for, such as "52m30s". It is empty if that is
	// not less than the default timeout of a wait.
	WaitTimeout string
}

// Link is a page and its title.
type Link struct{ Title, URL string }

// Detect returns the Pipeline for the host that environ indicates. Each entry of environ is "NAME=value". An unknown host
// counts as a local machine.
func Detect(environ []string, o Options) *Pipeline {
	o.Stdout = cmp.Or[io.Writer](o.Stdout, os.Stdout)
	o.Stderr = cmp.Or[io.Writer](o.Stderr, os.Stderr)
	o.Rand = cmp.Or(o.Rand, rand.Reader)
	o.Redactor = cmp.Or(o.Redactor, redact.New())
	if o.Now == nil {
		o.Now = time.Now
	}
	env := newEnvironment(environ)
	c := &console{
		stdout: &stream{to: o.Stdout, ending: o.Ending}, stderr: &stream{to: o.Stderr, ending: o.Ending, isProgress: true}, width: o.Width, neutralise: redact.ControlCharacters,
	}
	p := &Pipeline{console: c, redactor: o.Redactor}
	switch {
	case env["GITHUB_ACTIONS"] == "true":
		c.neutralise = withoutWorkflowCommands
		p.files = workspace.New(cmp.Or(env["GITHUB_WORKSPACE"], o.Dir, "."), o.Dir)
		p.host = newGitHub(env, c, o)
	case env["GITLAB_CI"] == "true":
		c.colour = env["NO_COLOR"] == ""
		p.files = workspace.New(cmp.Or(env["CI_PROJECT_DIR"], o.Dir, "."), o.Dir)
		p.host = newGitLab(env, c, o)
	default:
		_, isTerminal := c.columns()
		c.colour = isTerminal && env["NO_COLOR"] == "" && env["TERM"] != "dumb"
		p.files = workspace.New("", o.Dir)
		p.host = newLocal(env, c, o)
	}
	for _, file := range p.host.ownFiles() {
		p.files.Reserve(file)
	}
	p.stdout = &lines{to: c.sink(c.stdout)}
	p.stderr = o.Redactor.Writer(c.sink(c.stderr))
	return p
}

// Name returns github, gitlab or local.
func (p *Pipeline) Name() string { return p.host.name() }

// Implied returns the defaults that the host implies.
func (p *Pipeline) Implied() Implied { return p.host.implied() }

// Properties returns the ids of this run by the names in docs/architecture.md, "What goes out". No value is empty, and
// none contains characters that the orchestrator fails on (docs/wire-contract.md, "Refused, and done all the same"). On a
// local machine there are none.
func (p *Pipeline) Properties() map[string]string {
	properties := maps.Clone(p.host.properties())
	for name, value := range properties {
		if value = acceptable(value); value == "" {
			delete(properties, name)
		} else {
			properties[name] = value
		}
	}
	return properties
}

// Identity returns a text that identifies this step of this job of this pipeline. It is the same for every attempt, and
// differs from every other step as far as the host can distinguish them. It is empty on a local machine, where two
// commands are never the same.
func (p *Pipeline) Identity() string {
	identity := p.host.jobIdentity()
	if step := p.host.step(); identity != "" && step != "" {
		identity += fmt.Sprintf(" step %q", step)
	}
	return identity
}

// JobIdentity returns a text that identifies this job of this pipeline: the repository or project, the workflow, the run
// or pipeline, the job, and the job of a matrix if [Pipeline.DistinguishesMatrixJobs] is true. It is the same for every
// attempt and every step of the job. It is empty on a local machine.
func (p *Pipeline) JobIdentity() string { return p.host.jobIdentity() }

// DistinguishesMatrixJobs reports whether the jobs of a matrix have different identities. On GitHub, nothing in the
// environment of a run: step distinguishes them. Only the action is passed its matrix.
func (p *Pipeline) DistinguishesMatrixJobs() bool { return p.host.distinguishesMatrixJobs() }

// Workspace returns the workspace, in which the files that settings name must be.
func (p *Pipeline) Workspace() *workspace.Workspace { return p.files }

// CheckOutputs checks whether the files for outputs, and for the page of the run, can be written. It changes nothing. The
// error is a *[workspace.Error].
func (p *Pipeline) CheckOutputs() error { return p.host.checkOutputs() }

// RunKey returns a short text of [A-Za-z0-9_] that is different for every attempt of this job. Operations on an existing
// lifecycle record the ids of their run under keys that end in it, because the server keeps the old value of a key
// (docs/wire-contract.md, "What a client must not be fooled by").
func (p *Pipeline) RunKey() string { return p.host.runKey() }

// Job returns the page of this run, or the zero Link if there is none.
func (p *Pipeline) Job() Link { return p.host.job() }

// ArtifactURL returns the address at which a file of this job will be shown, or "" if it is not known before the job
// ends.
func (p *Pipeline) ArtifactURL(path string) string { return p.host.artifactURL(path) }

// SetOutput writes an output for later jobs immediately. The name must be one of [joboutput.All]. In a JSON object or
// array, secrets are redacted. Any other value with a secret in it is left out, and so is a value that the host cannot
// pass on unchanged. The error says what could not be written.
func (p *Pipeline) SetOutput(name, value string) error {
	if !joboutput.IsName(name) {
		return fmt.Errorf("unknown output %q", name)
	}
	if p.Name() == localName {
		return nil // the result is on stdout
	}
	clean, isDocument := p.document(value)
	if !isDocument {
		clean = p.redactor.Value(value)
	}
	if !isDocument && clean != value {
		p.Say(Warning, fmt.Sprintf("Warning: output %s was skipped, because its value contains a secret of this job.", name))
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.host.setOutput(name, strings.ToValidUTF8(clean, "\ufffd"))
}

// document redacts the members of a value that is a JSON object or array. For any other value it returns false.
func (p *Pipeline) document(value string) (redacted string, ok bool) {
	if !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		return "", false
	}
	document, err := p.redactor.JSON([]byte(value))
	return string(document), err == nil
}

// Mask adds a secret to the redaction, and masks it in the log of the host.
func (p *Pipeline) Mask(secret string) {
	p.redactor.Add(secret)
	// GitHub's runner replaces a mask anywhere, and drops every job output that contains one. So a short secret is not
	// masked, and neither is one that the redactor leaves as it is because it looks like a result.
	if secret = strings.TrimSpace(secret); len(secret) >= shortestMask && p.redactor.Value(secret) != secret {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.host.mask(secret)
	}
}

// shortestMask is the length in bytes of the shortest secret that is masked.
const shortestMask = 8

// Group begins a group of lines on stderr that the host can fold. It ends the group before.
func (p *Pipeline) Group(title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endGroup()
	p.grouped = true
	p.host.group(oneLine(p.clean(title)))
}

// EndGroup ends the group that Group began. Without a group it does nothing.
func (p *Pipeline) EndGroup() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endGroup()
}

func (p *Pipeline) endGroup() {
	if p.grouped {
		p.grouped = false
		p.host.endGroup()
	}
}

// Summary shows the Markdown on the page of the run, and replaces what an earlier call showed there. A summary that is
// too large is cut. A host without such a page ignores it. The caller must redact the parts of the text before it formats
// them, because a redaction of formatted text can remove markup.
func (p *Pipeline) Summary(markdown string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.host.summary(redact.ControlCharacters(markdown))
}

// Link shows a link on the page of the job, if the host can show one.
func (p *Pipeline) Link(link Link) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.host.link(Link{Title: oneLine(p.clean(link.Title)), URL: oneLine(p.clean(link.URL))})
}

// Stdout returns the writer for the result on stdout. It neutralises each line, and writes it when the line ends, or at
// Close. It does not redact: the caller must redact the members of the result.
func (p *Pipeline) Stdout() io.Writer { return p.stdout }

// Stderr returns the writer for text on stderr. It redacts and neutralises each line, and writes it when the line ends,
// or at Close.
func (p *Pipeline) Stderr() io.Writer { return p.stderr }

// Live shows one line below all other text, which each call replaces in place. "" removes it. It does nothing if stderr
// is not a terminal.
func (p *Pipeline) Live(text string) { p.console.setLive(oneLine(p.clean(text))) }

// Close ends the open group, removes the live line, and writes unfinished lines. The error says why the result on stdout
// was not written. A closed pipe is not an error. The Pipeline can still be used afterwards.
func (p *Pipeline) Close() error {
	p.EndGroup()
	p.console.setLive("")
	err := p.stdout.Close()
	_ = p.stderr.Close() // an error on stderr does not fail the command
	_ = p.console.stderr.flush()
	return cmp.Or(err, p.console.stdout.flush())
}

// clean redacts text and replaces its control characters, except line breaks and tabs.
func (p *Pipeline) clean(text string) string {
	return redact.ControlCharacters(p.redactor.Text(text))
}
