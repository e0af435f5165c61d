package unseen_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/unseen"
)

func TestTrimTakesWhatNobodySeesFromTheEndsOnly(t *testing.T) {
	assert.Equal(t, "a b", unseen.Trim("\ufeff\u200b a b\r\n\u00ad"))
	assert.Equal(t, "a\u200bb", unseen.Trim("a\u200bb"))
	assert.Empty(t, unseen.Trim(" \u2060\n"))
	assert.Equal(t, "\u200d", unseen.Trim("\u200d"), "a joiner")
}
