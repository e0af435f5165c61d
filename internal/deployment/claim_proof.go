package deployment

import (
	"context"
	"fmt"

	"github.com/org/ami-action/internal/location"
)

const (
	// proofKey is an object that every run tries to write and that the first one has written: nobody reads it.
	proofKey = location.ClaimPrefix + "conditions.json"
	// noETag has the form of an ETag, and no object has it.
	noETag = `"00000000000000000000000000000000"`
)

// Prove returns nil once the store has refused writes whose conditions did not hold. One that ignores conditions lets
// every writer win, so that its claims mean nothing. So do those of a role that may write claims but not read them:
// S3 demands s3:GetObject for If-Match. Both are permanent errors.
//
// As a rule it takes one round trip: two small writes at the same time, and S3 carries out neither.
func (s *ClaimStore) Prove(ctx context.Context) error {
	content := []byte(`{"comment": "ami-action tries to overwrite this object, to see that S3 refuses conditional writes"}`)
	type answer struct {
		won bool
		err error
	}
	replaced := make(chan answer, 1)
	replace := func() {
		_, won, err := s.Replace(ctx, proofKey, noETag, content)
		replaced <- answer{won, err}
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
		// Who may not list the bucket is denied what is not there. It is there now.
		replace()
		second = <-replaced
	}
	if second.err != nil {
		return second.err
	}
	for condition, ignored := range map[string]bool{"If-None-Match": created, "If-Match": second.won} {
		if ignored {
			return &ClaimError{permanent: true, failure: &Error{
				Looked: "claims in S3", Reason: fmt.Sprintf("the store ignores %s, so that every run wins every claim", condition),
				Hint: "use Amazon S3, or an emulator that knows conditional writes",
			}}
		}
	}
	return nil
}
