package awsapi

import (
	"net/http"
	"strings"

	"github.com/org/ami-action/internal/sandbox/store"
)

// condition is what a conditional write of S3 demands of the object that it replaces: that there is none
// (If-None-Match: *), or that it has an ETag (If-Match).
type condition struct{ ifMatch, ifNoneMatch string }

// refusal is the error that a condition which does not hold is answered with.
type refusal struct {
	status        int
	code, message string
}

func conditionOf(header http.Header) condition {
	return condition{ifMatch: header.Get("If-Match"), ifNoneMatch: header.Get("If-None-Match")}
}

func (c condition) isSet() bool { return c != condition{} }

// check returns how S3 refuses the write, or nil. current is nil where there is no object.
func (c condition) check(current *store.Object) *refusal {
	failed := &refusal{http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"}
	switch {
	case c.ifNoneMatch != "" && c.ifNoneMatch != "*", c.ifMatch == "*", c.ifMatch != "" && c.ifNoneMatch != "":
		return &refusal{http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented"}
	case c.ifNoneMatch != "" && current != nil:
		return failed
	case c.ifMatch != "" && current == nil:
		return &refusal{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."}
	case c.ifMatch != "" && unquoted(c.ifMatch) != unquoted(current.ETag):
		return failed
	}
	return nil
}

// unquoted takes an ETag with its quotes or without, as S3 does.
func unquoted(etag string) string { return strings.Trim(etag, `"`) }
