package watch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// server simulates a lifecycle over time: its document depends on how long the test has run.
type server struct {
	begun time.Time
	play  func(elapsed time.Duration) (*lifecycle.Document, error)
	polls []time.Duration
}

func newServer(play func(elapsed time.Duration) (*lifecycle.Document, error)) *server {
	return &server{begun: time.Now(), play: play}
}

func (s *server) Poll(context.Context, string) (*lifecycle.Document, error) {
	elapsed := time.Since(s.begun)
	s.polls = append(s.polls, elapsed)
	return s.play(elapsed)
}

// until waits to the end and returns the result of the last poll.
func until(ctx context.Context, s *server, o watch.Options) (judged watch.Judgements, document *lifecycle.Document, err error) {
	for found, why := range watch.Polls(ctx, s, o) {
		judged, document, err = found.Judgements, found.Document, why
	}
	return judged, document, err
}

func options(wanted ...lifecycle.Event) watch.Options {
	return watch.Options{
		LifecycleID: "id-1", Before: &lifecycle.Document{}, Wanted: wanted,
		Timeout: 5 * time.Hour, Stall: 15 * time.Minute, PollBudget: 10 * time.Minute,
		Schedule: watch.Adaptive(watch.DefaultFloor, nil),
	}
}

func TestAWaitEndsSoonAfterTheEventWithFewRequests(t *testing.T) {
	for length, late := range map[time.Duration]time.Duration{
		10 * time.Second: 3 * time.Second, 5 * time.Minute: 15 * time.Second, 40 * time.Minute: time.Minute, 4 * time.Hour: time.Minute,
		// Builds as short as these have failed. Their end may be noticed later: within half of their length.
		20 * time.Second: 10 * time.Second, 2 * time.Minute: time.Minute, 4 * time.Minute: time.Minute,
	} {
		t.Run(length.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
					if elapsed < length {
						return document(t, running("BUILD_AMI", "a")), nil
					}
					return document(t, created(result("BUILD_AMI", "COMPLETED", "09:00:00"))), nil
				})
				judged, _, err := until(t.Context(), s, options(lifecycle.BuildAMI))
				require.NoError(t, err)
				assert.True(t, judged.Succeeded())

				assert.LessOrEqual(t, time.Since(s.begun)-length, late)
				assert.Less(t, len(s.polls), 300, "few requests")
			})
		})
	}
}

func TestAWaitFollowsAChainOfEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		built := result("BUILD_AMI", "COMPLETED", "09:00:00")
		smoke := result("SMOKE_TESTS_AMI_CREATE", "COMPLETED", "09:30:00")
		s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
			switch {
			case elapsed < time.Minute:
				return document(t, running("BUILD_AMI", "a")), nil
			case elapsed < time.Minute+3*time.Second: // no event is in progress for a moment
				return document(t, created(built)), nil
			case elapsed < 2*time.Minute:
				return document(t, created(built), running("SMOKE_TESTS_AMI_CREATE", "b")), nil
			}
			return document(t, created(built, smoke)), nil
		})
		o := options(lifecycle.BuildAMI, lifecycle.SmokeTestsCreate)
		var seen []watch.State
		var last watch.Poll
		for found, err := range watch.Polls(t.Context(), s, o) {
			require.NoError(t, err)
			state := found.Judgements.Of(lifecycle.SmokeTestsCreate).State
			if len(seen) == 0 || seen[len(seen)-1] != state {
				seen = append(seen, state)
			}
			last = found
		}
		assert.True(t, last.Judgements.Succeeded())
		assert.True(t, last.Document.HasCompleted(lifecycle.SmokeTestsCreate))
		assert.Equal(t, []watch.State{watch.Waiting, watch.Running, watch.Completed}, seen)
	})
}

func TestAWaitStopsAtOnceWhenAnEventFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(func(time.Duration) (*lifecycle.Document, error) {
			return document(t, ended("BUILD_AMI", "a", "ERROR", "no capacity")), nil
		})
		judged, _, err := until(t.Context(), s, options(lifecycle.BuildAMI, lifecycle.SmokeTestsCreate))
		require.NoError(t, err)
		assert.Equal(t, watch.Errored, judged.Cause().State)
		assert.Len(t, s.polls, 1)
	})
}

func TestAWaitOutlivesPollsThatFailWithinTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
			switch {
			case elapsed > time.Minute && elapsed < 9*time.Minute:
				return nil, errors.New("502")
			case elapsed > 12*time.Minute:
				return document(t, created(result("BUILD_AMI", "COMPLETED", "09:00:00"))), nil
			}
			return document(t, running("BUILD_AMI", "a")), nil
		})
		judged, _, err := until(t.Context(), s, options(lifecycle.BuildAMI))
		require.NoError(t, err)
		assert.True(t, judged.Succeeded())
	})
}

func TestAWaitGivesUp(t *testing.T) {
	boom := errors.New("502")
	t.Run("when polls fail for longer than the budget, keeping what it knew", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
				if elapsed < time.Minute {
					return document(t, running("BUILD_AMI", "a")), nil
				}
				return nil, boom
			})
			judged, last, err := until(t.Context(), s, options(lifecycle.BuildAMI))
			var unobservable *watch.UnobservableError
			require.ErrorAs(t, err, &unobservable)
			require.ErrorIs(t, err, boom)
			assert.Equal(t, watch.Running, judged[0].State)
			assert.NotNil(t, last)
		})
	})
	t.Run("when the time is up, with a last poll at that moment", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(func(time.Duration) (*lifecycle.Document, error) {
				return document(t, running("BUILD_AMI", "a")), nil
			})
			o := options(lifecycle.BuildAMI)
			o.Timeout = 33 * time.Minute
			_, _, err := until(t.Context(), s, o)
			var timeout *watch.TimeoutError
			require.ErrorAs(t, err, &timeout)
			assert.Equal(t, 33*time.Minute, s.polls[len(s.polls)-1])
		})
	})
	t.Run("when nothing has been in progress for the stall time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			built := created(result("BUILD_AMI", "COMPLETED", "09:00:00"))
			s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
				if elapsed < 20*time.Minute {
					return document(t, running("BUILD_AMI", "a")), nil
				}
				return document(t, built), nil
			})
			_, _, err := until(t.Context(), s, options(lifecycle.BuildAMI, lifecycle.SmokeTestsCreate))
			var stalled *watch.StalledError
			require.ErrorAs(t, err, &stalled)
			assert.Equal(t, lifecycle.SmokeTestsCreate, stalled.Event)
			assert.GreaterOrEqual(t, time.Since(s.begun), 35*time.Minute)
		})
	})
	t.Run("when it is told to", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			s := newServer(func(time.Duration) (*lifecycle.Document, error) {
				return document(t, running("BUILD_AMI", "a")), nil
			})
			judged, _, err := until(ctx, s, options(lifecycle.BuildAMI))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, watch.Running, judged[0].State)
		})
	})
}

func TestAWaitWithoutABefore(t *testing.T) {
	built := result("BUILD_AMI", "COMPLETED", "09:00:00")
	failed := result("SMOKE_TESTS_AMI_CREATE", "FAILED", "09:30:00")
	failedAgain := result("SMOKE_TESTS_AMI_CREATE", "FAILED", "09:45:00")
	t.Run("does not follow a server that starts a failed event for ever", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
				if elapsed < 5*time.Minute {
					return document(t, created(built, failed), running("SMOKE_TESTS_AMI_CREATE", "b")), nil
				}
				return document(t, created(built, failedAgain), running("SMOKE_TESTS_AMI_CREATE", "c")), nil
			})
			o := options(lifecycle.BuildAMI, lifecycle.SmokeTestsCreate)
			o.Before = nil
			judged, _, err := until(t.Context(), s, o)
			require.NoError(t, err)
			assert.Equal(t, watch.Completed, judged[0].State)
			assert.Equal(t, watch.Failed, judged[1].State)
		})
	})
}

func TestScheduleShortensPausesByTheJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
			if elapsed > time.Minute {
				return document(t, created(result("BUILD_AMI", "COMPLETED", "09:00:00"))), nil
			}
			return document(t, running("BUILD_AMI", "a")), nil
		})
		o := options(lifecycle.BuildAMI)
		o.Schedule = watch.Every(10 * time.Second)
		o.Schedule.Jitter = func() float64 { return 0.5 }
		_, _, err := until(t.Context(), s, o)
		require.NoError(t, err)
		assert.Equal(t, 9500*time.Millisecond/2, s.polls[1]-s.polls[0], "a part of the first pause")
		assert.Equal(t, 9500*time.Millisecond, s.polls[2]-s.polls[1])
	})
}

func TestWaitsThatBeginTogetherSpreadTheirSecondPoll(t *testing.T) {
	second := func(schedule watch.Schedule) (pause time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
				if elapsed > 20*time.Second {
					return document(t, created(result("BUILD_AMI", "COMPLETED", "09:00:00"))), nil
				}
				return document(t, running("BUILD_AMI", "a")), nil
			})
			o := options(lifecycle.BuildAMI)
			o.Schedule = schedule
			_, _, err := until(t.Context(), s, o)
			require.NoError(t, err)
			pause = s.polls[1] - s.polls[0]
		})
		return pause
	}
	at := func(phase float64) watch.Schedule {
		return watch.Adaptive(watch.DefaultFloor, func() float64 { return phase })
	}
	assert.Equal(t, 500*time.Millisecond, second(at(0)))
	assert.Equal(t, 500*time.Millisecond, second(at(0).Together()))
	assert.Less(t, second(at(0.9)), 500*time.Millisecond, "nobody else begins beside it")
	assert.Greater(t, second(at(0.9).Together()), 2500*time.Millisecond)
	assert.Less(t, second(at(0.9).Together()), 3*time.Second)
}

// busy is the error of a throttled poll.
type busy struct{ after time.Duration }

func (busy) Error() string                      { return "too many requests" }
func (b busy) Throttled() (time.Duration, bool) { return b.after, true }

func TestAThrottledWaitAsksLessOften(t *testing.T) {
	const still, free = 10 * time.Second, time.Minute
	pauses := func(t *testing.T, after time.Duration) (throttled, later []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
				switch {
				case elapsed >= still && elapsed < free:
					return nil, busy{after}
				case elapsed < 4*free:
					return document(t, running("QA_CERTIFICATION_REQUEST", "a")), nil
				}
				return document(t, created(result("QA_CERTIFICATION_REQUEST", "COMPLETED", "09:00:00"))), nil
			})
			_, _, err := until(t.Context(), s, options(lifecycle.QACertificationRequest))
			require.NoError(t, err)
			for i, poll := range s.polls[:len(s.polls)-1] {
				switch pause := s.polls[i+1] - poll; {
				case poll >= still && poll < free:
					throttled = append(throttled, pause)
				case poll >= free:
					later = append(later, pause)
				}
			}
		})
		return throttled, later
	}
	t.Run("each time twice as long, and as often as before when it is let through again", func(t *testing.T) {
		throttled, later := pauses(t, 0)
		assert.Equal(t, []time.Duration{3 * time.Second, 6 * time.Second, 12 * time.Second, 24 * time.Second, 48 * time.Second}[:len(throttled)], throttled)
		assert.Greater(t, len(throttled), 3)
		assert.Less(t, later[len(later)-1], 15*time.Second, "5 %% of the event's age: %v", later)
	})
	t.Run("not before the server allows it", func(t *testing.T) {
		throttled, _ := pauses(t, 40*time.Second)
		assert.Equal(t, 40*time.Second, throttled[0])
	})
	t.Run("and never so late that the wait gives up without another look", func(t *testing.T) {
		throttled, _ := pauses(t, 24*time.Hour)
		assert.Equal(t, []time.Duration{5 * time.Minute}, throttled)
	})
}

// hanging is a poller that returns when its context ends.
type hanging struct{}

func (hanging) Poll(ctx context.Context, _ string) (*lifecycle.Document, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestNoPollOutlastsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		o := options(lifecycle.BuildAMI)
		o.Timeout = 20 * time.Second
		var last error
		for _, err := range watch.Polls(t.Context(), hanging{}, o) {
			last = err
		}
		require.ErrorAs(t, last, new(*watch.TimeoutError))
		assert.Less(t, time.Since(begun), 25*time.Second)
	})
}

func TestAWaitEndsWhenWhatIsBehindTheDocumentIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(func(time.Duration) (*lifecycle.Document, error) {
			return document(t, running("BUILD_AMI", "arn-1")), nil
		})
		o := options(lifecycle.BuildAMI)
		begun := time.Now()
		o.FindingOf = func(now *lifecycle.Document) watch.Finding {
			if time.Since(begun) < 10*time.Minute {
				return watch.Finding{ExecutionARN: "another", Reason: "not ours"}
			}
			return watch.Finding{ExecutionARN: now.Running.ExecutionARN, Reason: "the image is FAILED"}
		}
		judged, _, err := until(t.Context(), s, o)
		require.NoError(t, err)
		assert.Equal(t, watch.Errored, judged.Cause().State)
		assert.Equal(t, "the image is FAILED", judged.Cause().Reason)
	})
}

func TestAWaitPollsAtOnceWhenItIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(func(time.Duration) (*lifecycle.Document, error) {
			return document(t, running("BUILD_AMI", "arn-1")), nil
		})
		o := options(lifecycle.BuildAMI)
		wake := make(chan struct{}, 1)
		found := 30*time.Minute + time.Millisecond
		o.Wake = wake
		o.FindingOf = func(*lifecycle.Document) watch.Finding {
			if time.Since(s.begun) < found {
				return watch.Finding{}
			}
			return watch.Finding{ExecutionARN: "arn-1", Reason: "the image is FAILED"}
		}
		time.AfterFunc(found, func() { wake <- struct{}{} })
		judged, _, err := until(t.Context(), s, o)
		require.NoError(t, err)
		assert.Equal(t, watch.Errored, judged.Cause().State)
		assert.Equal(t, found, time.Since(s.begun))
	})
}

func TestAWaitForAnOldEventBeginsInTheRhythmOfItsAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now().UTC().Add(-30 * time.Minute).Format(lifecycle.DateLayout)
		s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
			if elapsed > 10*time.Minute {
				return document(t, created(result("BUILD_AMI", "COMPLETED", "09:00:00"))), nil
			}
			return document(t, `"event_in_progress": {"name": "BUILD_AMI", "execution_arn": "a", "execution_startdate": "`+began+`"}`), nil
		})
		_, _, err := until(t.Context(), s, options(lifecycle.BuildAMI))
		require.NoError(t, err)
		assert.Less(t, len(s.polls), 25, "not one each half a second again")
	})
}

func TestAServerThatIsBusyIsAskedLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(func(elapsed time.Duration) (*lifecycle.Document, error) {
			if elapsed < 2*time.Minute {
				return nil, errors.New("429")
			}
			return document(t, created(result("BUILD_AMI", "COMPLETED", "09:00:00"))), nil
		})
		_, _, err := until(t.Context(), s, options(lifecycle.BuildAMI))
		require.NoError(t, err)
		assert.Less(t, len(s.polls), 15)
	})
}
