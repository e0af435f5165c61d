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

// Statuses returns the status documents of all lifecycles, in no order. A list of about 1 MB may have
// been cut by the server without a word (docs/wire-contract.md, "The status document").
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

// List is [Client.Statuses] of a list that may be large: of each document only what keep makes of it stays in memory. It
// returns that in the order of the list. The documents have no Properties ([lifecycle.DecodeStanding]), and their Raw is
// keep's until it returns. Several goroutines call keep; an answer that breaks off is asked for again, and then keep
// begins anew.
func (c *Client) List(ctx context.Context, keep func(*lifecycle.Document) any) ([]any, error) {
	return c.list(ctx, maxMany, lifecycle.DecodeStanding, keep)
}

// decoder is [lifecycle.Decode], or another that does less.
type decoder func([]byte) (*lifecycle.Document, error)

func (c *Client) list(ctx context.Context, limit int64, decode decoder, keep func(*lifecycle.Document) any) ([]any, error) {
	var kept []any
	var unusable error
	return read(ctx, c, query{
		operation: lifecycle.GetStatuses, path: "/ami-creation/lifecycles/status", limit: limit,
		stream: func(answer *bounded) { kept, unusable = c.readList(ctx, answer, decode, keep) },
	}, func([]byte) ([]any, error) { return kept, unusable })
}

// readList reads the documents one by one, and has as many at a time decoded as there are processors.
//
// An id of the list may be taken for that of a lost request, and is then handed on to later jobs: an invalid one makes the
// whole list unusable.
func (c *Client) readList(ctx context.Context, answer *bounded, decode decoder, keep func(*lifecycle.Document) any) ([]any, error) {
	type work struct {
		raw  []byte
		kept *any
	}
	arrived := make(chan work, 16)
	var fault atomic.Value // of a keep that panicked: it is the caller's, and goes on there
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() (err error) {
			defer func() {
				if panicked := recover(); panicked != nil {
					fault.Store(fmt.Sprint(panicked))
					err = errors.New("a fault of this command")
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
	begun := answer.left
	err := lifecycle.Split(&paced{answer, &begun}, func(document []byte) error {
		begun = answer.left
		if len(document) > maxOne {
			answer.err = errLargeDocument
			return answer.err
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
	_, _ = io.Copy(io.Discard, answer) // its end says whether it is whole
	kept := make([]any, len(places))
	for i, place := range places {
		kept[i] = *place
	}
	return kept, nil
}

var errLargeDocument = fmt.Errorf("%w: a document in it is larger than %d MB", errTooLarge, maxOne>>20)

// paced reads a list of which no document may have more than maxOne bytes: it has to be in memory as a whole. begun is how
// much of the answer was left when the document before was complete. What is read at once may go on behind a document.
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
