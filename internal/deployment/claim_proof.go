package deployment

import (
	"context"
	"fmt"

	"github.com/org/ami-action/internal/location"
)

const (
	// proofKey is an object that every run tries to write, and that only the first run writes. It is never read.
	proofKey = location.ClaimPrefix + "conditions.json"
	// noETag has the form of an ETag, but no object has it.
	noETag = `"00000000000000000000000000000000"`
)

// Prove returns nil if the store refuses writes whose conditions do not hold. In a store that ignores conditions every
// writer wins, so claims there mean nothing. That is a permanent error, and so is a role that may write claims but not
// read them, because S3 requires s3:GetObject for If-Match.
//
// Normally this takes one round trip: two small concurrent writes, both of which S3 refuses.
func (s *ClaimStore) Prove(ctx context.Context) error {
	content := []byte(`{"comment": "ami-action tries to overwrite this object, to see that S3 refuses conditional writes"}`)
	type response struct {
		won bool
		err error
	}
	replaced := make(chan response, 1)
	replace := func() {
		_, won, err := s.Replace(ctx, proofKey, noETag, content)
		replaced <- response{won, err}
	}
	go replace()
	_, created, err := s.Create(ctx, proofKey, content)
	if err == nil && created { // the first run of this deployment
		_, created, err = s.Create(ctx, proofKey, content)
	}
	second := <-replaced
	if err != nil {
		return err
	}
	if isDenied(second.err) {
		// Without the permission to list the bucket, S3 returns 403 for an object that does not exist. It exists now.
		replace()
		second = <-replaced
	}
	if second.err != nil {
		return second.err
	}
	for condition, ignored := range map[string]bool{"If-None-Match": created, "If-Match": second.won} {
		if ignored {
			return &ClaimError{permanent: true, failure: &Error{
				Subject: "claims in S3", Reason: fmt.Sprintf("the store ignores %s, so several runs can get the same claim", condition),
				Hint: "use Amazon S3, or an emulator that supports conditional writes",
			}}
		}
	}
	return nil
}
