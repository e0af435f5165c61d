package exitcode_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/exitcode"
)

func TestEachExitCodeIsDescribedOnceInAscendingOrder(t *testing.T) {
	var codes []string
	for _, entry := range exitcode.Entries() {
		codes = append(codes, entry.Code)
		assert.NotEmpty(t, entry.Name)
		assert.True(t, strings.HasSuffix(entry.Meaning, "."), entry.Meaning)
	}
	assert.Equal(t, []string{"0", "1", "2", "3", "4", "5", "6", "129, 130, 143"}, codes)
	assert.Equal(t, 143, exitcode.OfSignal(syscall.SIGTERM))
}
