package main

import (
	"cmp"
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/doctor"
	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/permission"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/sandbox"
)

// connect creates the clients that the operation needs and connects them. stopSandbox stops the sandbox if connect
// started one; it is never nil.
func (p process) connect(
	ctx context.Context, settings *config.Settings, where *pipeline.Pipeline, redactor *redact.Redactor,
) (options action.Options, stopSandbox func(), err error) {
	stopSandbox = func() {}
	if err := checkNetwork(p.environ); err != nil {
		return action.Options{}, stopSandbox, err
	}
	if !settings.Sandbox {
		if err := checkEndpoints(p.environ); err != nil {
			return action.Options{}, stopSandbox, err
		}
	}
	located := deployment.Options{
		AWSEndpoint: p.awsEndpoint,
		StackName:   settings.StackName, APIEndpoint: settings.APIEndpoint, APIKeyPrefix: settings.APIKeyPrefix,
		ImageTable: settings.ImageTable, RoleARN: settings.RoleARN, OnSecret: where.Mask, Redact: redactor.Text,
	}
	if settings.Sandbox {
		server, err := sandbox.Start(context.WithoutCancel(ctx), sandbox.Options{
			Dir: settings.SandboxDir, Fail: settings.SandboxFail.Events, FailBehind: settings.SandboxFail.Images,
			EventDuration: time.Duration(float64(sandbox.DefaultEventDuration) / settings.SandboxSpeed),
		})
		if err != nil {
			return action.Options{}, stopSandbox, sandboxError(settings.SandboxDir, err)
		}
		located.AWSEndpoint, stopSandbox = server.URL(), func() { _ = server.Close() }
	}
	finder, err := deployment.New(located)
	if err != nil {
		stopSandbox()
		return action.Options{}, stopSandbox, err
	}
	if p.client.TLS == nil {
		p.client.TLS = tlsConfig(p.environ)
	}
	p.client.Redact, p.client.Learn = redactor.Text, redactor.Learn
	options = action.Options{
		Settings:     settings,
		Orchestrator: orchestrator.New(finder, p.client),
		Deployment:   finder,
		Images:       finder,
		Pipeline:     where,
		Files:        where.Workspace(),
		Redactor:     redactor,
		Random:       cryptorand.Reader,
		Jitter:       rand.Float64,
		Limits:       p.limits,
	}
	if settings.Claims != string(claim.Off) {
		options.Claims = finder.Claims()
	}
	if settings.Insight {
		options.Insight = insight.New(insight.Options{AWS: finder.AWS, Redact: redactor.Text})
	}
	options.Doctor = doctorFor(settings, finder, options.Orchestrator, redactor)
	return options, stopSandbox, nil
}

func doctorFor(settings *config.Settings, finder *deployment.Finder, api doctor.Orchestrator, redactor *redact.Redactor) *doctor.Doctor {
	return &doctor.Doctor{
		Deployment: finder, Orchestrator: api, Insight: insight.New(insight.Options{AWS: finder.AWS, Redact: redactor.Text}),
		Place:    permission.Place{Stack: settings.StackName, KeyPrefix: settings.APIKeyPrefix},
		StackTag: cmp.Or(settings.StackTag, "main"), For: settings.CheckFor, ClaimsRequired: settings.Claims == string(claim.Require),
		Redact: redactor.Text,
	}
}

// sandboxError explains why the sandbox does not start. Nothing has been sent at that point.
func sandboxError(dir string, err error) error {
	if failure, ok := errors.AsType[*sandbox.Failure](err); ok {
		return &outcome.Error{Kind: outcome.Invalid, Reason: failure.Reason, Hint: failure.Hint}
	}
	return fmt.Errorf("the sandbox in %s does not start: %w", dir, err)
}
