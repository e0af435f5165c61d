package listing

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/redact"
)

func TestTheDocumentsOfAListAreWrittenRedactedInTheirOrder(t *testing.T) {
	for _, n := range []int{0, 1, atOnce, 3*atOnce + 5} {
		l := &Listing{packer: &packer{}, redactor: redact.New()}
		for i := range n {
			document := fmt.Sprintf(`{"n": %d, "api_key": "CANARYCANARYCANARY%06d"}`, i, i)
			l.redactor.Learn([]byte(document))
			l.documents = append(l.documents, l.packer.pack([]byte(document)))
		}
		var out strings.Builder
		require.NoError(t, l.WriteJSON(&out))
		assert.NotContains(t, out.String(), "CANARY")
		var whole struct{ Lifecycles []struct{ N int } }
		require.NoError(t, json.Unmarshal([]byte(out.String()), &whole), out.String())
		require.Len(t, whole.Lifecycles, n)
		for i, one := range whole.Lifecycles {
			assert.Equal(t, i, one.N)
		}
	}
}

func TestABugWhileADocumentIsFormattedIsAnError(t *testing.T) {
	l := &Listing{packer: &packer{}} // without a redactor
	l.documents = append(l.documents, l.packer.pack([]byte(`{"a": 1}`)))
	err := l.WriteJSON(&strings.Builder{})
	assert.Equal(t, outcome.Internal, outcome.Of(err).Kind)
	assert.Contains(t, err.Error(), "a document of the list cannot be formatted")
}
