// Package exitcode holds the exit codes of the command, in one table for the command, its help and the documentation.
package exitcode

import (
	"strconv"
	"syscall"
)

// The exit codes. The exit code of an interrupted command is [OfSignal].
const (
	OK          = 0
	Failed      = 1
	Invalid     = 2
	Refused     = 3
	Unavailable = 4
	TimedOut    = 5
	Unknown     = 6
)

// Entry describes one exit code.
type Entry struct {
	// Code is the code as the documentation shows it, such as "2", or "129, 130, 143" for the signals.
	Code string
	// Name is a short name of one or two words.
	Name string
	// Meaning says what the code means, in one or two sentences.
	Meaning string
}

// Entries returns all exit codes in ascending order.
func Entries() []Entry {
	return []Entry{
		entry(OK, "success", "Everything that was requested completed successfully."),
		entry(Failed, "failed", "An event failed, ended in an error, was blocked or stalled, a gate was not passed, or a result could not be written."),
		entry(Invalid, "invalid", "The configuration or the component file is invalid. Nothing was sent."),
		entry(Refused, "refused", "The orchestrator refused the request, or would have refused it. AMI_SELECT found no AMI."),
		entry(Unavailable, "unavailable", "AWS or the orchestrator could not be reached, or gave no usable response."),
		entry(TimedOut, "timed out", "The wait timed out. The event continues, and the command that resumes the wait is printed."),
		entry(Unknown, "unknown", "It is unknown whether the request was carried out. Nothing was sent twice."),
		{
			Code: signals(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM), Name: "interrupted",
			Meaning: "A signal interrupted the command. The event continues, and the command that resumes the wait is printed.",
		},
	}
}

// OfSignal returns the exit code of a command that was ended by a signal: 128 plus the number of the signal, as in a
// shell.
func OfSignal(signal syscall.Signal) int { return 128 + int(signal) }

func entry(code int, name, meaning string) Entry {
	return Entry{Code: strconv.Itoa(code), Name: name, Meaning: meaning}
}

func signals(numbers ...syscall.Signal) string {
	text := ""
	for i, number := range numbers {
		if i > 0 {
			text += ", "
		}
		text += strconv.Itoa(OfSignal(number))
	}
	return text
}
