package action_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

// eye is an insight that reports what a test sets, once a minute.
type eye struct {
	// failed is the time from which an event can never complete. Events that are not in the map succeed.
	failed map[lifecycle.Event]time.Time
	looks  int
}

func (e *eye) Look(context.Context, insight.Event) insight.Report {
	panic("Latest and Watch are what a wait uses")
}

func (e *eye) Latest(event insight.Event) insight.Report {
	report := insight.Report{
		Event: event, State: insight.State{Name: "Poll AMI status", Number: 2, Total: 4},
		Steps: []insight.Step{{Name: "ApplyBuildComponents", Status: "RUNNING"}},
		Notes: []string{"Without logs:GetLogEvents nobody sees the build's log."},
	}
	if since, ok := e.failed[event.Name]; ok && !time.Now().Before(since) {
		report.Final = &insight.Failure{
			Kind: insight.ImageFailed, Status: "FAILED", What: "the image demo 1.0.0/1 is FAILED", Reason: "a component failed.",
			WorkflowStep: &insight.Step{Name: "ApplyBuildComponents"}, Component: &insight.ComponentFailure{Phase: "build", Step: "Install", ExitCode: 1},
			Hint: "fix what the log shows",
		}
		report.Log = []string{"CmdExecution: Stderr: no such package", "CmdExecution: ExitCode 1"}
		report.Links.Image = "https://eu-central-1.console.aws.amazon.com/imagebuilder/home"
	}
	return report
}

func (e *eye) Watch(ctx context.Context, event insight.Event) <-chan insight.Report {
	reports := make(chan insight.Report)
	go func() {
		defer close(reports)
		for {
			e.looks++
			select {
			case reports <- e.Latest(event):
			case <-ctx.Done():
				return
			}
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
				return
			}
		}
	}()
	return reports
}

func (e *eye) BuildLog(context.Context, insight.Event) insight.LogChunk {
	return insight.LogChunk{Lines: []string{"a line of the log"}, Omitted: 3}
}

// once is an eye for operations that call Look, which look only once.
type once struct{ *eye }

func (o once) Look(_ context.Context, event insight.Event) insight.Report { return o.Latest(event) }

func TestAWaitEndsWithinMinutesOfABuildThatFailedInSilence(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.server.hangs[lifecycle.BuildAMI] = true
		begun := time.Now()
		w.insight = &eye{failed: map[lifecycle.Event]time.Time{lifecycle.BuildAMI: begun.Add(20 * time.Minute)}}
		j := &job{}
		failure := outcome.Of(w.run(t.Context(), j, create("SMOKE_TESTS")))
		require.NotNil(t, failure)
		assert.Equal(t, outcome.EventFailed, failure.Kind)
		assert.LessOrEqual(t, time.Since(begun), 21*time.Minute, "as soon as a look has seen it")
		assert.Contains(t, failure.Error(), "BUILD_AMI ended in an error: the image demo 1.0.0/1 is FAILED (ApplyBuildComponents, phase build, "+
			"step Install, exit code 1): a component failed; the orchestrator continues to show BUILD_AMI as in progress until ")
		assert.Equal(t, "fix what the log shows", failure.Hint)
		assert.Equal(t, "ERROR", j.outputs["status"])
		assert.Contains(t, j.stderr.String(), "no such package")
		assert.Contains(t, j.stderr.String(), "BUILD_AMI: Poll AMI status (2 of 4), ApplyBuildComponents.")
		assert.Contains(t, j.summary, "no such package")
		assert.Contains(t, j.summary, "https://eu-central-1.console.aws.amazon.com/imagebuilder/home")
	})
}

func TestWhatIsSeenBehindAnEventIsSaidOnceAndChangesNothing(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		seen := &eye{}
		w.insight = seen
		j := &job{}
		s := create("AMI_BUILD_ONLY")
		s.BuildLog = true
		require.NoError(t, w.run(t.Context(), j, s))
		assert.Equal(t, 1, countOf(j.stderr.String(), "nobody sees the build's log"))
		assert.Equal(t, 1, countOf(j.stderr.String(), "Poll AMI status"))
		assert.Contains(t, j.stderr.String(), "  | a line of the log")
		assert.LessOrEqual(t, seen.looks, 21, "each minute at most")
	})
}

func TestAPatchIsAllowedOverAPatchThatIsDead(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.approved()
		w.server.hangs[lifecycle.PatchAMI] = true
		s := w.patch(id, "AMI_PATCH_ONLY")
		s.Wait = false
		require.NoError(t, w.run(t.Context(), &job{}, s))
		time.Sleep(time.Hour) // in virtual time

		failure := outcome.Of(w.run(t.Context(), &job{}, w.patch(id, "AMI_PATCH_ONLY")))
		require.NotNil(t, failure)
		assert.Contains(t, failure.Error(), "PATCH_AMI is in progress", "nobody looked behind it")

		w.insight = once{&eye{failed: map[lifecycle.Event]time.Time{lifecycle.PatchAMI: time.Now()}}}
		j := &job{}
		s = w.patch(id, "AMI_PATCH_ONLY")
		s.Wait = false
		require.NoError(t, w.run(t.Context(), j, s))
		assert.Equal(t, 2, w.server.count("patch"))
		assert.Contains(t, j.stderr.String(), "PATCH_AMI is shown as in progress, but can never complete")
	})
}

func TestTheStatusOfALifecycleThatIsStuckSaysSo(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.server.hangs[lifecycle.BuildAMI] = true
		j := &job{}
		s := create("AMI_BUILD_ONLY")
		s.Wait = false
		require.NoError(t, w.run(t.Context(), j, s))
		w.insight = once{&eye{failed: map[lifecycle.Event]time.Time{lifecycle.BuildAMI: time.Now()}}}
		shown := &job{}
		require.NoError(t, w.run(t.Context(), shown, on(j.outputs["lifecycle_id"], lifecycle.GetStatus)))
		assert.Contains(t, shown.stdout.String(), "the image demo 1.0.0/1 is FAILED")
		assert.Equal(t, "ERROR", shown.outputs["status"])
	})
}
