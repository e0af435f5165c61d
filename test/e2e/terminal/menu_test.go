package terminal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const goodComponent = `name: httpd
description: Installs a web server.
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Install
        action: ExecuteBash
        inputs:
          commands:
            - yum install -y httpd
`

// An image goes through its whole lifecycle by the documented menus, in a small terminal and in a large one.
func TestTheWholeLifecycleThroughTheMenus(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			term := sandboxed(t, size[0], size[1])
			require.NoError(t, os.WriteFile(filepath.Join(term.dir, "good.yaml"), []byte(goodComponent), 0o600))
			const next = "Completed: everything"
			pages := func() {
				term.press("Escape")
				term.see("AMI Lifecycle Orchestrator API")
			}

			term.see("Create AMI", "Update AMI", "Patch approved AMI", "Continue AMI Patching", "Utils", "Quit")
			term.create("Smoke Tests", "Vulnerability Scans")
			term.see("Build", "Smoke tests", "completed")
			pages()

			term.choose("Quit", "Update AMI")
			term.choose("Which lifecycle?", "Demo 1.0.0")
			term.see("unavailable: SMOKE_TESTS has already completed", "QA Certification")
			term.mark("Which events?", "QA Certification")
			term.accept("› Owner")
			term.accept("› Notifications")
			term.choose("Equivalent BATCH command", "Send")
			term.see(next)
			pages()

			verdict := func(entry, word string) {
				term.choose("Quit", "Utils")
				term.choose("API Utils", entry)
				term.choose("Which lifecycle?", "Demo 1.0.0")
				term.choose("› Verdict", word)
				term.choose("Verdict: "+word, "Send")
				term.see(next)
				term.press("Escape")
				term.see("API Utils")
				pages()
			}
			verdict("Simulate QA Certification Response", "CERTIFIED")
			verdict("Simulate AMI Approval AMI Creation", "APPROVED")

			term.choose("Quit", "Patch approved AMI")
			term.choose("Which lifecycle?", "Demo 1.0.0")
			term.mark("Which events?", "AMI Patch only")
			term.fill("› Component", "good.yaml")
			term.fill("› Description", "Adds a web server.")
			term.choose("› Version", "MINOR")
			term.accept("› Owner")
			term.accept("› Notifications")
			term.choose("Equivalent BATCH command", "Send")
			term.see(next)
			pages()

			term.choose("Quit", "Continue AMI Patching")
			term.choose("Which lifecycle?", "Demo 1.0.0")
			term.mark("Which events?", "Smoke Tests", "Vulnerability Scans")
			term.accept("› Owner")
			term.accept("› Notifications")
			term.choose("Equivalent BATCH command", "Send")
			term.see(next)
			pages()
			verdict("Simulate AMI Approval AMI Patch", "APPROVED")

			term.choose("Quit", "Utils")
			term.choose("API Utils", "Get Status Url by LifecycleId")
			term.choose("Which lifecycle?", "Demo 1.0.0")
			term.see("Demo 1.0.0", "Lifecycle ", "Previous Menu")
			term.press("Escape")
			term.choose("API Utils", "Get Statuses Url")
			term.see("All lifecycles")
			term.typed("nothing like that")
			term.see("/ nothing like that", "No matches.")
			term.clearSearch()
			term.choose("All lifecycles", "Demo 1.0.0")
			term.see("AMI version")
			term.press("Escape")
			term.see("All lifecycles")
			term.press("Escape")
			for _, entry := range []string{"Get Timeline Url for AMI Creation", "Get Timeline Url for AMI Patch"} {
				term.choose("API Utils", entry)
				term.choose("Which lifecycle?", "Demo 1.0.0")
				term.see("The timeline was saved to:")
				saved, err := filepath.Glob(filepath.Join(term.dir, "ami-timeline-*.html"))
				require.NoError(t, err)
				require.Len(t, saved, 1)
				require.NoError(t, os.Remove(saved[0]))
				term.press("Escape")
			}
			term.see("API Utils")
			pages()
			term.choose("What do you want to do?", "Quit")
			term.ended(0)
		})
	}
}

// An entry that the rules do not allow is shown with the reason and cannot be selected.
func TestWhatIsNotAllowedSaysWhy(t *testing.T) {
	t.Parallel()
	term := sandboxed(t, 120, 30)
	term.create("AMI Build only")
	term.press("Escape")
	term.choose("Quit", "Patch approved AMI")
	term.see("No lifecycle is ready for this operation.", "unavailable: only a certified and approved AMI can be")
	term.press("Home", "Enter")
	term.see("complete its creation first")
	term.press("Escape")
	term.choose("Quit", "Update AMI")
	term.choose("Which lifecycle?", "Demo 1.0.0")
	term.mark("Which events?", "QA Certification")
	term.see("cannot start before SMOKE_TESTS has completed")
}

// The faults of a component are shown while its path is typed, and a faulty component is not accepted.
func TestAComponentIsCheckedWhileItsPathIsWritten(t *testing.T) {
	t.Parallel()
	term := open(t, 100, 40)
	require.NoError(t, os.WriteFile(filepath.Join(term.dir, "bad.yaml"), []byte("name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: a\n        action: ExecuteBsh\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(term.dir, "good.yaml"), []byte(goodComponent), 0o600))
	batch := command + " --sandbox --sandboxSpeed 100 --stackTag main --owner me --notifications EMAIL::me@example.com"
	term.typed("id=$(" + batch + " --operation AMI_CREATE --events SMOKE_TESTS --events VULNERABILITY_SCANS --events QA_CERTIFICATION_REQUEST" +
		" --productName Demo --productVer 1 2>/dev/null) && " +
		batch + " --operation AMI_QA_CERTIFICATION --lifecycleId $id --certificationStatus CERTIFIED >/dev/null 2>&1 && " +
		batch + " --operation AMI_APPROVAL_CREATE --lifecycleId $id --approvalStatusAmiCreation APPROVED >/dev/null 2>&1; echo MADE $?")
	term.press("Enter")
	term.see("MADE 0")
	term.ui("--sandbox --sandboxSpeed 100")
	term.choose("Quit", "Patch approved AMI")
	term.choose("Which lifecycle?", "Demo 1")
	term.mark("Which events?", "AMI Patch only")
	term.see("› Component", "Enter the path to a YAML file.")
	term.typed("bad.yam")
	term.see("File not found.")
	term.typed("l")
	term.see("ExecuteBsh", "^^^")
	term.press("Enter")
	term.see("› Component", "bad.yaml:7")
	term.fill("› Component", "good.yaml")
	term.see("› Description")
}

// Going back from a question shows the previous question with its answer.
func TestEscapeGoesBackEverywhere(t *testing.T) {
	t.Parallel()
	term := sandboxed(t, 80, 24)
	term.choose("What do you want to do?", "Create AMI")
	term.mark("Which events?", "AMI Build only")
	term.fill("Product name", "Demo")
	term.see("Product version")
	term.press("Escape")
	term.see("Product name", "> Demo")
	term.press("Escape")
	term.see("Which events?")
	term.press("?")
	term.see("Press any key to close this help.")
	term.press("Escape")
	term.see("Which events?")
	term.press("Escape")
	term.see("What do you want to do?")
	term.press("Escape")
	term.see("To quit, select Quit or press Ctrl-C.")
	term.press("C-c")
	term.ended(130)
}

// The answers are offered again in the next session.
func TestLastAnswersAreOfferedAgain(t *testing.T) {
	t.Parallel()
	term := sandboxed(t, 80, 24)
	term.create("AMI Build only")
	term.press("C-c")
	term.ended(130)
	kept, err := os.ReadFile(filepath.Join(term.dir, "config", "ami-action", "answers.json"))
	require.NoError(t, err)
	assert.Contains(t, string(kept), `"Demo"`)
	term.press("C-l")
	term.ui("--sandbox --sandboxSpeed 100")
	term.choose("What do you want to do?", "Create AMI")
	term.mark("Which events?", "AMI Build only")
	term.see("Product name", "> Demo")
}

// The copied BATCH command is in the terminal's clipboard. When it is pasted, it does the same as the menus.
func TestTheCopiedLineDoesTheSame(t *testing.T) {
	t.Parallel()
	term := open(t, 100, 40, "PATH="+filepath.Dir(command)+":"+os.Getenv("PATH"))
	term.tmux("set-option", "-s", "set-clipboard", "on")
	term.ui("--sandbox --sandboxSpeed 100 --pollInterval 1s")
	term.choose("What do you want to do?", "Create AMI")
	term.mark("Which events?", "AMI Build only")
	term.fill("Product name", "Demo's image")
	term.fill("Product version", "1.0.0")
	term.fill("Stack tag", "main")
	term.fill("› Owner", "me")
	term.fill("› Notifications", "EMAIL::me@example.com")
	term.choose("Equivalent BATCH command", "Copy the BATCH command")
	term.see("Copied to the clipboard, if your terminal supports it")
	term.press("C-c")
	term.ended(130)
	term.typed("clear")
	term.press("Enter")
	term.tmux("paste-buffer")
	term.typed("; echo PASTED $?")
	term.press("Enter")
	term.see("PASTED 0", "BUILD_AMI completed")
}

// If no program can open the page, its path stays on the screen.
func TestAPageThatCannotBeOpenedIsNamed(t *testing.T) {
	t.Parallel()
	term := open(t, 80, 24)
	term.typed("PATH=" + term.dir)
	term.press("Enter")
	term.ui("--sandbox --sandboxSpeed 100 --pollInterval 1s")
	term.create("AMI Build only")
	term.press("Escape")
	term.choose("Quit", "Utils")
	term.choose("API Utils", "Get Timeline Url for AMI Creation")
	term.choose("Which lifecycle?", "Demo 1.0.0")
	term.choose("The timeline was saved to:", "Open in browser")
	term.see("The page could not be opened", "ami-timeline-")
}
