package awsapi

import (
	"fmt"
	"net/http"

	"github.com/org/ami-action/internal/sandbox/behind"
	"github.com/org/ami-action/internal/sandbox/store"
)

// maxLogEvents is the most events that one page of a log holds.
const maxLogEvents = 10_000

// logEvents handles GetLogEvents. The token "f/N" is for the page that begins with event N, "b/N" for the page that
// ends before it. If there are no more events in a direction, its token does not change.
func (h *Handler) logEvents(tx *store.Tx, _ *http.Request, body []byte) (any, error) {
	var input struct {
		LogGroupName, LogStreamName, NextToken string
		Limit                                  int
		StartFromHead                          bool
		StartTime, EndTime                     *int64
	}
	if err := request(body, &input); err != nil {
		return nil, err
	}
	if input.Limit < 0 || input.Limit > maxLogEvents {
		return nil, refuse("InvalidParameterException", "limit must be from 1 to %d", maxLogEvents)
	}
	hasGroup := false
	view, err := h.find(tx, func(view behind.View) bool {
		group := view.LogGroup()
		hasGroup = hasGroup || group != "" && group == input.LogGroupName
		return group != "" && group == input.LogGroupName && view.LogStream() == input.LogStreamName
	})
	if err != nil {
		return nil, err
	}
	var events []behind.LogEvent
	if view != nil {
		for _, event := range view.Log() {
			at := event.Time.UnixMilli()
			if (input.StartTime == nil || at >= *input.StartTime) && (input.EndTime == nil || at < *input.EndTime) {
				events = append(events, event)
			}
		}
	}
	switch {
	case !hasGroup:
		return nil, refuse("ResourceNotFoundException", "The specified log group does not exist.")
	case view == nil || len(view.Log()) == 0:
		return nil, refuse("ResourceNotFoundException", "The specified log stream does not exist.")
	}
	size := input.Limit
	if size == 0 {
		size = maxLogEvents
	}
	from, to, err := page(input.NextToken, input.StartFromHead, len(events), size)
	if err != nil {
		return nil, err
	}
	wire := []map[string]any{}
	for _, event := range events[from:to] {
		at := event.Time.UnixMilli()
		wire = append(wire, map[string]any{"timestamp": at, "ingestionTime": at, "message": event.Message})
	}
	return map[string]any{"events": wire, "nextForwardToken": token("f", to), "nextBackwardToken": token("b", from)}, nil
}

func token(direction string, at int) string { return fmt.Sprintf("%s/%056d/s", direction, at) }

// page returns the range of n events that is on the page of the token. Without a token that is the last page, or with
// fromHead the first.
func page(token string, fromHead bool, n, size int) (from, to int, err error) {
	if token == "" {
		if fromHead {
			return 0, min(size, n), nil
		}
		return max(n-size, 0), n, nil
	}
	var direction rune
	var at int
	if _, err := fmt.Sscanf(token, "%c/%d/s", &direction, &at); err != nil || at < 0 || direction != 'f' && direction != 'b' {
		return 0, 0, refuse("InvalidParameterException", "The specified nextToken is invalid.")
	}
	at = min(at, n)
	if direction == 'f' {
		return at, min(at+size, n), nil
	}
	return max(at-size, 0), at, nil
}
