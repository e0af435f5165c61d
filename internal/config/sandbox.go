package config

import (
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// imageFailure is the prefix of an entry of sandboxFail that makes the image of an event fail.
const imageFailure = "image:"

// sandboxFailuresOf parses the entries of sandboxFail: events by any of their names, and image:EVENT.
func sandboxFailuresOf(entries []string) (SandboxFailures, error) {
	var failures SandboxFailures
	var faults entryFaults
	for i, entry := range entries {
		name, isImage := strings.CutPrefix(strings.ToLower(entry), imageFailure)
		events := lifecycle.EventsNamed(name)
		switch {
		case len(events) == 0:
			faults.add(i, entry, "must be an event such as SMOKE_TESTS, or image:BUILD_AMI or image:PATCH_AMI")
		case isImage && events[0] != lifecycle.BuildAMI && events[0] != lifecycle.PatchAMI:
			faults.add(i, entry, "has no image: must be image:BUILD_AMI or image:PATCH_AMI")
		case isImage:
			failures.Images = append(failures.Images, events...)
		default:
			failures.Events = append(failures.Events, events...)
		}
	}
	return failures, faults.err()
}

// checkSandbox refuses settings of the sandbox without --sandbox, an API endpoint with it, and an invalid speed.
func (r *reading) checkSandbox(s *Settings) {
	if s.Sandbox {
		if r.explicitly(APIEndpoint) {
			r.faulty(APIEndpoint, "has no effect together with %s, which has its own endpoint", r.called(Sandbox))
		}
	} else {
		for _, name := range []Name{SandboxFail, SandboxSpeed} {
			if r.explicitly(name) {
				r.faulty(name, "has no effect without %s", Sandbox.On(r.platform))
			}
		}
	}
	if !r.problems.about(SandboxSpeed) && !(s.SandboxSpeed >= 0.01 && s.SandboxSpeed <= 100) {
		r.invalid(SandboxSpeed, r.given[SandboxSpeed].text, "must be a number from 0.01 to 100")
	}
}
