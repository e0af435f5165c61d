package action_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

func TestAFaultOfTheCommandNeverSaysThatNothingWasSent(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*server)
		kind    outcome.Kind
		code    int
		resumes bool
	}{
		{"before anything was sent", func(s *server) { s.broken = func(string) error { panic("boom") } }, outcome.Internal, exitcode.Failed, false},
		{"while the request goes out", func(s *server) { s.lose = func(string) (bool, bool) { panic("boom") } }, outcome.Unknown, exitcode.Unknown, false},
		{"during the wait", func(s *server) {
			s.broken = func(method string) error {
				if len(s.sent) > 0 && method == "status" {
					panic("boom")
				}
				return nil
			}
		}, outcome.Unknown, exitcode.Unknown, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				c.prepare(w.server)
				j := &job{identity: "job", attempt: 2} // it looks at the list first
				failure := outcome.Of(w.run(t.Context(), j, create("AMI_BUILD_ONLY")))
				require.NotNil(t, failure)
				assert.Equal(t, c.kind, failure.Kind)
				assert.Equal(t, c.code, outcome.ExitCode(failure))
				assert.Contains(t, failure.Error(), "boom")
				assert.Equal(t, c.resumes, failure.Resume != "", failure.Resume)
				assert.Equal(t, outcome.Status(failure), j.outputs["status"], "later jobs hear of it")
				assert.Len(t, j.annotations, 1)
			})
		})
	}
	in(t, func(t *testing.T, w *world) {
		w.server.broken = func(string) error { panic("boom") }
		failure := outcome.Of(w.run(t.Context(), &job{}, on("00000001-fa7e-473e-a2ba-734ccfe1d0d7", lifecycle.GetStatus)))
		assert.Equal(t, outcome.Internal, failure.Kind, "a query sends nothing that could be under way")
	})
}
