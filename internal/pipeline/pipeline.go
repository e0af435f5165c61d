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

// Options are what a Pipeline uses of the world. The zero value is this process's own.
type Options struct {
	// Stdout takes the result, Stderr the story and the commands to the pipeline.
	Stdout, Stderr io.Writer
	// Width returns the columns of the terminal that Stderr is, and false where it is not a terminal. Nil
	// means that it is not.
	Width func() (columns int, ok bool)
	// Redactor is asked about every text that leaves. Secrets may become known to it at any time.
	Redactor *redact.Redactor
	Rand     io.Reader
	Now      func() time.Time
	// Dir is the working directory: relative paths begin there, and its git branch is the local one.
	Dir string
	// Ending is closed when the command has to end soon: from then on nothing waits for a reader of Stdout or
	// Stderr for more than a second.
	Ending <-chan struct{}
}

// Pipeline is the place where this process runs. It is safe for concurrent use.
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

// host is what differs between the places. Texts reach it redacted and without control characters.
type host interface {
	name() string
	implied() Implied
	source() Source
	properties() map[string]string
	jobIdentity() string
	tellsLegsApart() bool
	step() string
	checkOutputs() error
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

// Implied is what the place says without being asked. What it does not know is empty.
type Implied struct {
	Owner      string // who started this
	StackTag   string // a slug of the branch
	CommitRef  string // the commit's hash
	ProductVer string // the version that a tag names: 1.2.3 of v1.2.3
	// WaitTimeout is how long a wait may be before the place ends the job, where that is less than a wait
	// takes anyway: "52m30s".
	WaitTimeout string
}

// Link is a page, and what to call it.
type Link struct{ Title, URL string }

// Detect finds out from the environment ("NAME=value" each) where this process runs. A place that it does not
// know is a local machine.
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
		stdout: &stream{to: o.Stdout, ending: o.Ending}, stderr: &stream{to: o.Stderr, ending: o.Ending, isStory: true}, width: o.Width, neutralise: redact.ControlCharacters,
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
	p.stdout = &lines{to: c.sink(c.stdout)}
	p.stderr = o.Redactor.Writer(c.sink(c.stderr))
	return p
}

// Name returns github, gitlab or local.
func (p *Pipeline) Name() string { return p.host.name() }

// Implied returns what the place says about owner, stack tag, commit and product version.
func (p *Pipeline) Implied() Implied { return p.host.implied() }

// Properties returns the ids of this run by the names of docs/architecture.md, "What goes out". No value is empty or
// could harm the server (docs/wire-contract.md, "Refused, and done all the same"). Locally there are none.
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

// Identity returns what stays the same when the same step of the same job runs again in the same
// pipeline, and differs for everything else that the place can tell apart. It is empty where there is
// no such thing: two commands on a laptop are never the same.
func (p *Pipeline) Identity() string {
	identity := p.host.jobIdentity()
	if step := p.host.step(); identity != "" && step != "" {
		identity += fmt.Sprintf(" step %q", step)
	}
	return identity
}

// JobIdentity returns what stays the same for every attempt and every step of the same job in the same
// pipeline, and differs for every other job: the repository or project, the workflow, the run or pipeline,
// the job, and the leg of its matrix as far as [Pipeline.TellsLegsApart]. It is empty on a laptop.
func (p *Pipeline) JobIdentity() string { return p.host.jobIdentity() }

// TellsLegsApart reports whether the legs of a matrix surely have identities of their own. On GitHub nothing
// in the environment of a run: step tells them apart: only the action is given its matrix.
func (p *Pipeline) TellsLegsApart() bool { return p.host.tellsLegsApart() }

// Workspace returns where files that settings name may be.
func (p *Pipeline) Workspace() *workspace.Workspace { return p.files }

// CheckOutputs says whether the files can be written that hand results to later jobs and to the page of the
// run. It changes nothing. The error is a *[workspace.Error].
func (p *Pipeline) CheckOutputs() error { return p.host.checkOutputs() }

// RunKey returns a short text of [A-Za-z0-9_] that no other attempt of this job has. Operations on an
// existing lifecycle record the ids of their run under keys that end in it: the server keeps the old
// value of a key (docs/wire-contract.md, "What a client must not be fooled by").
func (p *Pipeline) RunKey() string { return p.host.runKey() }

// Job returns the page of this run, or the zero Link where there is none.
func (p *Pipeline) Job() Link { return p.host.job() }

// ArtifactURL returns where a file of this job will be shown, or "" where such an address is not known
// before the job ends.
func (p *Pipeline) ArtifactURL(path string) string { return p.host.artifactURL(path) }

// SetOutput hands a value to later jobs, at once. The name is one of [joboutput.All]. A value that the place
// cannot carry, or that is a secret, is left out, not damaged. The error says what could not be written.
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
		p.Say(Warning, fmt.Sprintf("Warning: output %s holds a value that is a secret of this job: it is left out.", name))
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.host.setOutput(name, strings.ToValidUTF8(clean, "\ufffd"))
}

// document redacts a value by member if it is a JSON object or array.
func (p *Pipeline) document(value string) (redacted string, ok bool) {
	if !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		return "", false
	}
	document, err := p.redactor.JSON([]byte(value))
	return string(document), err == nil
}

// Mask makes a secret known to the redaction and to the pipeline itself.
func (p *Pipeline) Mask(secret string) {
	p.redactor.Add(secret)
	// The runner replaces a mask anywhere, and drops each job output that holds one: a short value, or one that
	// has the form of a result, must not be one.
	if secret = strings.TrimSpace(secret); len(secret) >= shortestMask && p.redactor.Value(secret) != secret {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.host.mask(secret)
	}
}

// shortestMask is the length in bytes from which a secret is masked.
const shortestMask = 8

// Group begins a part of the story that can be folded; it ends the part before.
func (p *Pipeline) Group(title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endGroup()
	p.grouped = true
	p.host.group(oneLine(p.clean(title)))
}

// EndGroup ends the part that Group began. Without one it does nothing.
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

// Summary shows the Markdown on the page of the run, in place of what an earlier call showed. It is cut
// where it is larger than the place takes, and goes nowhere where there is no such page. Its parts have been
// redacted before they were laid out: what is redacted afterwards can eat the marks of the layout.
func (p *Pipeline) Summary(markdown string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.host.summary(redact.ControlCharacters(markdown))
}

// Link shows a link on the page of the job, where there is a place for it.
func (p *Pipeline) Link(link Link) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.host.link(Link{Title: oneLine(p.clean(link.Title)), URL: oneLine(p.clean(link.URL))})
}

// Stdout returns the way of the result to stdout: its lines are neutralised, and written when they end or at
// Close. Its parts have been redacted by member: a result is never rewritten.
func (p *Pipeline) Stdout() io.Writer { return p.stdout }

// Stderr returns the way to stderr: text is redacted and neutralised a line at a time, and written when the line
// ends or at Close.
func (p *Pipeline) Stderr() io.Writer { return p.stderr }

// Live shows one line that each call rewrites in place, below everything else; "" takes it away. Where
// stderr is not a terminal it does nothing.
func (p *Pipeline) Live(text string) { p.console.setLive(oneLine(p.clean(text))) }

// Close ends what is open and writes unfinished lines. The error says why the result on stdout was not
// written; a reader that is gone is not an error. The Pipeline can still be used afterwards.
func (p *Pipeline) Close() error {
	p.EndGroup()
	p.console.setLive("")
	err := p.stdout.Close()
	_ = p.stderr.Close() // a story that cannot be written does not fail the command
	_ = p.console.stderr.flush()
	return cmp.Or(err, p.console.stdout.flush())
}

// clean redacts a text and makes it harmless; it may keep its lines.
func (p *Pipeline) clean(text string) string {
	return redact.ControlCharacters(p.redactor.Text(text))
}
