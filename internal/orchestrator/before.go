package orchestrator

import "context"

type beforeSendingKey struct{}

// BeforeSending returns a context under which a request that changes something asks first, each time just before
// it goes out: one attempt may come 20 seconds after the other. An error of ask ends the request, which has
// then certainly done nothing, and is returned as it is.
func BeforeSending(ctx context.Context, ask func(context.Context) error) context.Context {
	return context.WithValue(ctx, beforeSendingKey{}, ask)
}

// mayGoOut asks what [BeforeSending] has put into the context.
func mayGoOut(ctx context.Context) error {
	if ask, ok := ctx.Value(beforeSendingKey{}).(func(context.Context) error); ok {
		return ask(ctx)
	}
	return nil
}
