package insight_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
)

func TestAnEventIsAskedAboutOnceAMinuteAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := running()
		w := insight.New(insight.Options{AWS: fake.config})
		event := build()
		for range 19 {
			assert.True(t, w.Look(t.Context(), event).SeenAt.IsZero())
			time.Sleep(time.Second)
		}
		assert.Zero(t, fake.count(""), "an event that has just begun needs no look")
		time.Sleep(time.Second)
		report := w.Look(t.Context(), event)
		assert.Equal(t, "RUNNING", report.Execution.Status)
		assert.Equal(t, "Poll AMI status", report.State.Name)
		assert.Equal(t, "BUILDING", report.Image.Status)
		assert.Equal(t, "/aws/imagebuilder/Base", report.Image.LogGroup)
		assert.Equal(t, 5, fake.count(""))
		assert.Zero(t, fake.count("GetLogEvents"))
		for range 59 {
			time.Sleep(time.Second)
			assert.Equal(t, report, w.Look(t.Context(), event))
		}
		assert.Equal(t, 5, fake.count(""))
		time.Sleep(time.Second)
		assert.True(t, w.Look(t.Context(), event).SeenAt.After(report.SeenAt))
		assert.Equal(t, 10, fake.count(""))

		event.ExecutionARN += "0"
		assert.Nil(t, w.Latest(event).Image, "another execution is another event")
		time.Sleep(59 * time.Second)
		assert.True(t, w.Look(t.Context(), event).SeenAt.IsZero())
		time.Sleep(time.Second)
		assert.False(t, w.Look(t.Context(), event).SeenAt.IsZero())
	})
}

func TestAnOldEventIsLookedAtAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, started := range map[string]time.Time{
			"begun an hour ago": time.Now().Add(-time.Hour), "begun at an unknown time": {},
		} {
			fake := running()
			event := build()
			event.Started = started
			assert.False(t, insight.New(insight.Options{AWS: fake.config}).Look(t.Context(), event).SeenAt.IsZero(), name)
		}
		event := build()
		event.Started = time.Now().Add(time.Hour) // the clock of this machine is slow
		due, ok := insight.New(insight.Options{AWS: running().config}).Due(event)
		assert.True(t, ok)
		assert.Equal(t, time.Now().Add(20*time.Second), due)
		event.ExecutionARN = "arn:aws:states:x"
		_, ok = insight.New(insight.Options{AWS: running().config}).Due(event)
		assert.False(t, ok, "there is nothing to ask about")
	})
}

func TestWatchLooksBesideTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := running()
		ctx, cancel := context.WithCancel(t.Context())
		w := insight.New(insight.Options{AWS: fake.config})
		reports := w.Watch(ctx, build())
		assert.Nil(t, (<-reports).Final)
		fake.set("GetImage", 200, image("FAILED", "no"))
		time.Sleep(10 * time.Minute) // no report is received
		report := <-reports
		require.NotNil(t, report.Final)
		assert.Equal(t, "no", report.Final.Reason)
		assert.Less(t, time.Since(report.SeenAt), 2*time.Minute)
		cancel()
		synctest.Wait()
		for range reports { //nolint:revive // until the channel is closed
		}
	})
}

func TestAnExecutionThatEndedIsBelievedAfterAGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := running()
		event := build()
		stopped := time.Now().Add(20 * time.Second)
		fake.set("DescribeExecution", 200, described("ABORTED", `, "cause": "a person", "stopDate": `+encode(stopped.Unix())))
		time.Sleep(20 * time.Second)
		w := insight.New(insight.Options{AWS: fake.config})
		final := w.Look(t.Context(), event).Final
		require.NotNil(t, final)
		assert.Equal(t, "a person", final.Reason)
		assert.False(t, final.Holds(time.Now()))
		assert.False(t, final.Holds(time.Now().Add(119*time.Second)))
		assert.True(t, final.Holds(time.Now().Add(2*time.Minute)))
		time.Sleep(time.Minute)
		assert.Equal(t, final.HoldsFrom, w.Look(t.Context(), event).Final.HoldsFrom, "a later look does not put it off")
	})
}

func TestWhatLastsIsWarnedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := running()
		pending := history("Poll Inspector status", `{"scan_status_code": "INACTIVE", "scan_status_reason": "PENDING_INITIAL_SCAN"}`)
		fake.set("GetExecutionHistory", 200, pending)
		w := insight.New(insight.Options{AWS: fake.config})
		event := build()
		event.Name, event.Started = lifecycle.VulnerabilityScansCreate, time.Time{}
		first := time.Now()
		for range 21 {
			passing := w.Look(t.Context(), event).Blocking
			require.Len(t, passing, 1)
			assert.Equal(t, first, passing[0].Since)
			assert.False(t, passing[0].Warn)
			time.Sleep(time.Minute)
		}
		assert.True(t, w.Look(t.Context(), event).Blocking[0].Warn)
		fake.set("GetExecutionHistory", 200, history("Poll Inspector status", `{"scan_status_code": "ACTIVE", "scan_status_reason": "SUCCESSFUL"}`))
		time.Sleep(time.Minute)
		assert.Empty(t, w.Look(t.Context(), event).Blocking)
		fake.set("GetExecutionHistory", 200, pending)
		time.Sleep(time.Minute)
		assert.False(t, w.Look(t.Context(), event).Blocking[0].Warn, "it is there anew")
	})
}

func TestEachMissingPermissionIsNamedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := running()
		denied := `{"__type": "AccessDeniedException", "message": "CANARY is not authorized"}`
		fake.set("DescribeExecution", 400, denied)
		w := insight.New(insight.Options{AWS: fake.config})
		event := build()
		event.Started = time.Time{}
		report := w.Look(t.Context(), event)
		require.Len(t, report.Notes, 1)
		assert.Contains(t, report.Notes[0], "states:DescribeExecution (whether the execution still runs)")
		assert.NotContains(t, report.Notes[0], "CANARY")
		assert.Equal(t, "BUILDING", report.Image.Status, "the rest is seen all the same")

		fake.set("ListWorkflowStepExecutions", 403, denied)
		for range 60 {
			time.Sleep(time.Minute)
			report = w.Look(t.Context(), event)
		}
		assert.Len(t, report.Notes, 2)
		assert.LessOrEqual(t, fake.count("DescribeExecution"), 7, "a denied call is not repeated each minute")

		fake.set("DescribeExecution", 200, described("RUNNING", ""))
		time.Sleep(10 * time.Minute)
		assert.Equal(t, "RUNNING", w.Look(t.Context(), event).Execution.Status, "a permission may be given meanwhile")
	})
}

func TestExpiredCredentialsEndTheLooksWithOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := running()
		w := insight.New(insight.Options{AWS: fake.config})
		event := build()
		event.Started = time.Time{}
		seen := w.Look(t.Context(), event)
		for _, operation := range []string{"DescribeExecution", "GetExecutionHistory", "GetImage"} {
			fake.set(operation, 400, `{"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}`)
		}
		time.Sleep(time.Minute)
		report := w.Look(t.Context(), event)
		assert.True(t, report.Ended)
		assert.Equal(t, []string{"The AWS credentials have expired: from now on only the status document shows the progress"}, report.Notes)
		assert.Equal(t, seen.Image, report.Image, "what was seen stays")
		calls := fake.count("")
		assert.Equal(t, 6, calls, "nothing is asked after the first refusal")
		time.Sleep(time.Hour)
		assert.Equal(t, report, w.Look(t.Context(), event))
		assert.Empty(t, w.BuildLog(t.Context(), event))
		_, open := <-w.Watch(t.Context(), event)
		assert.False(t, open)
		assert.Equal(t, calls, fake.count(""))
	})
}

func TestALookThatSeesNothingChangesNothing(t *testing.T) {
	failures := map[string]struct {
		change func(*fakeAWS)
		aws    func(context.Context) (aws.Config, error)
		notes  int
	}{
		"throttled":      {func(f *fakeAWS) { setAll(f, 400, `{"__type": "ThrottlingException"}`) }, nil, 0},
		"an error of it": {func(f *fakeAWS) { setAll(f, 500, `{"__type": "InternalFailure"}`) }, nil, 1},
		"not JSON":       {func(f *fakeAWS) { setAll(f, 200, `<html>`) }, nil, 1},
		"another account": {func(f *fakeAWS) {
			setAll(f, 400, `{"__type": "ExecutionDoesNotExist"}`)
		}, nil, 1},
		"no credentials": {func(*fakeAWS) {}, func(context.Context) (aws.Config, error) { return aws.Config{}, errors.New("none") }, 1},
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := running()
				config := fake.config
				w := insight.New(insight.Options{AWS: func(ctx context.Context) (aws.Config, error) { return config(ctx) }})
				event := build()
				event.Started = time.Time{}
				seen := w.Look(t.Context(), event)
				failure.change(fake)
				if failure.aws != nil {
					config = failure.aws
				}
				for range 10 {
					time.Sleep(time.Minute)
					report := w.Look(t.Context(), event)
					assert.False(t, report.Ended)
					notes := report.Notes
					report.Notes = seen.Notes
					assert.Equal(t, seen, report)
					assert.LessOrEqual(t, len(notes), failure.notes, "%s", notes)
				}
				assert.Len(t, w.Latest(event).Notes, failure.notes)
			})
		})
	}
}

func setAll(f *fakeAWS, status int, body string) {
	for _, operation := range []string{
		"DescribeExecution", "GetExecutionHistory", "GetImage", "ListWorkflowExecutions", "ListWorkflowStepExecutions", "GetLogEvents",
	} {
		f.set(operation, status, body)
	}
}

func TestALookEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context) (aws.Config, error) {
			<-ctx.Done()
			return aws.Config{}, ctx.Err()
		}
		w := insight.New(insight.Options{AWS: slow, Timeout: 5 * time.Second})
		event := build()
		event.Started = time.Time{}
		began := time.Now()
		go w.Look(t.Context(), event)
		synctest.Wait()
		w.Look(t.Context(), event)
		assert.Zero(t, time.Since(began), "nobody waits for the look of another")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		due, ok := w.Due(event)
		assert.True(t, ok)
		assert.Equal(t, began.Add(time.Minute), due)
	})
}
