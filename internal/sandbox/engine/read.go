package engine

import (
	"errors"
	"math"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

const (
	// maxMinutes is how many minutes an event may be in progress before a status request sets it to timed out.
	maxMinutes = 240
	// maxList is how many bytes of the table one scan reads. The server never reads the rest.
	maxList = 1 << 20
)

// errCut ends a scan at maxList.
var errCut = errors.New("the scan has read its share")

// read handles the requests without a body.
func (e *Engine) read(tx *store.Tx, call Call, at time.Time) (Response, error) {
	if !call.HasKey {
		return Response{}, python.Errorf("api_key is expected as a query parameter but it was not present in the request; %s",
			call.Path)
	}
	if err := accesses[call.Operation].check(tx, call.Key); err != nil {
		return Response{}, err
	}
	if call.Operation == lifecycle.GetStatuses {
		all, err := e.statuses(tx, at)
		return Response{Status: 200, Value: all}, err
	}
	one, err := find(tx, call.LifecycleID)
	if err != nil {
		return Response{}, err
	}
	if call.Operation == lifecycle.GetStatus {
		document, err := e.status(tx, one, at)
		return Response{Status: 200, Value: document}, err
	}
	page, err := e.timeline(one, call.Operation.Phase(), at, 0)
	return Response{Status: 200, HTML: page}, err
}

// status returns the document of a lifecycle. It first sets an event that has been in progress for too long to timed out.
func (e *Engine) status(tx *store.Tx, one *store.Lifecycle, at time.Time) (any, error) {
	if event := member(one.Document, "event_in_progress"); isTimedOut(event, at) {
		event["status"] = string(lifecycle.ErrorEventTimeout)
		event["status_date"] = date(at)
		event["error_message"] = "Event in progress has been running for more than 240 minutes. " +
			"This most likely indicates a state machine timeout or failure. " +
			"Please check the executing state machine for more details. " + text(event["execution_arn"])
		event["stack_trace"] = "See error_message"
		if err := put(tx, one); err != nil {
			return nil, err
		}
	}
	if err := python.Dumpable(one.Document); err != nil {
		return nil, err
	}
	return e.shown(tx, one), nil
}

// statuses returns the documents that one scan reads. If any event has been in progress for too long, the whole request
// fails, because the handler calls its own function with a wrong argument.
func (e *Engine) statuses(tx *store.Tx, at time.Time) (any, error) {
	all, size := python.List{}, 0
	err := tx.Lifecycles(func(one *store.Lifecycle) error {
		if size += len(python.Dumps(one.Document)); size > maxList && len(all) > 0 {
			return errCut
		}
		if isTimedOut(member(one.Document, "event_in_progress"), at) {
			return python.Errorf("DatabaseService.update_event_error() got an unexpected keyword argument 'defintion'")
		}
		all = append(all, e.shown(tx, one))
		return nil
	})
	if err == nil || errors.Is(err, errCut) {
		err = python.Dumpable(all)
	}
	return all, err
}

func isTimedOut(event python.Dict, at time.Time) bool {
	started, err := time.Parse(lifecycle.DateLayout, text(event["execution_startdate"]))
	return err == nil && int(math.Abs(at.Sub(started).Minutes())) > maxMinutes
}

// shown returns the document as it is sent. The addresses of the timelines get the base URL of this process and the
// present keys, because the process that stored them may have had another port.
func (e *Engine) shown(tx *store.Tx, one *store.Lifecycle) python.Dict {
	timeline := member(one.Document, "timeline")
	for phase, key := range map[lifecycle.Phase]string{
		lifecycle.Creation: "ami_creation", lifecycle.Patching: "ami_patch",
	} {
		if _, has := timeline[key]; has {
			timeline[key] = e.timelineURL(tx, one.ID, phase)
		}
	}
	return one.Document
}

func (e *Engine) timelineURL(tx *store.Tx, id string, phase lifecycle.Phase) string {
	secret := createTimelineKey
	if phase == lifecycle.Patching {
		secret = patchTimelineKey
	}
	return e.BaseURL + "/" + wirePhase(phase) + "/lifecycles/" + id + "/timeline?api_key=" + tx.Key(secret)
}
