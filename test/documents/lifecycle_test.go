package documents_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

// TestTheDiagramShowsTheOrderOfTheEvents compares the two chains of events in the diagram with the order in the code.
func TestTheDiagramShowsTheOrderOfTheEvents(t *testing.T) {
	t.Parallel()
	var chains [][]string
	for _, b := range blocks(t, "docs/lifecycle.md") {
		for line := range strings.SplitSeq(b.text, "\n") {
			var chain []string
			for node := range strings.SplitSeq(line, " --> ") {
				_, label, labelled := strings.Cut(strings.TrimSuffix(node, "]"), "[")
				if !labelled {
					label = strings.TrimSpace(node)
				}
				chain = append(chain, label)
			}
			if len(chain) > 1 && !strings.Contains(line, "AMI_PATCH\"") {
				chains = append(chains, chain)
			}
		}
	}
	require.Len(t, chains, 2)
	for i, phase := range []lifecycle.Phase{lifecycle.Creation, lifecycle.Patching} {
		var order []string
		for _, event := range phase.Order() {
			order = append(order, event.String())
		}
		assert.Equal(t, order, chains[i])
	}
}
