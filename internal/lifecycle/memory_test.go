package lifecycle_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/lifecycle"
)

// The decoded document must be bounded too, not only its bytes: in memory, an empty member takes many times its size.
func TestAHostileDocumentBecomesLittleMoreThanItself(t *testing.T) {
	const size = 4 << 20 // the client's limit for a response
	for name, c := range map[string]struct{ before, item, after string }{
		"results":                   {`{"lifecycle_id": "a", "outputs_ami_creation": {"events": [`, `{},`, `{}]}}`},
		"earlier patches":           {`{"lifecycle_id": "a", "outputs_ami_patch": {"patch_history": {"historical": [`, `{},`, `{}]}}}`},
		"images":                    {`{"lifecycle_id": "a", "outputs_ami_creation": {"events": [{"name": "BUILD_AMI", "properties": {"ami_details": [`, `{},`, `{}]}}]}}`},
		"switches":                  {`{"lifecycle_id": "a", "inputs_ami_creation": {"events": [`, `{},`, `{}]}}`},
		"properties":                {`{"lifecycle_id": "a", "properties": {`, `"%d":0,`, `"a":0}}`},
		"severities":                {`{"lifecycle_id": "a", "outputs_ami_creation": {"events": [{"name": "VULNERABILIY_SCANS_AMI_CREATE", "properties": {"vulnerability_severities": {`, `"%d":0,`, `"a":0}}}]}}`},
		"members that nobody knows": {`{"lifecycle_id": "a", "x": [`, `{},`, `0]}`},
		"lists in lists":            {`{"lifecycle_id": "a", "x": `, `[`, `}`},
	} {
		t.Run(name, func(t *testing.T) {
			document := []byte(c.before)
			name, value, isNumbered := strings.Cut(c.item, "%d")
			for i := 0; len(document) < size; i++ {
				document = append(document, name...)
				if isNumbered {
					document = append(strconv.AppendInt(document, int64(i), 10), value...)
				}
			}
			document = append(document, c.after...)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			decoded, _ := lifecycle.Decode(document)
			runtime.GC()
			runtime.ReadMemStats(&after)
			kept := int64(after.HeapAlloc) - int64(before.HeapAlloc) //nolint:gosec // far below the limit of int64
			assert.Less(t, kept, int64(64<<20))
			t.Logf("%d MB are kept", kept>>20)
			runtime.KeepAlive(document)
			runtime.KeepAlive(decoded)
		})
	}
}
