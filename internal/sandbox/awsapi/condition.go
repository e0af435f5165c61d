package awsapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/org/ami-action/internal/sandbox/store"
)

// condition is the condition of a conditional write to S3: that the object does not exist (If-None-Match: *), or that
// it has this ETag (If-Match).
type condition struct{ ifMatch, ifNoneMatch string }

// rejection is the error with which S3 refuses a conditional write.
type rejection struct {
	status        int
	code, message string
}

func conditionOf(header http.Header) condition {
	return condition{ifMatch: header.Get("If-Match"), ifNoneMatch: header.Get("If-None-Match")}
}

func (c condition) isSet() bool { return c != condition{} }

// check returns how S3 refuses the write, or nil if it does not. current is nil if there is no object.
func (c condition) check(current *store.Object) *rejection {
	failed := &rejection{http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"}
	switch {
	case c.ifNoneMatch != "" && c.ifNoneMatch != "*", c.ifMatch == "*", c.ifMatch != "" && c.ifNoneMatch != "":
		return &rejection{http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented"}
	case c.ifNoneMatch != "" && current != nil:
		return failed
	case c.ifMatch != "" && current == nil:
		return &rejection{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."}
	case c.ifMatch != "" && unquoted(c.ifMatch) != unquoted(current.ETag):
		return failed
	}
	return nil
}

// unquoted returns an ETag without quotes. S3 accepts it in both forms.
func unquoted(etag string) string { return strings.Trim(etag, `"`) }

// writeObject stores the object if the condition holds, and returns how S3 refuses the write otherwise. While one
// conditional write to a key is in progress, a second one whose condition still holds gets 409, as from S3, and can be
// sent again.
func (h *Handler) writeObject(ctx context.Context, call Call, condition condition, object *store.Object) (refused *rejection, err error) {
	if condition.isSet() {
		err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
			refused, err = condition.checkIn(tx, call)
			return err
		})
		if err != nil || refused != nil {
			return refused, err
		}
		if _, racing := h.conditional.LoadOrStore(call.key, true); racing {
			return &rejection{
				http.StatusConflict, "ConditionalRequestConflict",
				"The conditional request cannot succeed due to a conflicting operation against this resource.",
			}, nil
		}
		defer h.conditional.Delete(call.key)
	}
	err = h.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if refused, err = condition.checkIn(tx, call); err != nil || refused != nil {
			return err
		}
		return tx.PutObject(call.bucket, call.key, object)
	})
	return refused, err
}

func (c condition) checkIn(tx *store.Tx, call Call) (*rejection, error) {
	current, err := tx.Object(call.bucket, call.key)
	if err != nil {
		return nil, err
	}
	return c.check(current), nil
}
