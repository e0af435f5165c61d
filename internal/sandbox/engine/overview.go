package engine

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// overviewRow is what the front page shows of one lifecycle. It holds no key and no address with a key in it.
type overviewRow struct {
	ID, Product, StackTag, Owner, Version, AMI string
	Created                                    string
	created                                    time.Time
	// Event is the title of the latest event, State its state, and Class the CSS class of the state.
	Event, State, Class string
	// Since is when the event started or ended, as in the document.
	Since    string
	HasPatch bool
}

// overviewDocument holds the members of a lifecycle's record that the front page shows. Members that come from requests
// can be of any type.
type overviewDocument struct {
	Document struct {
		ProductName any              `json:"product_name"`
		ProductVer  any              `json:"product_ver"`
		StackTag    any              `json:"stack_tag"`
		Owner       any              `json:"owner"`
		Created     any              `json:"creation_date"`
		InputsPatch any              `json:"inputs_ami_patch"`
		Running     *overviewEvent   `json:"event_in_progress"`
		Creation    *overviewOutputs `json:"outputs_ami_creation"`
		Patch       struct {
			History struct {
				Current *overviewOutputs `json:"current"`
			} `json:"patch_history"`
		} `json:"outputs_ami_patch"`
	} `json:"document"`
}

type overviewOutputs struct {
	Events []overviewEvent `json:"events"`
}

type overviewEvent struct {
	Name       lifecycle.Event  `json:"name"`
	Status     lifecycle.Status `json:"status"`
	StatusDate string           `json:"status_date"`
	Started    string           `json:"execution_startdate"`
	Properties struct {
		AMIs []struct {
			ID      string `json:"image"`
			Version string `json:"ami_semver"`
		} `json:"ami_details"`
	} `json:"properties"`
}

// overviewPageSize is how many lifecycles one page of the overview shows.
const overviewPageSize = 250

// Overview returns one page of the list of all lifecycles, newest first, as HTML. Pages count from 1; any other number
// means the nearest page.
func (e *Engine) Overview(tx *store.Tx, page int) ([]byte, error) {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return nil, err
	}
	rows, err := e.rows.of(tx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b overviewRow) int {
		return cmp.Or(b.created.Compare(a.created), strings.Compare(a.ID, b.ID))
	})
	data := overviewData{BaseURL: e.BaseURL, Shown: date(at), Total: len(rows), Pages: max(1, (len(rows)+overviewPageSize-1)/overviewPageSize)}
	for _, row := range rows {
		switch row.Class {
		case "running":
			data.Running++
		case "failed":
			data.Failed++
		}
	}
	data.Page = min(max(page, 1), data.Pages)
	first := (data.Page - 1) * overviewPageSize
	data.Rows = rows[first:min(first+overviewPageSize, len(rows))]
	var html bytes.Buffer
	err = overviewPage(data).Render(&html)
	return html.Bytes(), err
}

// overviewRows caches the rows of the front page, which reloads every few seconds: decoding thousands of documents each
// time keeps a processor busy. It is safe for concurrent use.
type overviewRows struct {
	mu   sync.Mutex
	seed maphash.Seed
	// known holds the row of each lifecycle, with the hash of the record that it was made from.
	known map[string]knownRow
}

type knownRow struct {
	hash uint64
	row  overviewRow
}

func (o *overviewRows) of(tx *store.Tx) ([]overviewRow, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known == nil {
		o.seed = maphash.MakeSeed()
	}
	rows, known := make([]overviewRow, 0, len(o.known)), make(map[string]knownRow, len(o.known))
	err := tx.Records(func(id string, record []byte) error {
		hash := maphash.Bytes(o.seed, record)
		one, ok := o.known[id]
		if !ok || one.hash != hash {
			one = knownRow{hash, rowOf(id, record)}
		}
		known[id] = one
		rows = append(rows, one.row)
		return nil
	})
	if err == nil {
		o.known = known
	}
	return rows, err
}

func rowOf(id string, record []byte) overviewRow {
	row := overviewRow{ID: id, State: notStarted, Class: "waiting"}
	var one overviewDocument
	// A member of an unexpected type is left out, and the page shows the rest.
	if err := json.Unmarshal(record, &one); err != nil {
		if _, isType := errors.AsType[*json.UnmarshalTypeError](err); !isType {
			row.State, row.Class = "UNREADABLE", "failed"
			return row
		}
	}
	document := one.Document
	row.Product = strings.TrimSpace(shownText(document.ProductName) + " " + shownText(document.ProductVer))
	row.StackTag, row.Owner, row.Created = shownText(document.StackTag), shownText(document.Owner), shownText(document.Created)
	row.created, _ = time.Parse(lifecycle.DateLayout, row.Created)
	row.HasPatch = document.InputsPatch != nil
	for _, outputs := range []*overviewOutputs{document.Creation, document.Patch.History.Current} {
		if outputs == nil {
			continue
		}
		for _, result := range outputs.Events {
			row.show(result)
			for _, ami := range result.Properties.AMIs[:min(1, len(result.Properties.AMIs))] {
				row.AMI, row.Version = ami.ID, ami.Version
			}
		}
	}
	if running := document.Running; running != nil {
		row.show(*running)
		if running.Status == "" {
			row.State, row.Class, row.Since = string(lifecycle.InProgress), "running", running.Started
		}
	}
	return row
}

// show makes the row show the event.
func (r *overviewRow) show(event overviewEvent) {
	r.Event, r.State, r.Since, r.Class = event.Name.Title(), string(event.Status), event.StatusDate, "failed"
	if event.Status == lifecycle.Completed {
		r.Class = "completed"
	}
}

func shownText(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// ErrNoTimeline is the error for a lifecycle without a timeline.
var ErrNoTimeline = errors.New("no timeline")

// TimelinePage returns the timeline of one phase of a lifecycle as HTML. The error is [ErrNoTimeline] with the reason if
// there is none.
func (e *Engine) TimelinePage(tx *store.Tx, id string, phase lifecycle.Phase) ([]byte, error) {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return nil, err
	}
	one, err := tx.Lifecycle(id)
	if err != nil {
		return nil, err
	}
	if one == nil {
		return nil, fmt.Errorf("%w: lifecycle %s is unknown to this sandbox", ErrNoTimeline, id)
	}
	page, err := e.timeline(one, phase, at, 5)
	if _, refused := errors.AsType[python.Error](err); refused || errors.Is(err, errCrash) {
		return nil, fmt.Errorf("%w: lifecycle %s is an orphan: its create was refused after it was stored", ErrNoTimeline, id)
	}
	return page, err
}
