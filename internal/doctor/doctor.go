package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/org/ami-action/internal/awserror"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/permission"
)

// Deployment is the deployment of the orchestrator. [deployment.Finder] is one.
type Deployment interface {
	Region(ctx context.Context) (string, error)
	Identity(ctx context.Context) (deployment.Identity, error)
	Endpoint(ctx context.Context) (string, error)
	Output(ctx context.Context, name string) (string, error)
	Key(ctx context.Context, secret string) (string, error)
	Uploaded(ctx context.Context, lifecycleID, fileName string) (token string, err error)
	Images(ctx context.Context, stackTag string) ([]deployment.Image, error)
	// Prove returns nil if claims can be written and the store respects their conditions.
	Prove(ctx context.Context) error
}

// Orchestrator is the part of the API that is checked.
type Orchestrator interface {
	Statuses(context.Context) ([]*lifecycle.Document, error)
	Timeline(ctx context.Context, phase lifecycle.Phase, id string) ([]byte, error)
}

// Insight checks the permissions for examinations behind the status document.
type Insight interface {
	Permissions(ctx context.Context, partition, region, account string) []insight.Permission
}

// Doctor checks a deployment.
type Doctor struct {
	Deployment   Deployment
	Orchestrator Orchestrator
	Insight      Insight
	// Place is the place of the orchestrator according to the settings. Examine adds what AWS reports.
	Place permission.Place
	// StackTag is the stack tag with which the look-up table is queried.
	StackTag string
	// For lists the operations that must be possible. If it is empty, only what every operation needs is required.
	For []lifecycle.Operation
	// ClaimsRequired is set if no request may be sent without a claim.
	ClaimsRequired bool
	// Redact removes the secrets from a text. nil means that nothing is removed.
	Redact func(string) string
}

// Examine returns the findings, one for each item, ordered so that an item comes after those that it depends on.
func (d *Doctor) Examine(ctx context.Context) []Finding {
	e := &examination{Doctor: d, place: d.Place}
	if e.aws(ctx) {
		e.stack(ctx)
		e.keys(ctx)
		e.api(ctx)
		e.files(ctx)
		e.images(ctx)
		e.behind(ctx)
	}
	return e.findings
}

// examination is a run of Examine.
type examination struct {
	*Doctor
	place     permission.Place
	documents []*lifecycle.Document
	findings  []Finding
}

func (e *examination) requires(operations ...lifecycle.Operation) bool {
	return slices.ContainsFunc(operations, func(o lifecycle.Operation) bool { return slices.Contains(e.For, o) })
}

// add adds a finding with its texts redacted.
func (e *examination) add(f Finding) {
	if e.Redact != nil {
		f.Detail, f.Hint = e.Redact(f.Detail), e.Redact(f.Hint)
	}
	e.findings = append(e.findings, f)
}

// failed returns the finding for a check that ended with err. If AWS denied access, its hint and its statement are about
// the permissions for uses.
func (e *examination) failed(name string, isRequired bool, err error, uses ...permission.Use) Finding {
	said := outcome.Of(err)
	f := Finding{Name: name, Status: Missing, Required: isRequired, Detail: said.Error(), Hint: said.Hint, Err: err}
	switch {
	case awserror.IsDenied(awserror.Code(err)) && len(uses) > 0:
		statement := permission.StatementOf(e.place, permission.Of(uses...))
		f.Statement, f.Hint = &statement, "add this statement to the policy of these credentials"
	case !isDefinite(err):
		f.Status = Unknown
	}
	return f
}

// isDefinite reports whether err is what a service responded about the item. If there was no response, or the call was
// throttled, it is unknown whether the item exists.
func isDefinite(err error) bool {
	if unavailable, ok := errors.AsType[*orchestrator.UnavailableError](err); ok {
		return unavailable.Status != 0
	}
	_, isNetwork := errors.AsType[net.Error](err)
	return !isNetwork && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) &&
		!awserror.IsThrottled(awserror.Code(err))
}

// aws checks the region and the credentials, and reports whether both are there. Without them nothing else can be
// checked.
func (e *examination) aws(ctx context.Context) bool {
	region, err := e.Deployment.Region(ctx)
	if err != nil {
		e.add(e.failed("AWS region", true, err))
		return false
	}
	e.place.Region = region
	e.add(Finding{Name: "AWS region", Status: OK, Required: true, Detail: region})
	identity, err := e.Deployment.Identity(ctx)
	if err != nil {
		e.add(e.failed("AWS credentials", true, err))
		return false
	}
	e.place.Account, e.place.Partition = identity.Account, identity.Partition
	e.add(Finding{Name: "AWS credentials", Status: OK, Required: true, Detail: identity.ARN})
	return true
}

func (e *examination) stack(ctx context.Context) {
	endpoint, err := e.Deployment.Endpoint(ctx)
	if err != nil {
		e.add(e.failed("API endpoint", true, err, permission.Find))
	} else {
		e.add(Finding{Name: "API endpoint", Status: OK, Required: true, Detail: endpoint})
	}
	bucket, err := e.Deployment.Output(ctx, deployment.OutputBucket)
	if err != nil {
		e.add(e.failed("Bucket", e.needsBucket(), err, permission.Find))
		return
	}
	e.place.Bucket = bucket
	e.add(Finding{Name: "Bucket", Status: OK, Required: e.needsBucket(), Detail: bucket})
}

func (e *examination) needsBucket() bool { return e.ClaimsRequired || e.requires(lifecycle.Patch) }

// keys checks concurrently whether the API keys exist. It does not try them: even an invalid request with the key of an
// operation that writes can change something (docs/wire-contract.md, "Refused, and done all the same").
func (e *examination) keys(ctx context.Context) {
	var secrets []string
	users := map[string][]lifecycle.Operation{}
	for _, operation := range lifecycle.Operations() {
		for _, secret := range orchestrator.KeysFor(operation) {
			if users[secret] == nil {
				secrets = append(secrets, secret)
			}
			users[secret] = append(users[secret], operation)
		}
	}
	failures := make([]error, len(secrets))
	var group sync.WaitGroup
	for i, secret := range secrets {
		group.Go(func() { _, failures[i] = e.Deployment.Key(ctx, secret) })
	}
	group.Wait()
	status := orchestrator.KeysFor(lifecycle.GetStatus)[0]
	for i, secret := range secrets {
		name, isRequired := "API key "+secret, e.requires(users[secret]...) || secret == status
		if failures[i] == nil {
			e.add(Finding{Name: name, Status: OK, Required: isRequired})
			continue
		}
		place := e.place
		place.Secrets = []string{secret}
		f := e.failed(name, isRequired, failures[i], permission.Keys)
		if f.Statement != nil {
			statement := permission.StatementOf(place, permission.Of(permission.Keys))
			f.Statement = &statement
		}
		e.add(f)
	}
}

// listLimit is the size in bytes at which the server cuts its list (docs/wire-contract.md, "The status document").
const listLimit = 1 << 20

// api checks the API with requests that change nothing: for the list of all lifecycles, and for timelines.
func (e *examination) api(ctx context.Context) {
	const name = "Orchestrator API"
	documents, err := e.Orchestrator.Statuses(ctx)
	if err != nil {
		e.add(e.failed(name, true, err))
		return
	}
	e.documents = documents
	size := 0
	for _, document := range documents {
		size += len(document.Raw)
	}
	f := Finding{Name: name, Status: OK, Required: true, Detail: fmt.Sprintf("it lists %d lifecycles, %d KB of at most %d KB", len(documents), size>>10, listLimit>>10)}
	if size >= listLimit {
		f.Detail += ": the list is cut, and some lifecycles may be missing"
	}
	e.add(f)
	for _, timeline := range []struct {
		operation lifecycle.Operation
		phase     lifecycle.Phase
	}{{lifecycle.TimelineCreate, lifecycle.Creation}, {lifecycle.TimelinePatch, lifecycle.Patching}} {
		e.timeline(ctx, timeline.operation, timeline.phase)
	}
}

// timeline tries the key of a timeline operation with a lifecycle that has such a timeline.
func (e *examination) timeline(ctx context.Context, operation lifecycle.Operation, phase lifecycle.Phase) {
	name, isRequired := string(operation), e.requires(operation)
	at := slices.IndexFunc(e.documents, func(document *lifecycle.Document) bool {
		return document.InputsPatch != nil || phase == lifecycle.Creation && len(document.Results(phase)) > 0
	})
	if at < 0 {
		e.add(Finding{Name: name, Status: Unknown, Detail: "not tried: no lifecycle has such a timeline yet"})
		return
	}
	if _, err := e.Orchestrator.Timeline(ctx, phase, e.documents[at].ID); err != nil {
		e.add(e.failed(name, isRequired, err))
		return
	}
	e.add(Finding{Name: name, Status: OK, Required: isRequired, Detail: "the API accepts its key"})
}

// files checks the bucket: claims with conditional writes, which S3 refuses, and uploads with a request for an object that
// does not exist.
func (e *examination) files(ctx context.Context) {
	if e.place.Bucket == "" {
		return // there is a finding about the bucket already
	}
	if err := e.Deployment.Prove(ctx); err != nil {
		e.add(e.failed("Claims", e.ClaimsRequired, err, permission.Claims))
	} else {
		e.add(Finding{Name: "Claims", Status: OK, Required: e.ClaimsRequired, Detail: "two jobs never start the same request twice"})
	}
	const name = "Earlier patch components"
	if _, err := e.Deployment.Uploaded(ctx, "ami-action", "doctor"); err != nil {
		e.add(e.failed(name, e.requires(lifecycle.Patch), err, permission.Upload))
		return
	}
	e.add(Finding{
		Name: name, Status: OK, Required: e.requires(lifecycle.Patch),
		Detail: "can be looked up; an upload is not tried, because it leaves a file behind",
	})
}

func (e *examination) images(ctx context.Context) {
	name, isRequired := "Look-up table of images", e.requires(lifecycle.Select)
	images, err := e.Deployment.Images(ctx, e.StackTag)
	if err != nil {
		e.add(e.failed(name, isRequired, err, permission.Select))
		return
	}
	e.add(Finding{Name: name, Status: OK, Required: isRequired, Detail: fmt.Sprintf("it lists %d images of stack tag %s", len(images), e.StackTag)})
}

// behind checks the permissions for examinations behind the status document. All of them are optional.
func (e *examination) behind(ctx context.Context) {
	if e.Insight == nil {
		return
	}
	for _, one := range e.Insight.Permissions(ctx, e.place.Partition, e.place.Region, e.place.Account) {
		at := slices.IndexFunc(permission.Of(permission.Insight), func(p permission.Permission) bool { return p.Action == one.Action })
		if at < 0 {
			panic("doctor: " + one.Action + " is not in the table of permissions")
		}
		allowing := permission.Of(permission.Insight)[at : at+1]
		f := Finding{Name: one.Action, Status: OK, Detail: allowing[0].Reason}
		switch {
		case one.Denied:
			statement := permission.StatementOf(e.place, allowing)
			f.Status, f.Statement = Missing, &statement
			f.Hint = "add this statement to the policy of these credentials; without it, a failed build is detected only after hours"
		case one.Err != nil:
			f.Status, f.Detail = Unknown, outcome.Of(one.Err).Error()
		}
		e.add(f)
	}
}
