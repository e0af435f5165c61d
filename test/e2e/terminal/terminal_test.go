// Package terminal_test drives UI mode as a user does: it sends keys to a real terminal and reads its screen.
package terminal_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// command is the path of the ami-action that the tests run.
var command string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		// The tests take a minute, mostly to wait for screens. CI runs them through test/e2e/terminal/run.
		if os.Getenv("AMI_E2E_TERMINAL") != "1" {
			fmt.Println("AMI_E2E_TERMINAL is not 1: the tests of UI mode in a terminal are skipped")
			return 0
		}
		if _, err := exec.LookPath("tmux"); err != nil {
			fmt.Fprintln(os.Stderr, "tmux is not installed")
			return 1
		}
		dir, err := os.MkdirTemp("", "ami-terminal")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		command = filepath.Join(dir, "ami-action")
		build := exec.Command("go", "build", "-race=false", "-o", command, "../../../cmd/ami-action")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%s", output)
			return 1
		}
		return m.Run()
	}())
}

// patience is how long a test waits for a text on the screen. It is long enough for a busy machine.
const patience = 30 * time.Second

// terminal is a terminal that runs a shell in a directory of its own.
type terminal struct {
	t           *testing.T
	socket, dir string
}

// open opens a terminal of the given size. The prompt of its shell is "READY".
func open(t *testing.T, width, height int, environ ...string) *terminal {
	t.Helper()
	dir, err := os.MkdirTemp("", "ami-terminal")
	require.NoError(t, err)
	term := &terminal{t: t, dir: dir}
	term.socket = filepath.Join(term.dir, "tmux")
	args := []string{"-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "-c", term.dir,
		"env", "-i", "PATH=" + os.Getenv("PATH"), "HOME=" + term.dir, "XDG_CONFIG_HOME=" + filepath.Join(term.dir, "config"),
		"TERM=screen-256color", "LC_ALL=C.UTF-8", "PS1=READY ", "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=any",
		"AWS_SECRET_ACCESS_KEY=any", "AWS_EC2_METADATA_DISABLED=true"}
	args = append(append(args, environ...), "bash", "--norc", "--noprofile", "-i")
	term.tmux(args...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen at the end:\n%s", term.screen())
		}
		_ = term.run("kill-server").Run()
		// The processes in it may write files until they have ended.
		assert.Eventually(t, func() bool { return os.RemoveAll(dir) == nil }, patience, 20*time.Millisecond)
	})
	term.see("READY")
	return term
}

func (term *terminal) run(args ...string) *exec.Cmd {
	c := exec.Command("tmux", append([]string{"-u", "-S", term.socket}, args...)...)
	c.Env = append(os.Environ(), "TMUX=")
	return c
}

func (term *terminal) tmux(args ...string) string {
	term.t.Helper()
	output, err := term.run(args...).CombinedOutput()
	require.NoError(term.t, err, "tmux %s: %s", args, output)
	return string(output)
}

// ui starts UI mode in the shell, with additional arguments.
func (term *terminal) ui(args string) {
	term.t.Helper()
	term.typed(command + " --mode UI " + args + "; echo ENDED $?")
	term.press("Enter")
}

// sandboxed starts UI mode with a sandbox whose events take almost no time.
func sandboxed(t *testing.T, width, height int, environ ...string) *terminal {
	t.Helper()
	term := open(t, width, height, environ...)
	term.ui("--sandbox --sandboxSpeed 100 --pollInterval 1s")
	return term
}

// press presses keys, which are given by their names in tmux.
func (term *terminal) press(keys ...string) {
	term.t.Helper()
	term.tmux(append([]string{"send-keys"}, keys...)...)
}

func (term *terminal) typed(text string) {
	term.t.Helper()
	term.tmux("send-keys", "-l", text)
}

func (term *terminal) screen() string {
	output, _ := term.run("capture-pane", "-p").CombinedOutput()
	return string(output)
}

// see waits until the screen shows all texts.
func (term *terminal) see(texts ...string) {
	term.t.Helper()
	seen := func() bool {
		screen := term.screen()
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	}
	require.Eventually(term.t, seen, patience, 30*time.Millisecond, "the screen never shows %q", texts)
}

// clearSearch presses Esc until the search is empty. On a machine under heavy load, a key after many keys at once
// sometimes had no effect. A user presses it again then, and so does clearSearch.
func (term *terminal) clearSearch() {
	term.t.Helper()
	var pressed time.Time
	require.Eventually(term.t, func() bool {
		if strings.Contains(term.screen(), "/ type to search") {
			return true
		}
		if time.Since(pressed) > patience/6 {
			if !pressed.IsZero() {
				term.t.Log("Esc had no effect, and is pressed again")
			}
			term.press("Escape")
			pressed = time.Now()
		}
		return false
	}, patience, 30*time.Millisecond)
}

// choose moves to an entry and presses Enter. page is a text on the page with the entry.
func (term *terminal) choose(page, text string) {
	term.t.Helper()
	term.moveTo(page, text)
	term.press("Enter")
}

// moveTo moves the cursor to an entry.
func (term *terminal) moveTo(page, text string) {
	term.t.Helper()
	term.see(page, text)
	for range 40 {
		if onEntry(term.screen(), text) {
			return
		}
		before := term.screen()
		term.press("Down")
		require.Eventually(term.t, func() bool { return term.screen() != before }, patience, 20*time.Millisecond)
	}
	require.Fail(term.t, "the cursor never reaches it", text)
}

func onEntry(screen, text string) bool {
	for line := range strings.Lines(screen) {
		if strings.HasPrefix(line, "> ") && strings.Contains(line, text) {
			return true
		}
	}
	return false
}

// mark marks entries on a page that allows several, and presses Enter.
func (term *terminal) mark(page string, texts ...string) {
	term.t.Helper()
	for _, text := range texts {
		term.moveTo(page, text)
		term.press("Space")
		term.see("[x] " + text)
	}
	term.press("Enter")
}

// fill replaces the content of the field on a page and presses Enter.
func (term *terminal) fill(page, text string) {
	term.t.Helper()
	term.see(page)
	term.press("C-e", "C-u")
	term.typed(text)
	term.see("> " + text)
	term.press("Enter")
}

// accept presses Enter to accept the content of the field on a page.
func (term *terminal) accept(page string) {
	term.t.Helper()
	term.see(page)
	term.press("Enter")
}

// ended waits until the command has ended. It checks the exit code and that the terminal is restored: echo and line
// editing are on again, and the original screen is back.
func (term *terminal) ended(code int) {
	term.t.Helper()
	term.see(fmt.Sprintf("ENDED %d", code))
	assert.Equal(term.t, "0", strings.TrimSpace(term.tmux("display-message", "-p", "#{alternate_on}")), "the alternate screen")
	assert.Equal(term.t, "1", strings.TrimSpace(term.tmux("display-message", "-p", "#{cursor_flag}")), "the cursor")
	term.typed("stty -a | tr ' ' '\\n' | grep -cx -e echo -e icanon -e isig | sed s/^/MODES/")
	term.press("Enter")
	term.see("MODES3")
}

// create goes through the menu Create AMI and waits until the events have ended.
func (term *terminal) create(events ...string) {
	term.t.Helper()
	term.choose("What do you want to do?", "Create AMI")
	term.mark("Which events?", events...)
	term.fill("Product name", "Demo")
	term.fill("Product version", "1.0.0")
	term.fill("Stack tag", "main")
	term.fill("› Owner", "me")
	term.fill("› Notifications", "EMAIL::me@example.com")
	term.choose("Equivalent BATCH command", "Send")
	term.see("Completed: everything you requested has finished.")
}
