package action

import (
	"context"
	"io"
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/progress"
	"github.com/org/ami-action/internal/redact"
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
	// Settle is how long a request whose response was lost may still be in progress. The gateway gives up on
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
