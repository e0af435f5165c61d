package awsapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/org/ami-action/internal/sandbox/store"
)

// condition is what a conditional write of S3 demands of the object that it replaces: that there is none
// (If-None-Match: *), or that it has an ETag (If-Match).
type condition struct{ ifMatch, ifNoneMatch string }

// rejection is the error that a condition which does not hold is answered with.
type rejection struct {
	status        int
	code, message string
}

func conditionOf(header http.Header) condition {
	return condition{ifMatch: header.Get("If-Match"), ifNoneMatch: header.Get("If-None-Match")}
}

func (c condition) isSet() bool { return c != condition{} }

// check returns how S3 refuses the write, or nil. current is nil where there is no object.
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

// unquoted takes an ETag with its quotes or without, as S3 does.
func unquoted(etag string) string { return strings.Trim(etag, `"`) }

// writeObject stores the object if the condition holds, and returns how S3 refuses it otherwise. While one
// conditional write to a key is under way another one, whose condition still holds, is told to come again.
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
