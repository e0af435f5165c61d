package insight

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// Limits on reading a history, newest event first. One poll by the state machine is about ten events, and the output of
// the latest poll has everything that matters. An event holds at most 256 KB of data, which JSON in JSON makes a little
// larger: a page must not exceed [awslimit.Largest].
const (
	historyPage  = 12
	historyPages = 8
)

// look is one examination of an event.
type look struct {
	watcher *Watcher
	event   Event
	now     time.Time
	// services are the AWS services in the region of the execution.
	services *services
	// known is what this and earlier examinations have found out about the event's image.
	known    Image
	searched bool

	report   Report
	findings findings
	// component is the place in a component at which the build stopped, from its log.
	component *ComponentFailure
	// describedAt is the time, by AWS's clock, at which AWS described the execution.
	describedAt  time.Time
	sawSomething bool
}

// ask calls AWS if the action may be allowed, and reports whether there is a response.
func (l *look) ask(a action, call func() error) bool {
	ok := l.watcher.ask(a, l.now, call)
	l.sawSomething = l.sawSomething || ok
	return ok
}

// all fetches everything about the event. It reads the log only if the image has failed.
func (l *look) all(ctx context.Context) {
	_, region := place(l.event.ExecutionARN)
	if !l.watcher.ask(credentials, l.now, func() (err error) {
		l.services, err = l.watcher.clients.in(ctx, region)
		return err
	}) {
		return
	}
	l.describe(ctx)
	l.history(ctx)
	if makesImage(l.event.Name) && l.known.ARN != "" {
		l.image(ctx)
		l.workflows(ctx)
		image := l.known
		l.report.Image = &image
		if final, _ := l.judged(); final != nil && final.Kind == ImageFailed {
			l.log(ctx)
			image.LogGroup = l.known.LogGroup
		}
	}
	l.report.Links = linksOf(l.event.ExecutionARN, l.report.Image)
}

func (l *look) text(text *string, limit int) string {
	return l.watcher.clean.line(aws.ToString(text), limit)
}

func (l *look) describe(ctx context.Context) {
	var output *sfn.DescribeExecutionOutput
	if !l.ask(describeExecution, func() (err error) {
		output, err = l.services.states.DescribeExecution(ctx, &sfn.DescribeExecutionInput{
			ExecutionArn: &l.event.ExecutionARN,
		})
		return err
	}) {
		return
	}
	l.describedAt, _ = awsmiddleware.GetServerTime(output.ResultMetadata)
	l.report.Execution = Execution{
		Status: l.watcher.clean.line(string(output.Status), maxName), Error: l.text(output.Error, maxName), Cause: l.text(output.Cause, maxText),
		Started: aws.ToTime(output.StartDate), Stopped: aws.ToTime(output.StopDate),
	}
}

// history reads the newest events of the execution's history until they have everything that judge needs. If they do not
// name the image of a build, it reads the oldest events too, once, because the task that starts the build names the image.
func (l *look) history(ctx context.Context) {
	l.read(ctx, true, historyPages)
	if makesImage(l.event.Name) && l.findings.imageARN == "" && l.known.ARN == "" && !l.searched && l.sawSomething {
		l.searched = l.read(ctx, false, 2)
	}
	if arn := l.findings.imageARN; arn != "" && arn != l.known.ARN {
		l.known = imageOf(arn)
	}
}

// read reads at most that many pages of the history, and reports whether no call failed.
func (l *look) read(ctx context.Context, newestFirst bool, pages int) bool {
	input := &sfn.GetExecutionHistoryInput{
		ExecutionArn: &l.event.ExecutionARN, ReverseOrder: newestFirst, MaxResults: historyPage, IncludeExecutionData: aws.Bool(true),
	}
	for range pages {
		var output *sfn.GetExecutionHistoryOutput
		if !l.ask(executionHistory, func() (err error) {
			output, err = l.services.states.GetExecutionHistory(ctx, input)
			return err
		}) {
			return false
		}
		for _, event := range output.Events[:min(len(output.Events), 10*historyPage)] {
			l.take(event, newestFirst)
		}
		if l.hasEnough() || aws.ToString(output.NextToken) == "" {
			return true
		}
		input.NextToken = output.NextToken
	}
	return true
}

// hasEnough reports whether older events cannot change the judgement.
func (l *look) hasEnough() bool {
	f := l.findings
	switch {
	case l.report.State.Name == "":
		return false
	case makesImage(l.event.Name):
		return f.imageARN != "" || l.known.ARN != ""
	case l.event.Name.IsScan():
		return f.scanReason != ""
	case isApproval(l.event.Name):
		return f.backup != ""
	}
	return f.export != ""
}

// working are the types of states that are shown. A choice, or a wait between two polls, is not.
var working = []sfntypes.HistoryEventType{
	sfntypes.HistoryEventTypeTaskStateEntered, sfntypes.HistoryEventTypeParallelStateEntered, sfntypes.HistoryEventTypeMapStateEntered,
}

// take reads one event of the history.
func (l *look) take(event sfntypes.HistoryEvent, newestFirst bool) {
	var read findings
	switch {
	case event.StateEnteredEventDetails != nil:
		name := l.text(event.StateEnteredEventDetails.Name, maxName)
		if newestFirst && (l.report.State.Name == "" && slices.Contains(working, event.Type)) {
			l.report.State = State{Name: name, Entered: aws.ToTime(event.Timestamp)}
			l.report.State.Number, l.report.State.Total = placeOf(l.event.Name, name)
		}
		read.read(aws.ToString(event.StateEnteredEventDetails.Input))
	case event.StateExitedEventDetails != nil:
		read.read(aws.ToString(event.StateExitedEventDetails.Output))
	case event.TaskSucceededEventDetails != nil:
		read.read(aws.ToString(event.TaskSucceededEventDetails.Output))
	case event.LambdaFunctionSucceededEventDetails != nil:
		read.read(aws.ToString(event.LambdaFunctionSucceededEventDetails.Output))
	default:
		return
	}
	if newestFirst {
		l.findings.merge(read)
		return
	}
	// Everything in the oldest events is outdated, except the image.
	if l.findings.imageARN == "" {
		l.findings.imageARN = read.imageARN
	}
}

// judged returns the judgement of the examination, with its texts redacted and shortened.
func (l *look) judged() (*Failure, []Condition) {
	clean := l.watcher.clean
	found := l.findings
	found.errorMessage = clean.line(found.errorMessage, maxText)
	for _, word := range []*string{&found.imageState, &found.export, &found.backup, &found.scanCode, &found.scanReason} {
		*word = clean.line(*word, maxName)
	}
	final, passing := judge(seen{event: l.event.Name, execution: l.report.Execution, image: l.report.Image, findings: found})
	if final == nil {
		return nil, passing
	}
	if final.Kind == ExecutionEnded {
		final.HoldsFrom = holdsFrom(l.now, l.describedAt, l.report.Execution.Stopped)
	}
	if final.Kind == ImageFailed {
		final.WorkflowStep = l.report.FailedStep()
		final.Component = l.component
		if final.Reason == "" && final.WorkflowStep != nil {
			final.Reason = final.WorkflowStep.Message
		}
	}
	return final, passing
}

// imageOf returns an image with the name, the version and the log that follow from its ARN.
func imageOf(arn string) Image {
	image := Image{ARN: arn}
	if parts := imageParts(arn); parts != nil {
		image.Name, image.Version = parts[0], parts[1]+"/"+parts[2]
		image.LogGroup, image.LogStream = "/aws/imagebuilder/"+image.Name, image.Version
	}
	return image
}

// parseTime parses a time in the format of Image Builder, RFC 3339. It returns the zero time for any other text.
func parseTime(text *string) time.Time {
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(aws.ToString(text)))
	if err != nil {
		return time.Time{}
	}
	return at
}
