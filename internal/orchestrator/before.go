package orchestrator

import "context"

type beforeSendingKey struct{}

// BeforeSending returns a context with which [Client.Send] calls ask immediately before each attempt. Attempts can be
// 20 seconds apart, so what was allowed before the first may not be allowed before the next. If ask returns an error,
// the request is not sent, and Send returns that error unchanged: nothing has been done.
func BeforeSending(ctx context.Context, ask func(context.Context) error) context.Context {
	return context.WithValue(ctx, beforeSendingKey{}, ask)
}

// askBeforeSending calls the function that [BeforeSending] has put into the context, if there is one.
func askBeforeSending(ctx context.Context) error {
	if ask, ok := ctx.Value(beforeSendingKey{}).(func(context.Context) error); ok {
		return ask(ctx)
	}
	return nil
}
