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
	"github.com/org/ami-action/internal/rules"
	"github.com/org/ami-action/internal/watch"
	"github.com/org/ami-action/internal/workspace"
)

// Orchestrator is the part of the orchestrator's API that the workflows use.
type Orchestrator interface {
	Send(context.Context, orchestrator.Request) (orchestrator.Accepted, error)
	watch.Poller
	Status(ctx context.Context, id string) (*lifecycle.Document, error)
	Statuses(context.Context) ([]*lifecycle.Document, error)
	List(ctx context.Context, keep func(*lifecycle.Document) any) ([]any, error)
	Timeline(ctx context.Context, phase lifecycle.Phase, id string) ([]byte, error)
}

// Deployment is the AWS deployment of the orchestrator.
type Deployment interface {
	// Prefetch looks up the API keys, and with bucket also the bucket. After that, a wait of hours works
	// even when the pipeline's AWS credentials have expired.
	Prefetch(ctx context.Context, keys []string, bucket bool) error
	// Upload stores a patch component where the orchestrator reads it, and returns its s3:// URL.
	// The token identifies the job that uploaded it.
	Upload(ctx context.Context, lifecycleID, fileName string, content []byte, token string) (url string, err error)
	// Uploaded returns the token of the last upload, or "" if there was none.
	Uploaded(ctx context.Context, lifecycleID, fileName string) (token string, err error)
}

// Pipeline is where the command runs: a GitHub job, a GitLab job or a terminal.
type Pipeline interface {
	progress.Console
	outcome.Setter
	outcome.Annotator
	// JobIdentity returns a text that is the same for every attempt and every step of a job, or "" outside of a pipeline.
	JobIdentity() string
	// Attempt returns the number of this attempt of the job, starting with 1, or 0 if the pipeline does not number attempts.
	Attempt() int
	// Properties returns the pipeline's ids, which are recorded in the lifecycle.
	Properties() map[string]string
	// RunKey returns a text of letters, digits and underscores that is unique to this attempt.
	RunKey() string
	Summary(markdown string) error
	// Job returns the link to the page of this run.
	Job() pipeline.Link
	ArtifactURL(path string) string
	Link(pipeline.Link) error
	// CheckOutputs returns an error if the outputs or the summary cannot be written. It changes nothing.
	CheckOutputs() error
	// DistinguishesMatrixJobs reports whether no other job of a matrix has the same JobIdentity.
	DistinguishesMatrixJobs() bool
	// Stdout returns the writer for the result.
	Stdout() io.Writer
}

// Files reads and writes the files that settings name.
type Files interface {
	// Check returns an error if the file cannot be written. It leaves nothing behind.
	Check(workspace.File) error
	Write(f workspace.File, content []byte) error
	// Read returns the content of a regular file of at most limit bytes.
	Read(f workspace.File, limit int64) ([]byte, error)
	// Relative returns the path under which later steps of the pipeline find the file.
	Relative(path string) string
}

// Options holds the settings and the dependencies of an operation. All fields except Claims and Insight are required.
type Options struct {
	Settings     *config.Settings
	Orchestrator Orchestrator
	Deployment   Deployment
	Images       Images
	Doctor       Doctor
	// Claims stores the claims. If it is nil, no claims are written.
	Claims claim.Store
	// Insight looks behind the status document. If it is nil, the document is the only source.
	Insight  Insight
	Pipeline Pipeline
	Files    Files
	Redactor *redact.Redactor
	// Random is the source of the requests' tokens. They must be unique, but need not be unpredictable.
	Random io.Reader
	// Jitter returns a number in [0, 1) that spreads polls.
	Jitter func() float64
	Limits Limits
}

// Limits holds the time limits of what the status document does not show.
type Limits struct {
	// Settle is how long a request whose answer was lost may still be in progress. The gateway gives up on
	// its handler after 30 seconds (docs/wire-contract.md, "Errors").
	Settle time.Duration
	// Lease is how long after writing a claim its holder may send ([claim.Claims]).
	Lease time.Duration
	// Upload is the time limit of the upload of a patch component. The upload must end before another run may take over
	// the claim. That is Settle minus Lease after the last moment at which the upload can begin.
	Upload time.Duration
	// Handover is the longest time between two events (docs/wire-contract.md, "How an event goes", 3).
	Handover time.Duration
	// Stall is how long a wait continues while nothing is in progress (docs/architecture.md, "Waiting").
	Stall time.Duration
	// LostVerdict is how long to wait for a result that the server may lose (docs/wire-contract.md, "What a client must not be
	// fooled by": a patch approval of FAILED).
	LostVerdict time.Duration
	// PollFloor is the shortest pause between two polls if the settings give no interval.
	PollFloor time.Duration
	// PollBudget is how long polls may fail in a row.
	PollBudget time.Duration
	// Heartbeat is how often a wait prints that it continues if there is no live line.
	Heartbeat time.Duration
	// GracePeriod is how long a request in progress may continue after an interrupt. GitHub's next
	// signal comes 7.5 seconds after the first.
	GracePeriod time.Duration
}

// DefaultLimits returns the limits of the command.
func DefaultLimits() Limits {
	return Limits{
		Settle: claim.DefaultSettle, Lease: claim.DefaultLease, Upload: claim.DefaultSettle - claim.DefaultLease, Handover: 6 * time.Second, Stall: 15 * time.Minute, LostVerdict: 2 * time.Minute,
		PollFloor: watch.DefaultFloor, PollBudget: 10 * time.Minute, Heartbeat: 3 * time.Minute, GracePeriod: 4 * time.Second,
	}
}

// Run carries out the operation of the settings and reports its progress. When it returns, everything has been
// written: outputs, summary, report and error message. It returns the error that decides the exit code
// ([outcome.ExitCode]).
func Run(ctx context.Context, o Options) error {
	r := &run{Options: o, steps: innerSteps{}, outputs: outcome.Outputs{To: o.Pipeline}}
	r.record.Operation = o.Settings.Operation
	r.progress = progress.New(o.Pipeline, o.Limits.Heartbeat)
	err := r.recovered(func() error { return r.operate(ctx) })
	r.progress.Close()
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

// run is the state of one operation.
type run struct {
	Options
	token    token
	progress *progress.Reporter
	record   outcome.Record
	outputs  outcome.Outputs
	document *lifecycle.Document // the newest document, nil before the first one is read
	listing  *report.Listing     // set by AMI_GET_STATUSES when the list has been read
	selected *report.Selection   // set by AMI_SELECT when an AMI is found
	// dryRun is set if the operation is a dry run, which sends nothing. printed is set when the result is on stdout.
	dryRun, printed bool
	// underWay is set when the orchestrator has accepted the request, or when there is nothing left to send. sending is
	// set just before the first request is sent.
	underWay, sending bool
	// onlyLooked is set if the first look of a wait shows that there is nothing to wait for.
	onlyLooked bool
	// waitedFor holds the events of the current wait, for the command line that resumes it.
	waitedFor []lifecycle.Event
	// claiming is what [run.claims] returns. It is nil before the first call.
	claiming *claim.Claims
	// looked is how long the search for an earlier attempt took. It is subtracted from the timeout of the wait.
	looked time.Duration
	// earlier collects how long events take, from all documents that are fetched.
	earlier watch.History
	// steps holds the steps that were seen inside the events.
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

// interrupted replaces an error that a signal caused by one of kind [outcome.Interrupted]. An error of kind
// [outcome.Unknown] stays as it is: it is still unknown whether the request was carried out.
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
		e.LifecycleID, e.Resume = r.record.LifecycleID, r.resumption().CommandLine()
		e.Reason = interrupt.Error() + "; the event continues"
	}
	return e
}

// prefetch looks up what the operation needs from its first request to the end of its wait.
//
// The bucket for claims is looked up in parallel, and its errors are ignored here. The claim reports them, because the
// operation may be able to continue without the bucket.
func (r *run) prefetch(ctx context.Context) error {
	claims := r.Claims != nil && r.Settings.Operation.Writes() &&
		(r.Settings.Operation != lifecycle.Create || r.token.job != "")
	if claims && r.Settings.APIEndpoint != "" {
		go func() { _ = r.Deployment.Prefetch(ctx, nil, true) }()
	}
	return r.Deployment.Prefetch(ctx, orchestrator.KeysFor(r.Settings.Operation), r.Settings.Operation == lifecycle.Patch)
}

// look fetches the lifecycle's status document and stores it in the run and the outputs. So the lifecycle is known to
// later jobs, and to the summary, even if the operation is refused afterwards.
func (r *run) look(ctx context.Context) (*lifecycle.Document, error) {
	document, err := r.Orchestrator.Status(ctx, r.Settings.LifecycleID)
	if err != nil {
		// The error must name the operation that the user asked for.
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

// checkSize returns an error if the request would make the lifecycle's document larger than the orchestrator can handle.
func (r *run) checkSize(request orchestrator.Request) error {
	if r.document == nil {
		return nil
	}
	preview, err := orchestrator.PreviewOf(request)
	if err != nil {
		return err
	}
	if stored := len(r.document.Raw); stored+len(preview.Body) > lifecycle.MaxDocumentBytes {
		return rules.NotAllowed(r.document.ID,
			fmt.Sprintf("its document has %d KB, and with this request it would exceed the orchestrator's limit of %d KB", stored>>10, lifecycle.MaxDocumentBytes>>10),
			"use fewer or shorter properties, or create a new lifecycle with AMI_CREATE")
	}
	return nil
}

// properties returns the properties of the request: the user's own, the pipeline's ids and this request's token. A
// create records the ids under their plain names. Every later request adds a suffix to the names, because the
// server keeps the old value of a key (docs/architecture.md, "What goes out").
func (r *run) properties() map[string]string {
	suffix, tokenKey := "", tokenProperty
	if r.Settings.Operation != lifecycle.Create {
		suffix, tokenKey = "_"+r.Pipeline.RunKey(), tokenProperty+"_"+r.token.nonce
	}
	properties := map[string]string{}
	maps.Copy(properties, r.Settings.Properties)
	for key, value := range r.Pipeline.Properties() {
		properties[key+suffix] = value // the user's properties do not replace the run's ids
	}
	properties[tokenKey] = r.token.String()
	return properties
}
