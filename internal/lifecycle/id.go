package lifecycle

import "github.com/org/ami-action/internal/pattern"

var id = pattern.Lazy(`^[0-9A-Za-z][0-9A-Za-z._-]*$`)

// IsID reports whether text can be the id of a lifecycle: 8 to 128 letters, digits and ._- that start with a letter or
// a digit. The orchestrator creates UUIDs, but other deployments may differ. An id becomes part of a URL path and of
// an S3 key, so it must not be able to change the path or the key. The least length excludes words such as "null" and
// "unknown".
func IsID(text string) bool { return len(text) >= 8 && len(text) <= 128 && id().MatchString(text) }

// MaxDocumentBytes is the largest size of a lifecycle's document. For a write beyond it, the server returns an error,
// but stores it and runs its event (docs/wire-contract.md, "Refused, and done all the same"). The whole document
// counts: the properties of all operations add up.
const MaxDocumentBytes = 256 << 10
