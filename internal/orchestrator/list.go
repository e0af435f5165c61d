package orchestrator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/org/ami-action/internal/lifecycle"
)

// Statuses returns the status documents of all lifecycles, in no particular order. The server cuts the list at about
// 1 MB without saying so (docs/wire-contract.md, "The status document").
func (c *Client) Statuses(ctx context.Context) ([]*lifecycle.Document, error) {
	kept, err := c.list(ctx, maxKept, lifecycle.Decode, func(document *lifecycle.Document) any { return document })
	if err != nil {
		return nil, err
	}
	documents := make([]*lifecycle.Document, len(kept))
	for i, one := range kept {
		documents[i] = one.(*lifecycle.Document)
	}
	return documents, nil
}

// List is like [Client.Statuses], but takes larger lists: it calls keep for each document and holds only the results in
// memory, which it returns in the order of the list. The documents have no Properties: see
// [lifecycle.DecodeWithoutProperties]. keep must not hold on to the document or its Raw. Several goroutines call it, and
// if a response breaks off, List asks again and calls keep for the whole new list.
func (c *Client) List(ctx context.Context, keep func(*lifecycle.Document) any) ([]any, error) {
	return c.list(ctx, maxMany, lifecycle.DecodeWithoutProperties, keep)
}

// decoder is [lifecycle.Decode] or [lifecycle.DecodeWithoutProperties].
type decoder func([]byte) (*lifecycle.Document, error)

func (c *Client) list(ctx context.Context, limit int64, decode decoder, keep func(*lifecycle.Document) any) ([]any, error) {
	var kept []any
	var unusable error
	return read(ctx, c, query{
		operation: lifecycle.GetStatuses, path: "/ami-creation/lifecycles/status", limit: limit,
		stream: func(content *bounded) { kept, unusable = c.readList(ctx, content, decode, keep) },
	}, func([]byte) ([]any, error) { return kept, unusable })
}

// readList reads the documents one by one, and decodes as many of them at a time as there are processors.
//
// An invalid id makes the whole list unusable, because an id of the list may turn out to be that of a lost request and
// is then passed to later jobs.
func (c *Client) readList(ctx context.Context, content *bounded, decode decoder, keep func(*lifecycle.Document) any) ([]any, error) {
	type work struct {
		raw  []byte
		kept *any
	}
	arrived := make(chan work, 16)
	var fault atomic.Value // the text of a panic in keep, which continues in the caller's goroutine
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() (err error) {
			defer func() {
				if panicked := recover(); panicked != nil {
					fault.Store(fmt.Sprint(panicked))
					err = errors.New("internal error")
				}
			}()
			for one := range arrived {
				c.options.Learn(one.raw)
				document, err := decode(one.raw)
				if err != nil {
					return err
				}
				if !lifecycle.IsID(document.ID) {
					return errors.New("the list has a lifecycle with an invalid id")
				}
				*one.kept = keep(document)
			}
			return nil
		})
	}
	var places []*any
	begun := content.left
	err := lifecycle.Split(&paced{content, &begun}, func(document []byte) error {
		begun = content.left
		if len(document) > maxOne {
			content.err = errLargeDocument
			return content.err
		}
		place := new(any)
		places = append(places, place)
		select {
		case arrived <- work{bytes.Clone(document), place}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	close(arrived)
	if failed := group.Wait(); failed != nil {
		err = failed
	}
	if text := fault.Load(); text != nil {
		panic(text)
	}
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, content) // reading to the end shows whether the response is complete: see exchange
	kept := make([]any, len(places))
	for i, place := range places {
		kept[i] = *place
	}
	return kept, nil
}

var errLargeDocument = fmt.Errorf("%w: a document in it is larger than %d MB", errTooLarge, maxOne>>20)

// paced reads a list and fails at a document of more than maxOne bytes, because each document must fit in memory. begun
// is how much of the response was left when the document before was complete. The limit here is twice as large, since
// one read can reach beyond the end of a document; readList checks the exact size.
type paced struct {
	*bounded
	begun *int64
}

func (p *paced) Read(b []byte) (int, error) {
	n, err := p.bounded.Read(b)
	if *p.begun-p.left > 2*maxOne {
		p.err = errLargeDocument
		return 0, p.err
	}
	return n, err
}
