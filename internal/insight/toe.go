package insight

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The log of a build mixes Image Builder's own messages ("Started step ApplyBuildComponents with action
// ExecuteComponents") with what the component runner (AWSTOE) prints, each a log event of its own:
//
//	Document arn:aws:imagebuilder:us-east-1:123456789012:component/name/1.0.0/1
//	Phase build
//	Step InstallPackages
//	ExecuteBash: STARTED EXECUTION
//	CmdExecution: Stderr: Error: Unable to find a match: htpd
//	CmdExecution: ExitCode 1
//	TOE has completed execution with failure - Execution failed!
//
// Each may begin with a date and a level (2020-07-31 11:57:10.575 Info ). Only the first line of a log event is from the
// runner. The lines after it are the output of the command.
type toePatterns struct{ prefix, step, exit, stderr *regexp.Regexp }

var toe = sync.OnceValue(func() toePatterns {
	return toePatterns{
		prefix: regexp.MustCompile(`^\d+-\d+-\d+ \d+:\d+:\d+(?:[.,]\d+)? +[A-Za-z]+ +`),
		step:   regexp.MustCompile(`^Step ([A-Za-z0-9_-]+)$`),
		exit:   regexp.MustCompile(`^(?:[A-Za-z]+: )?ExitCode (-?\d+)$`),
		stderr: regexp.MustCompile(`^(?:[A-Za-z]+: )?Stderr: (.*\S)`),
	}
})

var toePhases = []string{"build", "validate", "test"}

// rebootCodes are the exit codes with which a step requests a reboot, on Linux and on Windows.
var rebootCodes = []int{194, 3010}

// failedComponent finds the place in a component at which a failed build stopped, from the messages of its log, oldest
// first. That is the last step whose command failed, or else the last step. It returns nil if the log has no step. The
// result makes sense only for a build that has failed.
func failedComponent(messages []string) *ComponentFailure {
	var at, last ComponentFailure
	var found *ComponentFailure
	toe := toe()
	for _, message := range messages {
		line, _, _ := strings.Cut(message, "\n")
		line = strings.TrimSpace(line)
		line = strings.TrimPrefix(line, toe.prefix.FindString(line))
		switch {
		case strings.HasPrefix(line, "Document ") && !strings.Contains(line[len("Document "):], " "):
			at = ComponentFailure{Component: strings.TrimPrefix(line, "Document ")}
		case strings.HasPrefix(line, "Phase ") && slices.Contains(toePhases, strings.TrimPrefix(line, "Phase ")):
			at = ComponentFailure{Component: at.Component, Phase: strings.TrimPrefix(line, "Phase ")}
		case toe.step.MatchString(line) && len(line) <= maxName:
			at = ComponentFailure{Component: at.Component, Phase: at.Phase, Step: toe.step.FindStringSubmatch(line)[1]}
			last = at
		case toe.stderr.MatchString(line):
			at.Stderr = lastLine(toe.stderr.FindStringSubmatch(line)[1], message)
			if found != nil && found.Step == at.Step && found.Phase == at.Phase && found.Component == at.Component && found.Stderr == "" {
				found.Stderr = at.Stderr // some versions print the exit code first
			}
		case toe.exit.MatchString(line):
			code, err := strconv.Atoi(toe.exit.FindStringSubmatch(line)[1])
			if err == nil && code != 0 && !slices.Contains(rebootCodes, code) {
				failed := at
				failed.ExitCode = code
				found = &failed
			}
		}
	}
	switch {
	case found != nil:
		return found
	case last.Step != "":
		return &last
	}
	return nil
}

// lastLine returns the last line of a message, which usually says why the command failed. first is its first line without
// the prefix of the runner.
func lastLine(first, message string) string {
	lines := strings.Split(strings.TrimRight(message, " \t\r\n"), "\n")
	if len(lines) == 1 {
		return first
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
