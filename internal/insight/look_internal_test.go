package insight

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/awslimit"
)

// A state machine passes at most 256 KB from one state to the next. The events of a history hold it as a text of JSON,
// in which each quote is escaped.
func TestAPageOfTheLargestEventsOfAHistoryIsNotTooLarge(t *testing.T) {
	output := "{" + strings.Repeat(`"vulnerability": "CVE-2026-0001", `, 256<<10/35) + `"last": true}`
	text, err := json.Marshal(output)
	require.NoError(t, err)
	event := fmt.Sprintf(`{"id": 12345, "previousEventId": 12344, "timestamp": 1767225600.123, "type": "TaskStateExited",
		"stateExitedEventDetails": {"name": %q, "output": %s, "outputDetails": {"truncated": false}}}`, strings.Repeat("n", 80), text)
	assert.Less(t, historyPage*len(event), awslimit.Largest)
}
