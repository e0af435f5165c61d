package terminal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

func TestWithoutATerminalItSaysToUseBatch(t *testing.T) {
	t.Parallel()
	term := open(t, 80, 24)
	for _, redirected := range []string{"</dev/null", ">/dev/null"} {
		term.press("C-l")
		term.ui("--sandbox " + redirected)
		term.see("use --mode BATCH", "ENDED 2")
		term.typed("clear")
		term.press("Enter")
		require.Eventually(t, func() bool { return !strings.Contains(term.screen(), "ENDED") }, patience, 20*time.Millisecond)
	}
}

// If the server does not respond, the screen says so and the user can try again. Loading does not block the menus.
func TestAServerThatIsDown(t *testing.T) {
	t.Parallel()
	silent := make(chan struct{})
	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-silent:
			w.WriteHeader(http.StatusForbidden)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(gone.Close)
	term := open(t, 80, 24, "AWS_ENDPOINT_URL="+gone.URL, "AWS_MAX_ATTEMPTS=1")
	term.ui("")
	term.choose("What do you want to do?", "Update AMI")
	term.see("Loading lifecycles")
	term.press("x", "Down", "Up", "?") // keys without effect while it loads, and the help
	term.see("Press any key to close this help.")
	term.press("x")
	term.see("Loading lifecycles")
	term.press("Escape")
	term.see("What do you want to do?")
	close(silent)
	term.choose("What do you want to do?", "Update AMI")
	term.see("Try again", "HTTP 403")
	term.press("Enter")
	term.see("Try again")
	term.press("Escape")
	term.see("What do you want to do?")
	term.press("C-c")
	term.ended(130)
}

// After a failed event, the screen says why it failed and what to do next.
func TestAFailedEventSaysWhy(t *testing.T) {
	t.Parallel()
	term := open(t, 80, 24)
	term.ui("--sandbox --sandboxSpeed 100 --pollInterval 1s --sandboxFail SMOKE_TESTS")
	term.choose("What do you want to do?", "Create AMI")
	term.mark("Which events?", "Smoke Tests")
	term.fill("Product name", "Demo")
	term.fill("Product version", "1.0.0")
	term.fill("Stack tag", "main")
	term.fill("› Owner", "me")
	term.fill("› Notifications", "EMAIL::me@example.com")
	term.choose("Equivalent BATCH command", "Send")
	term.see("SMOKE_TESTS failed", "Next:")
}

// A job continues when the user leaves its view, and a notice says when it has ended. When the user quits, the command
// prints how to wait for an unfinished job.
func TestWhatIsUnderWayGoesOn(t *testing.T) {
	t.Parallel()
	term := open(t, 80, 24)
	term.ui("--sandbox --sandboxSpeed 0.3 --pollInterval 1s")
	begin := func(name string) {
		term.choose("Quit", "Create AMI")
		term.mark("Which events?", "AMI Build only")
		term.fill("Product name", name)
		term.fill("Product version", "1")
		term.fill("Stack tag", "main")
		term.fill("› Owner", "me")
		term.fill("› Notifications", "EMAIL::me@example.com")
		term.choose("Equivalent BATCH command", "Send")
		term.see("In progress for", "Back (the operation continues)")
		term.press("Escape")
		term.see("Watch Create AMI: " + name)
	}
	begin("First")
	begin("Second")
	term.choose("Quit", "Utils")
	term.see("API Utils", "* Create AMI: First 1: completed")
	term.press("Escape")
	term.see("What do you want to do? In progress: 1.", "Watch Create AMI: First 1  completed")

	term.press("C-c")
	term.see("ENDED 130", "--operation AMI_WAIT")
	resume := regexp.MustCompile(`(?m)^  (ami-action --operation AMI_WAIT[^\n]*)`).FindString(term.screen())
	assert.NotEmpty(t, resume)
}

// After the terminal is resized, even to a tiny size, the screen fits it again.
func TestResizing(t *testing.T) {
	t.Parallel()
	term := sandboxed(t, 80, 24)
	term.see("What do you want to do?")
	term.tmux("resize-window", "-x", "200", "-y", "60")
	term.choose("What do you want to do?", "Create AMI")
	term.see("Which events?")
	for _, size := range [][2]string{{"40", "10"}, {"20", "5"}, {"5", "2"}, {"80", "24"}} {
		term.tmux("resize-window", "-x", size[0], "-y", size[1])
		term.press("Down")
	}
	term.see("ami-action", "Which events?", "AMI Build only", "Previous Menu", "Ctrl-C quit")
	term.press("C-c")
	term.ended(130)
}

func TestSuspendedAndContinued(t *testing.T) {
	t.Parallel()
	term := sandboxed(t, 80, 24)
	term.see("What do you want to do?")
	term.press("C-z")
	term.see("Stopped", "READY")
	term.typed("echo ECHOED")
	term.press("Enter")
	term.see("ECHOED")
	term.typed("fg")
	term.press("Enter")
	term.choose("What do you want to do?", "Create AMI")
	term.see("Which events?")
	term.press("C-c")
	term.see("READY")
}

// A signal ends the command and restores the terminal, as Ctrl-C does.
func TestASignalRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	term := sandboxed(t, 80, 24)
	term.see("What do you want to do?")
	term.tmux("run-shell", "-b", "pkill -TERM -P $(tmux -S "+term.socket+" display-message -p '#{pane_pid}')")
	term.ended(143)
}

var colour = regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?[349][0-7](?:;[0-9;]*)?m`)

func TestWithoutColours(t *testing.T) {
	t.Parallel()
	colourful, plain := sandboxed(t, 80, 24), sandboxed(t, 80, 24, "NO_COLOR=1")
	for _, term := range []*terminal{colourful, plain} {
		term.see("What do you want to do?", "> Create AMI")
	}
	assert.Regexp(t, colour, colourful.tmux("capture-pane", "-p", "-e"))
	assert.NotRegexp(t, colour, plain.tmux("capture-pane", "-p", "-e"))
}

// For a screen reader, and in a terminal that cannot move the cursor, all questions are plain lines.
func TestPlainLines(t *testing.T) {
	t.Parallel()
	for _, environ := range []string{"ACCESSIBLE=1", "TERM=dumb"} {
		t.Run(environ, func(t *testing.T) {
			t.Parallel()
			term := sandboxed(t, 100, 60, environ)
			answer := func(question, text string) {
				term.see(question)
				term.typed(text)
				term.press("Enter")
			}
			answer("6. Quit", "9")
			answer("There is no entry", "?")
			answer("Type the number of an entry", "1")
			answer("5. Previous Menu", "2 3")
			answer("Create AMI › Product name", "Demo")
			answer("Create AMI › Product version", ":b")
			answer("[Demo]:", "")
			answer("Create AMI › Product version", "1.0.0")
			answer("Create AMI › Stack tag", "main")
			answer("Create AMI › Owner", "me")
			answer("Create AMI › Notifications", "nobody")
			answer("must be METHOD::TARGET", "EMAIL::me@example.com")
			answer("1. Send", "1")
			term.see("SMOKE_TESTS completed", "Done.", "* Create AMI: Demo 1.0.0: completed")
			term.press("C-c")
			term.see("ENDED 130")
			assert.NotContains(t, term.tmux("capture-pane", "-p", "-e"), "\x1b[", "only text")
		})
	}
}

// Names with escape sequences, direction marks, wide and combining characters do not move other text on the screen.
func TestHostileNamesMoveNothing(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(t.Context(), sandbox.Options{Dir: t.TempDir(), EventDuration: time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	for i, name := range []string{
		"A\x1b[2J\x1b[1;1HX", "B\x1b]0;title\x07Y", "C\u202eevil\u2066", "D\rover", "E漢字テスト", "Fe" + strings.Repeat("\u0301", 40),
		"G👨‍👩‍👧‍👦🏳️‍🌈", "H\u200b\u200d\ufeff", "I\x9b31mJ", "K\tL\nM", "Nनमस्ते",
	} {
		createRaw(t, server, name, fmt.Sprint(i))
	}
	term := open(t, 80, 24, "AWS_ENDPOINT_URL="+server.URL())
	term.ui("")
	term.choose("What do you want to do?", "Utils")
	term.choose("API Utils", "Get Statuses Url")
	term.see("All lifecycles")
	for range 14 {
		term.press("Down")
		lines := strings.Split(strings.TrimRight(term.screen(), "\n"), "\n")
		require.GreaterOrEqual(t, len(lines), 10)
		assert.True(t, strings.HasPrefix(lines[0], "ami-action · stack AmiLifecycle"), "the first line is ours: %q", lines[0])
		assert.Contains(t, lines[1], "Get Statuses Url")
		assert.Equal(t, "All lifecycles, most recently changed first.", lines[3])
		assert.Contains(t, lines[len(lines)-1], "Ctrl-C quit")
	}
	// The columns are aligned: the text after each name is at the same place.
	columns := map[int]bool{}
	for line := range strings.Lines(term.screen()) {
		if at := strings.Index(line, "hostile-tag"); at >= 0 && !strings.ContainsAny(line, "漢👨न́") {
			columns[len([]rune(line[:at]))] = true
		}
	}
	assert.Len(t, columns, 1)
	term.press("C-c")
	term.ended(130)
}

// createRaw creates a lifecycle by a raw request, because our client refuses some of these names.
func createRaw(t *testing.T, server *sandbox.Server, name, version string) {
	t.Helper()
	finder, err := deployment.New(deployment.Options{
		AWSEndpoint: server.URL(), StackName: "AmiLifecycle", APIKeyPrefix: "/ami-lifecycle/api-keys/",
		OnSecret: func(string) {}, Redact: func(text string) string { return text },
	})
	require.NoError(t, err)
	endpoint, err := finder.Endpoint(t.Context())
	require.NoError(t, err)
	key, err := finder.Key(t.Context(), "ami_creation_post_api_key")
	require.NoError(t, err)
	body, err := json.Marshal(map[string]any{
		"api_key": key, "stack_tag": "hostile-tag", "owner": "me", "product_name": name, "product_ver": version, "commit_ref": "abc",
		"notifications": []map[string]string{{"method": "EMAIL", "target": "me@example.com"}},
		"events": []map[string]any{
			{"name": "BUILD_AMI", "enabled": true}, {"name": "SMOKE_TESTS_AMI_CREATE", "enabled": false},
			{"name": string(lifecycle.VulnerabilityScansCreate), "enabled": false}, {"name": "QA_CERTIFICATION_REQUEST", "enabled": false},
		},
	})
	require.NoError(t, err)
	response, err := http.Post(endpoint+"/ami-creation/lifecycles", "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
}
