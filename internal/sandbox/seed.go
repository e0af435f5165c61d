package sandbox

import (
	"context"
	"fmt"
	"net/http"

	"github.com/org/ami-action/internal/sandbox/engine"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// Seeding configures [Server.Seed]: how many lifecycles it makes, and the least size of each document in bytes.
type Seeding = engine.Seeding

const (
	// maxSeeded and maxSeededBytes limit Count and Bytes, so that a mistake does not fill the disk.
	maxSeeded, maxSeededBytes = 100_000, 100_000
	// seedBatch is how many lifecycles one transaction stores.
	seedBatch = 500
)

// Seed makes many lifecycles in all stages of a creation, for tests and measurements, much faster than requests
// can. It returns their ids; with an error, the ids of the lifecycles stored before it.
func (s *Server) Seed(ctx context.Context, seeding Seeding) ([]string, error) {
	if seeding.Count < 1 || seeding.Count > maxSeeded || seeding.Bytes < 0 || seeding.Bytes > maxSeededBytes {
		return nil, fmt.Errorf("%w: count must be from 1 to %d, and bytes from 0 to %d", errInvalid, maxSeeded, maxSeededBytes)
	}
	var ids []string
	for len(ids) < seeding.Count {
		batch := seeding
		batch.Count = min(seedBatch, seeding.Count-len(ids))
		var made []string
		err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
			made, err = s.engine.Seed(tx, batch)
			return err
		})
		if err != nil {
			return ids, err
		}
		ids = append(ids, made...)
	}
	return ids, nil
}

func (s *Server) seed(r *http.Request, body []byte) (any, error) {
	var request struct {
		Count    int    `json:"count"`
		Bytes    int    `json:"bytes"`
		StackTag string `json:"stack_tag"`
	}
	if err := decode(body, &request); err != nil {
		return nil, err
	}
	ids, err := s.Seed(r.Context(), Seeding{Count: request.Count, Bytes: request.Bytes, StackTag: request.StackTag})
	return python.Dict{"lifecycle_ids": ids}, err
}
