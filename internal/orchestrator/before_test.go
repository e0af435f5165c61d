package orchestrator_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/orchestrator"
)

func TestAWriteAsksBeforeEachAttempt(t *testing.T) {
	notAnyMore := errors.New("not any more")
	for name, test := range map[string]struct {
		allowed, sent int
		ends          string
	}{
		"never allowed":               {0, 0, notAnyMore.Error()},
		"allowed once":                {1, 1, notAnyMore.Error()},
		"allowed as often as it asks": {9, 2, done},
	} {
		t.Run(name, func(t *testing.T) {
			responses := 0
			server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if responses++; responses == 1 {
					responding(http.StatusTooManyRequests, `{"message": "Too Many Requests"}`)(w, r)
					return
				}
				responding(http.StatusOK, taken)(w, r)
			})
			asked := 0
			ctx := orchestrator.BeforeSending(t.Context(), func(context.Context) error {
				if asked++; asked > test.allowed {
					return notAnyMore
				}
				return nil
			})

			_, err := clientOf(&fixedDeployment{url: server.URL}).Send(ctx, createRequest())

			assert.Equal(t, test.ends, outcomeOf(err))
			require.Len(t, seen.all(), test.sent)
		})
	}
}
