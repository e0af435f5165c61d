package outcome

import (
	"context"
	"errors"
	"io/fs"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
	"github.com/org/ami-action/internal/workspace"
)

// Of returns err as an [Error]: the Error that err wraps, or else a new one from the first row of the table that matches.
// An error that no row matches becomes [Internal]. Of returns nil if err is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	for _, known := range foreign() {
		if e := known(err); e != nil {
			return e
		}
	}
	return &Error{Kind: Internal, Err: err}
}

// foreign returns the table for errors of other packages. UncertainError is first: if it is unknown whether a request was
// carried out, that matters more than any other error beside it.
func foreign() []func(error) *Error {
	return []func(error) *Error{
		row(func(e *orchestrator.UncertainError) *Error {
			said := *e
			said.Hint = ""
			return &Error{Kind: Unknown, Reason: said.Error(), Hint: e.Hint}
		}),
		// These two may wrap the refusal of the last poll, which did not end the wait.
		row(func(e *watch.TimeoutError) *Error { return &Error{Kind: TimedOut, Reason: e.Error()} }),
		row(func(e *watch.UnobservableError) *Error {
			cause := Of(e.Err)
			unobservable := *e
			unobservable.Err = cause
			return &Error{Kind: Unavailable, Reason: unobservable.Error(), Hint: cause.Hint}
		}),
		row(func(e *watch.StalledError) *Error { return &Error{Kind: Stalled, Reason: e.Error()} }),

		row(func(e *config.Problems) *Error { return &Error{Kind: Invalid, Err: e} }),
		row(func(e *component.Error) *Error { return &Error{Kind: Invalid, Err: e} }),
		row(func(e *orchestrator.InvalidError) *Error { return &Error{Kind: Invalid, Err: e} }),
		row(func(e *workspace.Error) *Error {
			said := *e
			said.Hint = ""
			return &Error{Kind: Invalid, Reason: said.Error(), Hint: e.Hint}
		}),
		row(func(e *fs.PathError) *Error { return &Error{Kind: Invalid, Err: e} }), // the component file was removed after the check

		row(func(e *orchestrator.RefusedError) *Error {
			said := *e
			said.Hint = ""
			return &Error{Kind: Refused, Reason: said.Error(), Hint: e.Hint}
		}),
		row(func(e *orchestrator.UnavailableError) *Error {
			said := *e
			said.Hint = ""
			return &Error{Kind: Unavailable, Reason: said.Error(), Hint: e.Hint}
		}),
		row(func(e *deployment.Error) *Error {
			said := *e
			said.Hint = ""
			kind := Unavailable
			if e.Invalid {
				kind = Invalid
			}
			return &Error{Kind: kind, Reason: said.Error(), Hint: e.Hint}
		}),
		func(err error) *Error {
			if errors.Is(err, context.DeadlineExceeded) {
				return &Error{Kind: Unavailable, Reason: "no response in time"}
			}
			return nil
		},
	}
}

// row returns a row of the table: it applies of to an error of type E, and returns nil for any other error.
func row[E error](of func(E) *Error) func(error) *Error {
	return func(err error) *Error {
		if found, ok := errors.AsType[E](err); ok {
			return of(found)
		}
		return nil
	}
}
