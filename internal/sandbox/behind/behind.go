// Package behind computes what an event does in AWS, which the lifecycle's document never shows: the execution of
// the state machine and its history, the image that Image Builder makes, and the workflow steps and the log of the
// image (docs/behind-the-document.md).
//
// It stores nothing. Everything follows from the run and the time.
package behind

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/store"
)

const (
	// giveUp is how long a state machine polls before it times out. The document never shows the time-out.
	giveUp = 180 * time.Minute
	// half is the part of a run that is done when its fate takes effect. A manual run does not go beyond it by itself.
	half = 0.5
	// inTests takes the place of half for a component that fails in its test phase.
	inTests = 0.76
)

// View is a run at a point in time.
type View struct {
	run *store.Run
	at  time.Time
}

// Of returns the view of the run at that time.
func Of(run *store.Run, at time.Time) View { return View{run, at.UTC()} }

// fateAt returns when the run's fate takes effect, if it has one.
func (v View) fateAt() time.Time {
	switch {
	case !v.run.FateAt.IsZero():
		return v.run.FateAt
	case v.run.Failing >= 0 && v.run.Steps[v.run.Failing].Phase == "test":
		return v.when(inTests)
	}
	return v.when(half)
}

// isStruck reports whether the run has a fate and it has taken effect.
func (v View) isStruck() bool { return v.run.Fate != "" && !v.at.Before(v.fateAt()) }

// when returns the time at which this part of the run, from 0 to 1, is done.
func (v View) when(done float64) time.Time {
	return v.run.Started.Add(time.Duration(done * float64(v.run.Ends.Sub(v.run.Started))))
}

// done returns the part of the run that is done, from 0 to 1. It stops growing when the run's fate takes effect or the
// execution ends.
func (v View) done() float64 {
	at := v.at
	if stopped := v.stopped(); !stopped.IsZero() {
		if v.run.Status == succeeded {
			return 1
		}
		at = earlier(at, stopped)
	}
	if v.isStruck() {
		at = earlier(at, v.fateAt())
	}
	length := v.run.Ends.Sub(v.run.Started)
	if length <= 0 {
		return 1
	}
	done := max(float64(at.Sub(v.run.Started))/float64(length), 0)
	if v.run.Manual {
		return min(done, half)
	}
	return min(done, 1)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// makesImage reports whether the run is a build or a patch.
func (v View) makesImage() bool {
	return v.run.Event == lifecycle.BuildAMI || v.run.Event == lifecycle.PatchAMI
}

// arn returns the ARN of a resource in the partition, region and account of the execution.
func (v View) arn(service, resource string) string {
	parts := strings.SplitN(v.run.ARN, ":", 6)
	return strings.Join([]string{"arn", parts[1], service, parts[3], parts[4], resource}, ":")
}

// id returns the run's id for a purpose. It is the same at every call, and different for other runs and purposes.
func (v View) id(purpose string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(v.run.ARN+"\n"+purpose)).String()
}

// resource returns the resource part of the execution's ARN.
func (v View) resource() string { return strings.SplitN(v.run.ARN, ":", 6)[5] }
