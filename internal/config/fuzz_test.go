package config_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// FuzzLoad checks what Load promises for any command line and any variables: it ends, its messages are
// single lines without control characters, and settings without problems cannot harm the server.
func FuzzLoad(f *testing.F) {
	f.Add("--operation\x01AMI_CREATE\x01--events\x01SMOKE_TESTS", "SMOKE_TESTS,", "EMAIL::user@domain.com", "KEY::VALUE")
	f.Add("--wait\x01false\x01--\x01--stacktag=main", `["AMI_BUILD_ONLY"]`, "[\"a::b\"]", "[1]")
	f.Add("--operation=AMI_WAIT\x01--lifecycleId", "\n a \r\n", "::", "a::b::c\na::d")
	f.Fuzz(func(t *testing.T, line, events, notifications, properties string) {
		environ := []string{"AMI_EVENTS=" + events, "INPUT_NOTIFICATIONS=" + notifications, "AMI_PROPERTIES=" + properties}
		implied := config.Implied{Owner: "owner", StackTag: "main", CommitRef: "c0ffee", ProductVer: "1"}
		settings, err := config.Load(strings.Split(line, "\x01"), environ, implied, config.CommandLine)
		var problems *config.Problems
		switch {
		case errors.As(err, &problems):
			for _, problem := range problems.All {
				if strings.ContainsFunc(problem.Message, unicode.IsControl) || !utf8.ValidString(problem.Message) {
					t.Errorf("a message that is not one line: %q", problem.Message)
				}
			}
		case err == nil && settings.Mode == config.ModeBatch:
			checkHarmless(t, settings)
		case err == nil || errors.Is(err, config.ErrHelp) || errors.Is(err, config.ErrVersion):
		default:
			t.Errorf("an error of another kind: %v", err)
		}
	})
}

func checkHarmless(t *testing.T, settings *config.Settings) {
	for _, text := range []string{settings.StackTag, settings.ProductName, settings.ProductVer, settings.CommitRef} {
		if strings.ContainsAny(text, "\"\\\n") || strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("the server breaks on %q", text)
		}
	}
	for _, notification := range settings.Notifications {
		if notification.Method == "" || notification.Target == "" {
			t.Errorf("a notification of nobody: %+v", notification)
		}
	}
	if settings.Operation.TakesEvents() {
		if _, err := lifecycle.EventsOf(settings.Operation, settings.Events); err != nil {
			t.Error(err)
		}
	}
	if body, err := json.Marshal(settings); err != nil || len(body) > 192<<10 {
		t.Errorf("a body of %d bytes (%v)", len(body), err)
	}
}
