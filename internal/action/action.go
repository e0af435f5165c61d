package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/progress"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/watch"
	"github.com/org/ami-action/internal/workspace"
)

// Orchestrator is the API as the workflows use it.
type Orchestrator interface {
	Send(context.Context, orchestrator.Request) (orchestrator.Accepted, error)
	watch.Poller
	Status(ctx context.Context, id string) (*lifecycle.Document, error)
	Statuses(context.Context) ([]*lifecycle.Document, error)
	List(ctx context.Context, keep func(*lifecycle.Document) any) ([]any, error)
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
	progress.Console
	outcome.Setter
	outcome.Annotator
	// JobIdentity is the same for every attempt and every step of the same job, and "" outside of a pipeline.
	JobIdentity() string
	// Attempt is which attempt of the job this is, from 1 on; 0 where the pipeline does not say.
	Attempt() int
	// Properties are the pipeline's ids, to be recorded in the lifecycle.
	Properties() map[string]string
	// RunKey is unique to this attempt and made of letters, digits and underscores.
	RunKey() string
	Summary(markdown string) error
	// Job is the page of this run.
	Job() pipeline.Link
	ArtifactURL(path string) string
	Link(pipeline.Link) error
	// CheckOutputs says whether the outputs and the summary can be written, and changes nothing.
	CheckOutputs() error
	// TellsLegsApart reports whether no other leg of a matrix has the same JobIdentity.
	TellsLegsApart() bool
	// Stdout takes the result.
	Stdout() io.Writer
}

// Files are the files that settings name.
type Files interface {
	// Check says whether a file can be written, and leaves nothing behind.
	Check(workspace.File) error
	Write(f workspace.File, content []byte) error
	// Read returns the content of a regular file of at most limit bytes.
	Read(f workspace.File, limit int64) ([]byte, error)
	// Relative returns a path as later steps of the pipeline name the file.
	Relative(path string) string
}

// Options are what an action works with. All are needed but Claims and Insight.
type Options struct {
	Settings     *config.Settings
	Orchestrator Orchestrator
	Deployment   Deployment
	Images       Images
	Doctor       Doctor
	// Claims is where claims are kept; nil keeps none.
	Claims claim.Store
	// Insight looks behind the status document; nil looks nowhere.
	Insight  Insight
	Pipeline Pipeline
	Files    Files
	Redactor *redact.Redactor
	// Random gives the tokens of requests; it need not be unpredictable, but unique.
	Random io.Reader
	// Jitter returns a number in [0, 1) that spreads polls.
	Jitter func() float64
	Limits Limits
}

// Limits say how long things may take that nobody can see.
type Limits struct {
	// Settle is how long a request whose answer was lost may still be at work: the gateway gives up on
	// its handler after 30 seconds (docs/wire-contract.md, "Errors").
	Settle time.Duration
	// Fence is how long after writing a claim its holder may send ([claim.Claims]).
	Fence time.Duration
	// Upload bounds the upload of a patch component: it ends before another run may take the claim over, which is
	// Settle less Fence after the last moment in which it can begin.
	Upload time.Duration
	// Handover is how long the moment between two events lasts (docs/wire-contract.md, "How an event goes", 3).
	Handover time.Duration
	// Stall is how long nothing may be in progress before a wait gives up (docs/architecture.md, "Waiting").
	Stall time.Duration
	// LostVerdict is how long to wait for a result that the server may lose (docs/wire-contract.md, "What a client must not be
	// fooled by": a patch approval of FAILED).
	LostVerdict time.Duration
	// PollFloor is the shortest pause between two polls, where the settings give no interval.
	PollFloor time.Duration
	// PollBudget is how long polls may fail in a row.
	PollBudget time.Duration
	// Heartbeat is how often a wait says that it goes on where nobody sees a live line.
	Heartbeat time.Duration
	// GracePeriod is how long a request that is under way may go on after an interrupt: GitHub's next
	// signal comes 7.5 seconds after the first.
	GracePeriod time.Duration
}

// DefaultLimits are those of the command.
func DefaultLimits() Limits {
	return Limits{
		Settle: claim.DefaultSettle, Fence: claim.DefaultFence, Upload: claim.DefaultSettle - claim.DefaultFence, Handover: 6 * time.Second, Stall: 15 * time.Minute, LostVerdict: 2 * time.Minute,
		PollFloor: watch.DefaultFloor, PollBudget: 10 * time.Minute, Heartbeat: 3 * time.Minute, GracePeriod: 4 * time.Second,
	}
}

// Run carries out the operation of the settings and tells its story. When it returns, everything has been
// written: outputs, summary, report, and the error itself, which it returns for its exit code
// ([outcome.ExitCode]).
func Run(ctx context.Context, o Options) error {
	r := &run{Options: o, steps: innerSteps{}, outputs: outcome.Outputs{To: o.Pipeline}}
	r.record.Operation = o.Settings.Operation
	r.story = progress.New(o.Pipeline, o.Limits.Heartbeat)
	err := r.recovered(func() error { return r.operate(ctx) })
	r.story.Close()
	err = r.interrupted(ctx, err)
	concluded := false
	err = r.recovered(func() error {
		err := r.conclude(err)
		concluded = true
		return err
	})
	if !concluded {
		outcome.Report(r.Pipeline, err)
	}
	return err
}

// run is one operation under way.
type run struct {
	Options
	token    token
	story    *progress.Story
	record   outcome.Record
	outputs  outcome.Outputs
	document *lifecycle.Document // the newest one, nil before the first was read
	listing  *report.Listing     // of AMI_GET_STATUSES, once the list was read
	packer   packer              // of its documents
	selected *report.Selection   // of AMI_SELECT, once an AMI is found
	// dryRun is set when nothing was sent on purpose, printed when the result is on stdout already.
	dryRun, printed bool
	// underWay is set once the request has been taken, or once there was nothing left to send; sending is set just
	// before the first byte goes out.
	underWay, sending bool
	// onlyLooked is set where a wait found at its first look that there was nothing to wait for.
	onlyLooked bool
	// waitedFor are the events of the wait under way, for the line that resumes it.
	waitedFor []lifecycle.Event
	// claiming is what has come of claims so far, nil before the first.
	claiming *claim.Claims
	// looked is how long it took to look for an earlier attempt: the time that the settings allow is less by so much.
	looked time.Duration
	// earlier is what the documents that were fetched for other reasons tell of how long events take.
	earlier watch.History
	// steps are what was seen inside the events.
	steps innerSteps
}

func (r *run) operate(ctx context.Context) (err error) {
	if err := r.checkFiles(); err != nil {
		return err
	}
	if r.token, err = newToken(r.Pipeline.JobIdentity(), r.Settings, r.Random); err != nil {
		return err
	}
	switch r.Settings.Operation {
	case lifecycle.Create:
		return r.create(ctx)
	case lifecycle.CreateUpdate, lifecycle.PatchUpdate:
		return r.update(ctx)
	case lifecycle.Patch:
		return r.patch(ctx)
	case lifecycle.QACertification, lifecycle.ApprovalCreate, lifecycle.ApprovalPatch:
		return r.recordVerdict(ctx)
	case lifecycle.Wait:
		return r.resumeWait(ctx)
	case lifecycle.GetStatus:
		return r.showStatus(ctx)
	case lifecycle.GetStatuses:
		return r.showStatuses(ctx)
	case lifecycle.Select:
		return r.selectImage(ctx)
	case lifecycle.TimelineCreate, lifecycle.TimelinePatch:
		return r.saveTimeline(ctx)
	case lifecycle.Doctor:
		return r.examine(ctx)
	}
	panic("action: no workflow for operation " + string(r.Settings.Operation))
}

// interrupted says of an error that a signal is its cause. What is not known stays so.
func (r *run) interrupted(ctx context.Context, err error) error {
	interrupt := outcome.InterruptOf(ctx)
	if err == nil || interrupt == nil || outcome.Of(err).Kind == outcome.Unknown {
		return err
	}
	e := &outcome.Error{
		Kind: outcome.Interrupted, Signal: interrupt.Signal,
		Reason: interrupt.Error() + "; nothing was started",
	}
	if r.underWay {
		e.LifecycleID, e.Resume = r.record.LifecycleID, r.resume()
		e.Reason = interrupt.Error() + "; the event continues"
	}
	return e
}

// prefetch looks up what the operation needs from its first request to the end of its wait.
//
// The bucket for claims is looked up beside the rest. What is wrong with it is for the claim to say: without it the
// operation may go on.
func (r *run) prefetch(ctx context.Context) error {
	claims := r.Claims != nil && r.Settings.Operation.Writes() &&
		(r.Settings.Operation != lifecycle.Create || r.token.job != "")
	if claims && r.Settings.APIEndpoint != "" {
		go func() { _ = r.Deployment.Prefetch(ctx, nil, true) }()
	}
	return r.Deployment.Prefetch(ctx, orchestrator.KeysFor(r.Settings.Operation), r.Settings.Operation == lifecycle.Patch)
}

// look fetches the lifecycle's status document. It is known from then on, also to later jobs and to the
// summary of an operation that is refused now.
func (r *run) look(ctx context.Context) (*lifecycle.Document, error) {
	document, err := r.Orchestrator.Status(ctx, r.Settings.LifecycleID)
	if err != nil {
		// It is the user's own operation that was refused.
		if refusal, ok := errors.AsType[*orchestrator.RefusedError](err); ok {
			refusal.Operation = r.Settings.Operation
		}
		return nil, err
	}
	r.document, r.record.LifecycleID = document, document.ID
	r.earlier.Add(document)
	r.outputs.SetRecord(&r.record)
	return document, nil
}

// checkSize says whether a request would take the lifecycle's document past what the orchestrator can work with.
func (r *run) checkSize(request orchestrator.Request) error {
	if r.document == nil {
		return nil
	}
	preview, err := orchestrator.PreviewOf(request)
	if err != nil {
		return err
	}
	if stored := len(r.document.Raw); stored+len(preview.Body) > lifecycle.MaxDocumentBytes {
		return notAllowed(r.document.ID,
			fmt.Sprintf("its document has %d KB, and this request would take it past the %d KB that the orchestrator can work with", stored>>10, lifecycle.MaxDocumentBytes>>10),
			"use fewer or shorter properties, or create a new lifecycle with AMI_CREATE")
	}
	return nil
}

// properties are what goes out with a request: the user's own, the pipeline's ids and this request's token. A
// first request records its ids under their plain names, every later one under names of its own, because the
// server keeps the old value of a key (docs/architecture.md, "What goes out").
func (r *run) properties() map[string]string {
	suffix, tokenKey := "", tokenProperty
	if r.Settings.Operation != lifecycle.Create {
		suffix, tokenKey = "_"+r.Pipeline.RunKey(), tokenProperty+"_"+r.token.nonce
	}
	properties := map[string]string{}
	maps.Copy(properties, r.Settings.Properties)
	for key, value := range r.Pipeline.Properties() {
		properties[key+suffix] = value // nothing else takes the place of the run's ids
	}
	properties[tokenKey] = r.token.String()
	return properties
}
