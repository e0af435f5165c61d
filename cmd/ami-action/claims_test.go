package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// TestARepeatedCreateMakesOneImageAmongFiveHundred runs a create twice in a deployment whose list of lifecycles is cut:
// as a retry or a re-run, and inside one attempt, with texts that change meanwhile.
func TestARepeatedCreateMakesOneImageAmongFiveHundred(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"github", "gitlab"} {
		for name, attempt := range map[string]int{"another attempt": 2, "the same attempt": 1} {
			t.Run(place+", "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.place = place
				_, err := w.server.Seed(t.Context(), sandbox.Seeding{Count: 500, Bytes: 6000})
				require.NoError(t, err)
				first := w.run(t.Context(), append(w.createArgs(), "--properties", "BUILT_AT::09:00", "--wait=false")...)
				require.Zero(t, first.code, first.stderr)
				w.attempt = attempt
				second := w.run(t.Context(), append(w.createArgs(), "--properties", "BUILT_AT::10:00", "--owner", "another")...)
				require.Zero(t, second.code, second.stderr)
				assert.Equal(t, strings.TrimSpace(first.stdout), strings.TrimSpace(second.stdout))
				assert.Equal(t, 1, w.writes())
			})
		}
	}
}

// TestAReRunNeedsNoListThatAnswers500 repeats a create where one event anywhere has timed out, so that the list of
// all lifecycles answers 500 for everybody.
func TestAReRunNeedsNoListThatAnswers500(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"github", "gitlab"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.place = place
			w.post("faults", on(listRoute, `"status": 500, "times": -1, "body": "{\"error\": \"boom\"}"`))
			first := w.run(t.Context(), w.createArgs()...)
			require.Zero(t, first.code, first.stderr)
			w.attempt = 2
			second := w.run(t.Context(), w.createArgs()...)
			require.Zero(t, second.code, second.stderr)
			assert.Equal(t, first.stdout, second.stdout)
			assert.Equal(t, 1, w.writes())
		})
	}
}
