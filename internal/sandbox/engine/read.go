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
	// maxMinutes is how long an event may be in progress before a status request calls it timed out.
	maxMinutes = 240
	// maxList is how much of the table one scan reads; the server never asks for the rest.
	maxList = 1 << 20
)

// errCut ends a scan that has read all that one may.
var errCut = errors.New("the scan has read its share")

// read handles the requests without a body.
func (e *Engine) read(tx *store.Tx, call Call, at time.Time) (Answer, error) {
	if !call.HasKey {
		return Answer{}, python.Errorf("api_key is expected as a query parameter but it was not present in the request; %s",
			call.Path)
	}
	if err := accesses[call.Operation].check(tx, call.Key); err != nil {
		return Answer{}, err
	}
	if call.Operation == lifecycle.GetStatuses {
		all, err := e.statuses(tx, at)
		return Answer{Status: 200, Value: all}, err
	}
	one, err := find(tx, call.LifecycleID)
	if err != nil {
		return Answer{}, err
	}
	if call.Operation == lifecycle.GetStatus {
		document, err := e.status(tx, one, at)
		return Answer{Status: 200, Value: document}, err
	}
	page, err := e.timeline(one, call.Operation.Phase(), at, 0)
	return Answer{Status: 200, HTML: page}, err
}

// status answers one document, with its event in progress timed out if it is too old.
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

// statuses answers all documents, as far as one scan reads. A single event that is too old makes the
// handler fail for everyone, since it calls its own function wrongly.
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

// shown is the document as it is answered. The timelines' addresses are those of the process that
// answers, with the keys of now: the one that stored them may have had another port.
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
