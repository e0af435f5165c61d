package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

const helpWidth = 100

const helpIntroduction = `ami-action takes an AMI through its lifecycle at an AMI Lifecycle Orchestrator, and waits until
each event has really finished.

Usage:
  ami-action --operation OPERATION [settings]   carry out one operation
  ami-action --help | --version

Try it without an AWS account: add --sandbox to any command.
`

// helpGroups are the operations as the help shows them, by what a user wants to do.
var helpGroups = []struct {
	title      string
	operations []lifecycle.Operation
	example    string
}{
	{
		"Create an AMI",
		[]lifecycle.Operation{
			lifecycle.Create, lifecycle.CreateUpdate, lifecycle.QACertification, lifecycle.ApprovalCreate,
		},
		`ami-action --operation AMI_CREATE --stackTag main --events AMI_BUILD_ONLY --owner ownername \
  --productVer 1.0.0 --productName "My Product Name" --notifications EMAIL::user@domain.com

ami-action --operation AMI_CREATE_UPDATE --stackTag main \
  --lifecycleId bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7 --events SMOKE_TESTS \
  --events VULNERABILITY_SCANS --events QA_CERTIFICATION_REQUEST \
  --owner ownername --notifications EMAIL::user@domain.com

ami-action --operation AMI_QA_CERTIFICATION --stackTag main \
  --lifecycleId 3f0bd60d-8695-4b67-b6a7-2847e38e631d --certificationStatus CERTIFIED

ami-action --operation AMI_APPROVAL_CREATE --stackTag main \
  --lifecycleId 3f0bd60d-8695-4b67-b6a7-2847e38e631d --approvalStatusAmiCreation APPROVED`,
	},
	{
		"Patch an AMI",
		[]lifecycle.Operation{lifecycle.Patch, lifecycle.PatchUpdate, lifecycle.ApprovalPatch},
		`ami-action --operation AMI_PATCH --stackTag main \
  --lifecycleId 3f0bd60d-8695-4b67-b6a7-2847e38e631d --events AMI_PATCH_ONLY \
  --owner ownername --notifications EMAIL::user@domain.com \
  --patchComponent sample_component.yaml --semverBumpType MINOR \
  --patchChangeDescription "Adds Apache Httpd. Sets Apache Httpd to start on boot."

ami-action --operation AMI_APPROVAL_PATCH --stackTag main \
  --lifecycleId bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7 --approvalStatusAmiPatch APPROVED`,
	},
	{
		"Wait and look",
		[]lifecycle.Operation{
			lifecycle.Wait, lifecycle.GetStatus, lifecycle.GetStatuses,
			lifecycle.TimelineCreate, lifecycle.TimelinePatch,
		},
		`ami-action --operation AMI_WAIT --lifecycleId bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7

ami-action --operation AMI_GET_STATUSES --stackTag main --output json`,
	},
}

const helpEnvironment = `Each setting has an environment variable too: AMI_ and the flag's name in capitals with
underscores, such as AMI_LIFECYCLE_ID for --lifecycleId. A flag wins over INPUT_LIFECYCLE_ID, which
is how GitHub hands an input over, and that over AMI_LIFECYCLE_ID. A list in a variable has one
entry a line, or is a JSON array; events may be separated by commas. An empty variable counts as
not set. Flags match without regard to case and hyphens: --stacktag is --stackTag.

AWS is found as by every AWS tool: AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL.
`

// ExitCode is what the process says when it ends.
type ExitCode struct {
	Code    string
	Meaning string
}

// ExitCodes returns the exit codes and what each means (design.md, "What goes out").
func ExitCodes() []ExitCode {
	return []ExitCode{
		{"0", "All that was asked for has finished, and well."},
		{"1", "An event ended FAILED or in ERROR, was blocked by one that did, or a gate was not passed."},
		{"2", "The configuration or the component file is wrong; nothing was sent."},
		{"3", "The orchestrator refused."},
		{"4", "AWS or the orchestrator could not be reached, or gave no usable answer."},
		{"5", "The wait timed out; the event goes on, and the line that resumes it was printed."},
		{"6", "It is not known whether the request was carried out; nothing was sent twice."},
		{"129, 130, 143", "Interrupted by SIGHUP, SIGINT or SIGTERM; the event goes on, and the line that resumes it was printed."},
	}
}

// Help returns the text of --help, for a terminal of 100 columns.
func Help() string {
	var help strings.Builder
	help.WriteString(helpIntroduction)
	for _, group := range helpGroups {
		fmt.Fprintf(&help, "\n%s\n%s\n", group.title, strings.Repeat("-", len(group.title)))
		for _, operation := range group.operations {
			describeOperation(&help, operation)
		}
		help.WriteString("\n  Examples:\n")
		for line := range strings.SplitSeq(group.example, "\n") {
			help.WriteString(strings.TrimRight("    "+line, " ") + "\n")
		}
	}
	title(&help, "Settings")
	for i := range declared {
		describeSetting(&help, &declared[i])
	}
	title(&help, "Environment")
	help.WriteString(helpEnvironment)
	title(&help, "Exit codes")
	for _, code := range ExitCodes() {
		indented(&help, fmt.Sprintf("  %-8s  ", code.Code), code.Meaning)
	}
	return help.String()
}

func title(help *strings.Builder, text string) {
	fmt.Fprintf(help, "\n%s\n%s\n", text, strings.Repeat("-", len(text)))
}

// describeOperation shows what an operation does and the settings that are its own: those that only
// repeat what all take are left to the list of settings.
func describeOperation(help *strings.Builder, operation lifecycle.Operation) {
	fmt.Fprintf(help, "  %s\n", operation)
	indented(help, "      ", operation.Summary()+".")
	var needs, takes []string
	for i := range declared {
		setting := &declared[i]
		switch {
		case setting.Name == Operation || len(setting.UsedBy) == len(all):
		case slices.Contains(setting.RequiredBy, operation):
			needs = append(needs, setting.Name.Flag())
		case slices.Contains(setting.UsedBy, operation):
			takes = append(takes, setting.Name.Flag())
		}
	}
	if len(needs) > 0 {
		indented(help, "      needs  ", strings.Join(needs, ", "))
	}
	if len(takes) > 0 {
		indented(help, "      takes  ", strings.Join(takes, ", "))
	}
	if operation.TakesEvents() {
		indented(help, "      events ", strings.Join(operation.Choices(), ", "))
	}
}

func describeSetting(help *strings.Builder, setting *Setting) {
	head := "  " + setting.Name.Flag()
	if setting.Placeholder != "" {
		head += " " + setting.Placeholder
	}
	if setting.Repeats() {
		head += "  (repeat it for several)"
	}
	help.WriteString(head + "\n")
	text := setting.Description
	if len(setting.Options) > 0 && setting.Name != Operation {
		text += " One of " + listed(setting.Options) + "."
	}
	if value := setting.DefaultText(); value != "" {
		text += " Default: " + value + "."
	}
	indented(help, "      ", text)
}

// indented writes text under a first line's head, broken at blanks to fit the width.
func indented(help *strings.Builder, head, text string) {
	line := head
	empty := true
	for _, word := range strings.Fields(text) {
		if !empty && len(line)+1+len(word) > helpWidth {
			help.WriteString(strings.TrimRight(line, " ") + "\n")
			line, empty = strings.Repeat(" ", len(head)), true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	help.WriteString(line + "\n")
}
