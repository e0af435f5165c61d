package action

import (
	"context"
	"io"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/redact"
)

// Orchestrator is the API as the workflows use it.
type Orchestrator interface {
	Create(context.Context, orchestrator.CreateRequest) (orchestrator.Accepted, error)
	Update(context.Context, orchestrator.UpdateRequest) (orchestrator.Accepted, error)
	Patch(context.Context, orchestrator.PatchRequest) (orchestrator.Accepted, error)
	PatchUpdate(context.Context, orchestrator.PatchUpdateRequest) (orchestrator.Accepted, error)
	Certify(ctx context.Context, id string, r orchestrator.CertifyRequest) (orchestrator.Accepted, error)
	Approve(ctx context.Context, phase lifecycle.Phase, id string, r orchestrator.ApproveRequest) (orchestrator.Accepted, error)
	Status(ctx context.Context, id string) (*lifecycle.Document, error)
	Statuses(context.Context) ([]*lifecycle.Document, error)
	Timeline(ctx context.Context, phase lifecycle.Phase, id string) ([]byte, error)
}

// Deployment is where the orchestrator was deployed to.
type Deployment interface {
	// Prefetch looks up all that the operation will need, so that a wait of hours outlives the
	// pipeline's AWS credentials.
	Prefetch(ctx context.Context, keys []string, bucket bool) error
	// Upload puts a patch component where the orchestrator takes it from, and returns its s3:// URL.
	// The token tells which job did.
	Upload(ctx context.Context, lifecycleID, fileName string, content []byte, token string) (url string, err error)
	// Uploaded returns the token of the last upload, "" for none.
	Uploaded(ctx context.Context, lifecycleID, fileName string) (token string, err error)
}

// Pipeline is where the command runs: a GitHub job, a GitLab job or a terminal.
type Pipeline interface {
	// Identity is the same for every attempt of the same job and step, and "" outside of a pipeline.
	Identity() string
	// Attempt is which attempt of the job this is, from 1 on; 0 where the pipeline does not say.
	Attempt() int
	// Properties are the pipeline's ids, to be recorded in the lifecycle.
	Properties() map[string]string
	// RunKey is unique to this attempt and made of letters, digits and underscores.
	RunKey() string

	SetOutput(name, value string) error
	Group(title string)
	EndGroup()
	Annotate(pipeline.Annotation)
	Summary(markdown string) error
	// Say writes a line of the story, Live one that is rewritten in place where somebody sees it.
	Say(level pipeline.Level, text string)
	Live(text string)
	IsInteractive() bool
	// Job is the page of this run.
	Job() pipeline.Link
	ArtifactURL(path string) string
	Link(pipeline.Link) error
	// Stdout takes the result.
	Stdout() io.Writer
}

// Options are what an action works with. All are needed.
type Options struct {
	Settings     *config.Settings
	Orchestrator Orchestrator
	Deployment   Deployment
	Pipeline     Pipeline
	Redactor     *redact.Redactor
	// Random gives the tokens of requests; it must be unpredictable to nobody, but unique.
	Random io.Reader
	// Jitter returns a number in [0, 1) that spreads polls.
	Jitter func() float64
	// Patience says how long things may take that nobody can see.
	Patience Patience
}

// Patience says how long things may take that nobody can see.
type Patience struct {
	// Settle is how long a request whose answer was lost may still be at work: the gateway gives up on
	// its handler after 30 seconds (orchestrator-api.md, "Errors").
	Settle time.Duration
	// Between is how long the moment between two events lasts ("How an event goes", 3).
	Between time.Duration
	// Stall is how long nothing may be in progress before a wait gives up (design.md, "Waiting").
	Stall time.Duration
	// Lost is how long to wait for a result that the server may lose ("What a client must not be
	// fooled by": a patch approval of FAILED).
	Lost time.Duration
	// Polls is how long polls may fail in a row.
	Polls time.Duration
	// SignOfLife is how often a wait says that it goes on where nobody sees a live line.
	SignOfLife time.Duration
	// Farewell is how long a request that is under way may go on after an interrupt: GitHub's next
	// signal comes 7.5 seconds after the first.
	Farewell time.Duration
}

// DefaultPatience is what holds outside of tests.
func DefaultPatience() Patience {
	return Patience{
		Settle: 45 * time.Second, Between: 6 * time.Second, Stall: 15 * time.Minute, Lost: 2 * time.Minute,
		Polls: 10 * time.Minute, SignOfLife: 3 * time.Minute, Farewell: 4 * time.Second,
	}
}

// Run carries out the operation of the settings and tells its story. What it returns, [ExitCode] maps to
// the process's exit code; everything else (outputs, summary, report, the error itself) has been written
// when it returns.
func Run(ctx context.Context, o Options) error {
	token, err := newToken(o.Pipeline.Identity(), o.Settings, o.Random)
	if err != nil {
		return err
	}
	r := &run{Options: o, token: token}
	r.outcome.Operation = o.Settings.Operation
	r.story = newStory(o.Pipeline, o.Patience.SignOfLife)
	err = r.operate(ctx)
	r.story.close()
	if interrupt := interruptOf(ctx); err != nil && interrupt != nil && !is[*UnknownError](err) {
		interrupted := &InterruptedError{Signal: interrupt.Signal, Err: err}
		if r.underWay {
			interrupted.Resume = r.resume()
		}
		err = interrupted
	}
	return r.conclude(err)
}

// run is one operation under way.
type run struct {
	Options
	token   token
	story   *story
	outcome Outcome
	// dryRun is set when nothing was sent on purpose, printed when the result is on stdout already.
	dryRun, printed bool
	// underWay is set once the request has been taken, or once there was nothing left to send.
	underWay bool
	// waitedFor are the events of the wait under way, for the line that resumes it.
	waitedFor []lifecycle.Event
}

func (r *run) operate(ctx context.Context) error {
	switch r.Settings.Operation {
	case lifecycle.Create:
		return r.create(ctx)
	case lifecycle.CreateUpdate, lifecycle.PatchUpdate:
		return r.update(ctx)
	case lifecycle.Patch:
		return r.patch(ctx)
	case lifecycle.QACertification:
		return r.certify(ctx)
	case lifecycle.ApprovalCreate, lifecycle.ApprovalPatch:
		return r.approve(ctx)
	case lifecycle.Wait:
		return r.resumeWait(ctx)
	case lifecycle.GetStatus:
		return r.showStatus(ctx)
	case lifecycle.GetStatuses:
		return r.showStatuses(ctx)
	case lifecycle.TimelineCreate, lifecycle.TimelinePatch:
		return r.saveTimeline(ctx)
	}
	panic("action: no workflow for operation " + string(r.Settings.Operation))
}

// prefetch looks up what the operation needs from its first request to the end of its wait.
func (r *run) prefetch(ctx context.Context) error {
	return r.Deployment.Prefetch(ctx, orchestrator.KeysFor(r.Settings.Operation), r.Settings.Operation == lifecycle.Patch)
}

// look fetches the lifecycle's status document and learns its secrets.
func (r *run) look(ctx context.Context) (*lifecycle.Document, error) {
	document, err := r.Orchestrator.Status(ctx, r.Settings.LifecycleID)
	if err != nil {
		return nil, err
	}
	r.Redactor.Learn(document.Raw)
	// Known from here on, also to later jobs and the summary of an operation that is refused now.
	r.outcome.LifecycleID, r.outcome.document = document.ID, document
	r.output("lifecycle_id", document.ID)
	return document, nil
}

// properties are what goes out with a request: the pipeline's ids, this request's token and the user's
// own, which win. A first request records its ids under their plain names, every later one under names
// of its own, because the server keeps the old value of a key (design.md, "What goes out").
func (r *run) properties() map[string]string {
	suffix, tokenKey := "", tokenProperty
	if r.Settings.Operation != lifecycle.Create {
		suffix, tokenKey = "_"+r.Pipeline.RunKey(), tokenProperty+"_"+r.token.nonce
	}
	properties := map[string]string{tokenKey: r.token.String()}
	for key, value := range r.Pipeline.Properties() {
		properties[key+suffix] = value
	}
	for key, value := range r.Settings.Properties {
		properties[key] = value
	}
	return properties
}

func (r *run) notifications() []orchestrator.Notification {
	channels := make([]orchestrator.Notification, 0, len(r.Settings.Notifications))
	for _, n := range r.Settings.Notifications {
		channels = append(channels, orchestrator.Notification{Method: n.Method, Target: n.Target})
	}
	return channels
}
