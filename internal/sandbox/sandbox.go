package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/awsapi"
	"github.com/org/ami-action/internal/sandbox/engine"
	"github.com/org/ami-action/internal/sandbox/store"
)

// The names in the deployment that the sandbox imitates.
const (
	// Stage is the API's stage, the last part of its base URL.
	Stage = "/dev"
	// Bucket is the bucket for patch components.
	Bucket = "ami-lifecycle-patch-components"
	// ImageTable is the name of the look-up table of images. ImageTableRole is the ARN of the role with which
	// other accounts may query it.
	ImageTable     = "ami-lifecycle-image-lookup"
	ImageTableRole = "arn:aws:iam::123456789012:role/ami-lifecycle-selection-read-only"

	// DefaultStackName and DefaultSecretPrefix are the names that a client looks for by default. They are declared
	// again here because the sandbox, as the other side of the wire, must not share constants with the client.
	DefaultStackName    = "AmiLifecycle"
	DefaultSecretPrefix = "/ami-lifecycle/api-keys/"
)

// DefaultEventDuration is how long an event takes by default.
const DefaultEventDuration = 2 * time.Second

// Options configure a sandbox. Every field but Dir has a default.
type Options struct {
	// Dir is the directory that keeps the state. Several sandboxes may use the same one at once.
	Dir string
	// Listen is the address to listen on; 127.0.0.1 and a free port by default.
	Listen string
	// AllowRemote allows a Listen address that other machines can reach. Anyone who reaches the sandbox can
	// read and change everything in it.
	AllowRemote bool

	// Manual keeps every event in progress until a control route ends it.
	Manual bool
	// EventDuration is how long an event takes; [DefaultEventDuration] by default, and at least a millisecond.
	EventDuration time.Duration
	// EventDurations replaces EventDuration for single events. Each key is any name of an event. If two keys
	// match an event, the one that stands for fewer events applies.
	EventDurations map[lifecycle.Event]time.Duration
	// QueueDelay is how long a certification or a refused approval stays in the queue; half a second by default.
	QueueDelay time.Duration
	// HandoverDelay is the time between a result and the start of the next event, with no event in progress;
	// 50 ms by default. After an event that a control route ends, the next one starts at once.
	HandoverDelay time.Duration
	// Fail lists the events that end FAILED, Error those that end in ERROR. Each entry is any name of an event.
	Fail, Error []lifecycle.Event
	// FailBehind lists the events that fail in AWS, halfway through, without a report to the orchestrator: the
	// image of a build or a patch, the export of a QA certification request, the backup of an approval, the
	// instance of a scan; smoke tests time out. Abort lists the events whose execution is aborted halfway.
	FailBehind, Abort []lifecycle.Event

	// StackName is the name of the CloudFormation stack; [DefaultStackName] by default.
	StackName string
	// SecretPrefix is the prefix of the names of the secrets; [DefaultSecretPrefix] by default.
	SecretPrefix string

	// Now is the clock; time.Now by default.
	Now func() time.Time
	// Rand is the source of ids and keys; crypto/rand by default.
	Rand io.Reader
	// Log gets a line for each request, without keys; by default nothing is logged.
	Log *slog.Logger
}

// withDefaults returns the options with a default in every field that is not set. The error names an invalid value
// and its setting.
func (o Options) withDefaults() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("the directory for the sandbox's state is missing")
	}
	setDefault(&o.Listen, "127.0.0.1:0")
	setDefault(&o.EventDuration, DefaultEventDuration)
	setDefault(&o.QueueDelay, 500*time.Millisecond)
	setDefault(&o.HandoverDelay, 50*time.Millisecond)
	setDefault(&o.StackName, DefaultStackName)
	setDefault(&o.SecretPrefix, DefaultSecretPrefix)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	var err error
	for _, setting := range []struct {
		name   string
		events *[]lifecycle.Event
	}{
		{"--fail", &o.Fail}, {"--error", &o.Error}, {"--fail-behind", &o.FailBehind}, {"--abort", &o.Abort},
	} {
		if *setting.events, err = running(setting.name, *setting.events); err != nil {
			return o, err
		}
	}
	o.EventDurations, err = durations(o.EventDurations)
	return o, err
}

func setDefault[T comparable](value *T, standard T) {
	var zero T
	if *value == zero {
		*value = standard
	}
}

// Failure is an error of the state in [Options.Dir]: why it cannot be read or written, and what to do about it.
type Failure = store.Failure

// Server is a running sandbox.
type Server struct {
	options Options
	url     string
	store   *store.Store
	engine  *engine.Engine
	aws     *awsapi.Handler
	faults  faults
	log     requestLog
	server  *http.Server
	served  chan struct{}
}

// Start opens the state in the directory and serves until Close is called or the context ends. The error names the
// setting, the directory or the address that cannot be used. An error of the state is a [Failure] if its fix is known.
func Start(ctx context.Context, options Options) (*Server, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := checkLoopback(options); err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", options.Listen)
	if err != nil {
		return nil, fmt.Errorf("the sandbox cannot listen: %w", err)
	}
	s := &Server{options: options, url: "http://" + reachable(listener.Addr()), served: make(chan struct{})}
	s.engine = &engine.Engine{
		BaseURL: s.url + Stage, Now: options.Now, Rand: options.Rand, Manual: options.Manual,
		Duration: options.duration, Outcome: options.outcome, Fate: options.fate,
		QueueDelay: options.QueueDelay, HandoverDelay: options.HandoverDelay,
	}
	if s.store, err = store.Open(options.Dir, s.engine.RotateKeys); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.aws = &awsapi.Handler{
		Store: s.store, Now: options.Now, Settle: s.engine.Settle, StackName: options.StackName, SecretPrefix: options.SecretPrefix,
		Bucket: Bucket, Table: ImageTable, TableRole: ImageTableRole, Outputs: s.stackOutputs,
	}
	s.server = &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(options.Log.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(s.served)
		_ = s.server.Serve(listener)
	}()
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// stackOutputs returns the outputs of the CloudFormation stack. With AllowRemote, the address of the API has the host
// that the client sent its request to, because 127.0.0.1 does not lead another container to the sandbox.
func (s *Server) stackOutputs(host string) map[string]string {
	api := s.engine.BaseURL
	if s.options.AllowRemote {
		api = "http://" + host + Stage
	}
	return map[string]string{
		"amiOrchestratorApiGatewayUrl":     api,
		"amiLifecyclePatchComponentBucket": Bucket,
		"amiSelectionTableName":            ImageTable,
		"amiSelectionCAReadOnly":           ImageTableRole,
	}
}

// URL returns the address of the sandbox, for AWS_ENDPOINT_URL: http://127.0.0.1:PORT.
func (s *Server) URL() string { return s.url }

// BaseURL returns the address of the API, stage included, as this machine reaches it.
func (s *Server) BaseURL() string { return s.engine.BaseURL }

// Close stops serving and cuts off the requests in progress. The state is already on disk.
func (s *Server) Close() error {
	err := s.server.Close()
	<-s.served
	return errors.Join(err, s.store.Close())
}

// durations returns the duration of each event that the names stand for. Names of several events are read first, so
// that a name of one event overrides them. The error names an unknown name.
func durations(named map[lifecycle.Event]time.Duration) (map[lifecycle.Event]time.Duration, error) {
	all := map[lifecycle.Event]time.Duration{}
	for _, exact := range []bool{false, true} {
		for name, duration := range named {
			events, err := running("the duration of an event", []lifecycle.Event{name})
			if err != nil {
				return nil, err
			}
			if (len(events) == 1) != exact {
				continue
			}
			for _, event := range events {
				all[event] = duration
			}
		}
	}
	return all, nil
}

func (o Options) duration(event lifecycle.Event) time.Duration {
	duration, ok := o.EventDurations[event]
	if !ok {
		duration = o.EventDuration
	}
	return max(duration, time.Millisecond)
}

func (o Options) outcome(event lifecycle.Event) lifecycle.Status {
	switch {
	case slices.Contains(o.Error, event):
		return lifecycle.Error
	case slices.Contains(o.Fail, event):
		return lifecycle.Failed
	}
	return lifecycle.Completed
}

// checkLoopback returns an error if Listen is not an address, or one that other machines can reach without AllowRemote.
func checkLoopback(o Options) error {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return fmt.Errorf("invalid value %q for --listen: must be HOST:PORT, such as 127.0.0.1:0: %w", o.Listen, err)
	}
	if ip := net.ParseIP(host); o.AllowRemote || strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%s is reachable from other machines, and anyone who reaches a sandbox can read and change "+
		"everything in it: listen on 127.0.0.1, or set --allow-remote", o.Listen)
}

// reachable returns the address as this machine reaches it: 127.0.0.1 if the listener is on all interfaces.
func reachable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return address.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
}
