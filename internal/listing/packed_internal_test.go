package listing

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsPackedIsUnpackedAsItWas(t *testing.T) {
	var documents [][]byte
	for i := range 50 {
		documents = append(documents, fmt.Appendf(nil, `{"lifecycle_id": "lifecycle-%d", "owner": "%s"}`, i, strings.Repeat("ada", i*i)))
	}
	for name, first := range map[string]string{"like the others": string(documents[9]), "too short to be like anything": "{}", "large": strings.Repeat("x", 1<<20)} {
		t.Run(name, func(t *testing.T) {
			var p packer
			assert.Equal(t, first, unpacked(t, &p, p.pack([]byte(first))))
			var group sync.WaitGroup
			for _, document := range documents {
				group.Go(func() { assert.Equal(t, string(document), unpacked(t, &p, p.pack(document))) })
			}
			group.Wait()
		})
	}
	var p packer
	_, err := p.unpack(nil, packed("\xff\xff\xff\xff\xff\xff"))
	require.Error(t, err)
}

func unpacked(t *testing.T, p *packer, document packed) string {
	t.Helper()
	raw, err := p.unpack(make([]byte, 100), document)
	assert.NoError(t, err)
	return string(raw)
}

func TestPackedDocumentsOfAListTakeAQuarter(t *testing.T) {
	var p packer
	size, taken := 0, 0
	for i := range 100 {
		var document strings.Builder
		for k := range 100 {
			fmt.Fprintf(&document, `, "COMMIT_%d": "%040x"`, k, i*7919+k*104729)
		}
		size, taken = size+document.Len(), taken+len(p.pack([]byte(document.String())))
	}
	assert.Less(t, taken, size/4)
}
