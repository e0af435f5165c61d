package pattern_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/pattern"
)

func TestAStarStandsForAnyText(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "anything", true}, {"web", "web", true}, {"web", "Web", false}, {"web", "web server", false},
		{"web*", "web", true}, {"web*", "web server", true}, {"*server", "web server", true}, {"*server", "servers", false},
		{"w*b*r", "web server", true}, {"a*a", "a", false}, {"*b*", "abc", true}, {"*", "", true}, {"**", "x", true}, {"a*b*c", "acb", false},
	} {
		assert.Equal(t, c.want, pattern.Wildcard(c.pattern, c.text), "%q %q", c.pattern, c.text)
	}
}
