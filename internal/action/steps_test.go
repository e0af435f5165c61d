package action

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/watch"
)

func TestWhatLooksSeeInsideAnEventBecomesItsSteps(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 8, minute, 0, 0, time.UTC) }
	build := func(execution, state string, entered int, steps ...insight.Step) insight.Report {
		return insight.Report{
			Event: insight.Event{Name: lifecycle.BuildAMI, ExecutionARN: execution}, State: insight.State{Name: state, Entered: at(entered)}, Steps: steps,
		}
	}
	for name, c := range map[string]struct {
		looks []insight.Report
		ended watch.State
		want  []report.Step
	}{
		"nobody looked": {nil, watch.Completed, nil},
		"the states of the machine, each from when it was entered first": {
			[]insight.Report{build("a", "Start", 0), build("a", "Poll", 1), build("a", "Poll", 4), build("a", "Notify", 7)}, watch.Completed,
			[]report.Step{
				{Name: "Start", State: "COMPLETED", Started: at(0), Ended: at(1)},
				{Name: "Poll", State: "COMPLETED", Started: at(1), Ended: at(7)},
				{Name: "Notify", State: "COMPLETED", Started: at(7)},
			},
		},
		"the steps of every workflow, as they were seen last": {
			[]insight.Report{
				build("a", "Poll", 1, insight.Step{Name: "Apply", Status: "RUNNING", Started: at(2)}, insight.Step{Name: "Create", Status: "PENDING"}),
				build("a", "Poll", 1, insight.Step{Name: "Apply", Status: "COMPLETED", Started: at(2), Ended: at(9)}),
				build("a", "Poll", 1, insight.Step{Name: "Test", Status: "FAILED", Started: at(9), Ended: at(11)}),
			}, watch.Errored,
			[]report.Step{
				{Name: "Poll", State: "ERROR", Started: at(1)},
				{Name: "Apply", State: "COMPLETED", Started: at(2), Ended: at(9)},
				{Name: "Test", State: "FAILED", Started: at(9), Ended: at(11)},
			},
		},
		"a new execution begins anew": {
			[]insight.Report{build("a", "Start", 0), build("b", "Start", 20)}, watch.Running,
			[]report.Step{{Name: "Start", State: "RUNNING", Started: at(20)}},
		},
		"a look that saw nothing": {[]insight.Report{{Event: insight.Event{Name: lifecycle.BuildAMI}}}, watch.Completed, nil},
	} {
		t.Run(name, func(t *testing.T) {
			steps := innerSteps{}
			for _, look := range c.looks {
				steps.take(look)
			}
			assert.Equal(t, c.want, steps.of(lifecycle.BuildAMI, c.ended))
			assert.Nil(t, steps.of(lifecycle.PatchAMI, c.ended))
		})
	}
}
