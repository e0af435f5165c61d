package insight

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/org/ami-action/internal/awserror"
)

// Bounds of following a log: pages of a call, and lines a minute.
const (
	tailPages = 5
	tailLines = 200
)

// LogChunk is what an image's log has got since the last chunk.
type LogChunk struct {
	// Lines are the newest lines, at most 200, oldest first; they are made as the texts of a [Report] are.
	Lines []string
	// Omitted is how many log events came before them in this chunk and are not shown.
	Omitted int
}

// tail is how far a log has been read.
type tail struct {
	execution, group, stream, token string
	next                            time.Time
	// missing is set when there was no log, and byARN when it is looked for under another name.
	missing, byARN bool
}

// BuildLog returns what the log of the event's image has got since the last call, at most once a minute; it
// is empty when nothing is due, nothing is new, or the image is not known yet (a look finds it). It takes no
// longer than [Options.Timeout]. What AWS refuses is told by the notes of the next report.
func (w *Watcher) BuildLog(ctx context.Context, event Event) LogChunk {
	now := time.Now()
	w.mu.Lock()
	if w.report.Event.ExecutionARN != event.ExecutionARN || w.image.LogGroup == "" || w.refused.expired {
		w.mu.Unlock()
		return LogChunk{}
	}
	if w.tail.execution != event.ExecutionARN {
		w.tail = tail{execution: event.ExecutionARN}
	}
	if now.Before(w.tail.next) {
		w.mu.Unlock()
		return LogChunk{}
	}
	w.tail.next = now.Add(Interval)
	if w.tail.token == "" && !w.tail.byARN {
		w.tail.group, w.tail.stream = w.image.LogGroup, w.image.LogStream
	}
	position, named := w.tail, imageOf(w.image.ARN).LogGroup
	w.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, w.options.Timeout)
	defer cancel()
	messages, omitted := w.follow(ctx, event, &position, now)

	w.mu.Lock()
	if w.tail.execution == position.execution {
		w.tail.token = position.token
		// A log that is not there may be under the name as the image's ARN writes it: the next call sees.
		if w.tail.byARN = position.missing && !w.tail.byARN; w.tail.byARN {
			w.tail.group = named
		}
		if position.token != "" {
			w.tail.byARN = false
		}
	}
	w.mu.Unlock()
	return LogChunk{Lines: w.clean.tail(messages, tailLines), Omitted: omitted}
}

// follow reads on from a position, and moves it. Of more than one page only the newest events are kept.
func (w *Watcher) follow(ctx context.Context, event Event, position *tail, now time.Time) (messages []string, omitted int) {
	_, region := place(event.ExecutionARN)
	var services *services
	if !w.ask(credentials, now, func() (err error) {
		services, err = w.clients.in(ctx, region)
		return err
	}) {
		return nil, 0
	}
	position.missing = false
	for range tailPages {
		input := &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: &position.group, LogStreamName: &position.stream, Limit: aws.Int32(logPage), StartFromHead: aws.Bool(true),
		}
		if position.token != "" {
			input.NextToken = &position.token
		}
		var answer *cloudwatchlogs.GetLogEventsOutput
		if !w.ask(logEvents, now, func() (err error) {
			answer, err = services.logs.GetLogEvents(ctx, input)
			if awserror.Code(err) == "ResourceNotFoundException" {
				position.missing = true
				answer, err = &cloudwatchlogs.GetLogEventsOutput{}, nil // nothing was written yet
			}
			return err
		}) {
			break
		}
		messages = append(messages, messagesOf(answer.Events)...)
		if over := len(messages) - tailLines; over > 0 {
			omitted, messages = omitted+over, messages[over:]
		}
		token := aws.ToString(answer.NextForwardToken)
		if token == "" || token == position.token {
			break
		}
		position.token = token
	}
	return messages, omitted
}
