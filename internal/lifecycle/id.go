package lifecycle

import "github.com/org/ami-action/internal/pattern"

var id = pattern.Lazy(`^[0-9A-Za-z][0-9A-Za-z._-]*$`)

// IsID reports whether text can be the id of a lifecycle. The orchestrator draws a UUID; another deployment may
// draw another text of 8 to 128 letters, digits and ._- that starts with a letter or digit. An id becomes part
// of a URL's path and of an S3 key, and must not lead elsewhere in either; a shorter word in an answer ("null",
// "unknown") is not an id.
func IsID(text string) bool { return len(text) >= 8 && len(text) <= 128 && id().MatchString(text) }

// MaxDocumentBytes is the size of a lifecycle's document beyond which a write is stored and refused, while its
// event runs (docs/wire-contract.md, "Refused, and done all the same"). What is stored already counts: the
// properties of all operations add up.
const MaxDocumentBytes = 256 << 10
