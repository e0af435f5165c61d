package phrase_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/phrase"
)

func TestWordsAreListedAsASentenceListsThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		words   []string
		or, and string
	}{
		{nil, "", ""},
		{[]string{"A"}, "A", "A"},
		{[]string{"A", "B"}, "A or B", "A and B"},
		{[]string{"A", "B", "C"}, "A, B or C", "A, B and C"},
	} {
		assert.Equal(t, test.or, phrase.Or(test.words))
		assert.Equal(t, test.and, phrase.And(test.words))
	}
}
