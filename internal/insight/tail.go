package insight

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/org/ami-action/internal/awserror"
)

// Limits on following a log: the pages that one call of BuildLog reads, and the lines that it returns.
const (
	tailPages = 5
	tailLines = 200
)

// LogChunk is the part of an image's log that was added since the last chunk.
type LogChunk struct {
	// Lines are the newest lines, at most 200, oldest first. They are redacted and shortened like the texts of a [Report].
	Lines []string
	// Omitted is the number of older log events that were left out of this chunk.
	Omitted int
}

// tail is the position up to which a log has been read.
type tail struct {
	execution, group, stream, token string
	next                            time.Time
	// missing is set if there was no log. byARN is set if the log group is the one with the name from the image's ARN.
	missing, byARN bool
}

// BuildLog returns what was added to the log of the event's image since the last call. It reads the log at most once per
// [Interval]. The result is empty if that has not passed, if nothing was added, or if the image is not known yet: Look
// finds it. BuildLog takes at most [Options.Timeout]. If AWS refuses a call, the next report has a note about it.
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
		// If the log does not exist, the next call tries the name from the image's ARN.
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

// follow reads the log from the position on and moves the position. It returns the newest tailLines messages, and the
// number of older ones that it left out.
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
		var output *cloudwatchlogs.GetLogEventsOutput
		if !w.ask(logEvents, now, func() (err error) {
			output, err = services.logs.GetLogEvents(ctx, input)
			if awserror.Code(err) == "ResourceNotFoundException" {
				position.missing = true
				output, err = &cloudwatchlogs.GetLogEventsOutput{}, nil // nothing has been written yet
			}
			return err
		}) {
			break
		}
		messages = append(messages, messagesOf(output.Events)...)
		if over := len(messages) - tailLines; over > 0 {
			omitted, messages = omitted+over, messages[over:]
		}
		token := aws.ToString(output.NextForwardToken)
		if token == "" || token == position.token {
			break
		}
		position.token = token
	}
	return messages, omitted
}
