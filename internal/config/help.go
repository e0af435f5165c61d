package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mitchellh/go-wordwrap"

	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/phrase"
)

// DefaultWidth is the width of the help, in columns, if the width of the terminal is unknown.
const DefaultWidth = 80

// minWidth is the minimum width for which the help is formatted, in columns.
const minWidth = 40

const helpIntroduction = "ami-action takes an AMI through its lifecycle at an AMI Lifecycle Orchestrator, and waits until each " +
	"event has finished."

const usage = `Usage:
  ami-action --operation OPERATION [settings]
  ami-action --operation OPERATION --help
  ami-action doctor [settings]
  ami-action help | version | man
  ami-action completion bash|fish|zsh
  ami-action check-component [FILE...]
`

const helpSandbox = "To try it without an AWS account, add --sandbox to any command."

const helpUI = "ami-action --mode UI asks for what it needs, in a terminal."

// helpGroups are the operations in the order of the help, grouped by task.
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
		`ami-action --operation AMI_CREATE --stackTag main \
  --events AMI_BUILD_ONLY --owner ownername \
  --productVer 1.0.0 --productName "My Product Name" \
  --notifications EMAIL::user@domain.com

ami-action --operation AMI_CREATE_UPDATE --stackTag main \
  --lifecycleId bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7 \
  --events SMOKE_TESTS --events VULNERABILITY_SCANS \
  --events QA_CERTIFICATION_REQUEST \
  --owner ownername --notifications EMAIL::user@domain.com

ami-action --operation AMI_QA_CERTIFICATION --stackTag main \
  --lifecycleId 3f0bd60d-8695-4b67-b6a7-2847e38e631d \
  --certificationStatus CERTIFIED

ami-action --operation AMI_APPROVAL_CREATE --stackTag main \
  --lifecycleId 3f0bd60d-8695-4b67-b6a7-2847e38e631d \
  --approvalStatusAmiCreation APPROVED`,
	},
	{
		"Patch an AMI",
		[]lifecycle.Operation{lifecycle.Patch, lifecycle.PatchUpdate, lifecycle.ApprovalPatch},
		`ami-action --operation AMI_PATCH --stackTag main \
  --lifecycleId 3f0bd60d-8695-4b67-b6a7-2847e38e631d \
  --events AMI_PATCH_ONLY --semverBumpType MINOR \
  --owner ownername --notifications EMAIL::user@domain.com \
  --patchComponent sample_component.yaml \
  --patchChangeDescription "Adds Apache Httpd."

ami-action --operation AMI_PATCH_UPDATE --stackTag main \
  --lifecycleId 3f0bd60d-8695-4b67-b6a7-2847e38e631d \
  --events SMOKE_TESTS --events VULNERABILITY_SCANS \
  --owner ownername --notifications EMAIL::user@domain.com

ami-action --operation AMI_APPROVAL_PATCH --stackTag main \
  --lifecycleId bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7 \
  --approvalStatusAmiPatch APPROVED`,
	},
	{
		"Wait and look",
		[]lifecycle.Operation{
			lifecycle.Wait, lifecycle.GetStatus, lifecycle.GetStatuses, lifecycle.Select,
			lifecycle.TimelineCreate, lifecycle.TimelinePatch,
		},
		`ami-action --operation AMI_WAIT \
  --lifecycleId bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7

ami-action --operation AMI_GET_STATUS_BY_LIFECYCLE_ID \
  --lifecycleId bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7

ami-action --operation AMI_GET_STATUSES --stackTag main --output json

ami-action --operation AMI_GET_STATUSES --productName "My Product*" \
  --latest --status patchable --olderThan 30d --limit 10 \
  --reportFile patchable.html

ami-action --operation AMI_SELECT --stackTag main --semver ^2.1

ami-action --operation AMI_TIMELINE_CREATE \
  --lifecycleId df26302b-d54e-4575-81c7-ffd6ddfa2cb7

ami-action --operation AMI_TIMELINE_PATCH \
  --lifecycleId df26302b-d54e-4575-81c7-ffd6ddfa2cb7`,
	},
	{
		"Check the deployment",
		[]lifecycle.Operation{lifecycle.Doctor},
		`ami-action doctor

ami-action doctor --checkFor AMI_CREATE --checkFor AMI_CREATE_UPDATE

ami-action --operation AMI_DOCTOR --output json`,
	},
}

var helpEnvironment = []string{
	"Each setting has an environment variable too: AMI_ and the flag's name in capitals with underscores, such as " +
		"AMI_LIFECYCLE_ID for --lifecycleId. A flag takes precedence over INPUT_LIFECYCLE_ID, in which GitHub passes an input, " +
		"and that over AMI_LIFECYCLE_ID. An empty variable counts as not set. A list in a variable has one entry a line, or is " +
		"a JSON array; events may be separated by commas.",
	"Flags match without regard to case and hyphens: --stacktag is --stackTag.",
	"AWS is configured as for every AWS tool: AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL.",
}

// Usage returns the short usage for a terminal of width columns.
func Usage(width int) string {
	page := newPage(width)
	page.paragraph("", helpIntroduction)
	page.text.WriteString("\n" + usage + "\nOperations:\n")
	for _, operation := range lifecycle.Operations() {
		page.paragraph(fmt.Sprintf("  %-30s  ", operation), operation.Summary())
	}
	page.text.WriteString("\n")
	page.paragraph("", helpSandbox+" "+helpUI+" ami-action --help shows all settings.")
	return page.text.String()
}

// Help returns the help for a terminal of width columns; zero means [DefaultWidth]. If operation is not "", it returns the
// help of that operation only.
func Help(operation lifecycle.Operation, width int) string {
	page := newPage(width)
	if operation != "" {
		page.operationPage(operation)
		return page.text.String()
	}
	page.paragraph("", helpIntroduction)
	page.text.WriteString("\n" + usage + "\n")
	page.paragraph("", helpSandbox+" "+helpUI)
	for _, group := range helpGroups {
		page.title(group.title)
		for _, operation := range group.operations {
			page.operation(operation)
		}
		page.text.WriteString("\n  Examples:\n")
		page.example(group.example)
	}
	page.title("Settings")
	for i := range declared {
		page.setting(&declared[i])
	}
	page.title("Environment")
	for _, text := range helpEnvironment {
		page.paragraph("", text)
	}
	page.exitCodes()
	return page.text.String()
}

// operationPage writes the help of one operation.
func (p *page) operationPage(operation lifecycle.Operation) {
	p.paragraph("", fmt.Sprintf("%s: %s.", operation, operation.Summary()))
	fmt.Fprintf(&p.text, "\nUsage:\n  ami-action --operation %s [settings]\n", operation)
	if operation.TakesEvents() || operation == lifecycle.Wait {
		p.title("Events")
		p.paragraph("  ", strings.Join(operation.Choices(), ", "))
	}
	for _, part := range []struct {
		title string
		holds func(*Setting) bool
	}{
		{"Required settings", func(s *Setting) bool { return s.isRequiredBy(operation) }},
		{"Settings", func(s *Setting) bool { return s.isUsedBy(operation) && !s.isCommon() }},
		{"Settings of every operation", (*Setting).isCommon},
	} {
		var settings []*Setting
		for i := range declared {
			setting := &declared[i]
			isShown := setting.Name != Operation && (part.title == "Required settings" || !setting.isRequiredBy(operation))
			if isShown && part.holds(setting) {
				settings = append(settings, setting)
			}
		}
		if len(settings) == 0 {
			continue
		}
		p.title(part.title)
		for _, setting := range settings {
			p.setting(setting)
		}
	}
	for _, group := range helpGroups {
		for example := range strings.SplitSeq(group.example, "\n\n") {
			if strings.Contains(strings.ReplaceAll(example, "\\\n", " ")+" ", " "+string(operation)+" ") {
				p.title("Example")
				p.example(example)
			}
		}
	}
	p.exitCodes()
}

func (s *Setting) isRequiredBy(o lifecycle.Operation) bool { return slices.Contains(s.RequiredBy, o) }
func (s *Setting) isUsedBy(o lifecycle.Operation) bool     { return slices.Contains(s.UsedBy, o) }

// isCommon reports whether every operation uses the setting.
func (s *Setting) isCommon() bool { return len(s.UsedBy) == len(all) && s.Name != Operation }

// page is a page of text for a terminal.
type page struct {
	text  strings.Builder
	width int
}

func newPage(width int) *page {
	if width <= 0 {
		width = DefaultWidth
	}
	return &page{width: max(width, minWidth)}
}

func (p *page) title(text string) {
	fmt.Fprintf(&p.text, "\n%s\n%s\n", text, strings.Repeat("-", len(text)))
}

func (p *page) example(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		p.text.WriteString(strings.TrimRight("    "+line, " ") + "\n")
	}
}

func (p *page) exitCodes() {
	p.title("Exit codes")
	for _, entry := range exitcode.Entries() {
		p.paragraph(fmt.Sprintf("  %-18s  ", entry.Code), entry.Meaning)
	}
}

// operation writes what an operation does and which settings it uses. It leaves out the settings that all operations use,
// which are in the list of settings.
func (p *page) operation(operation lifecycle.Operation) {
	fmt.Fprintf(&p.text, "  %s\n", operation)
	p.paragraph("      ", operation.Summary()+".")
	var required, others []string
	for i := range declared {
		setting := &declared[i]
		switch {
		case setting.Name == Operation || setting.isCommon():
		case setting.isRequiredBy(operation):
			required = append(required, setting.Name.Flag())
		case setting.isUsedBy(operation):
			others = append(others, setting.Name.Flag())
		}
	}
	if len(required) > 0 {
		p.paragraph("      needs  ", strings.Join(required, ", "))
	}
	if len(others) > 0 {
		p.paragraph("      takes  ", strings.Join(others, ", "))
	}
	if operation.TakesEvents() {
		p.paragraph("      events ", strings.Join(operation.Choices(), ", "))
	}
}

func (p *page) setting(setting *Setting) {
	head := "  " + setting.Name.Flag()
	if setting.Placeholder != "" {
		head += " " + setting.Placeholder
	}
	if setting.Repeats() {
		head += "  (repeat it for several)"
	}
	p.text.WriteString(head + "\n")
	p.paragraph("      ", setting.text())
}

// text returns what the setting does, which values are allowed, and the default.
func (s *Setting) text() string {
	text := s.Description
	if len(s.Options) > 0 && s.Name != Operation {
		text += " Must be " + phrase.Or(s.Options) + "."
	}
	if value := s.DefaultText(); value != "" {
		text += " Default: " + value + "."
	}
	return text
}

// paragraph writes the head and the text, wrapped at spaces and indented by the width of the head.
func (p *page) paragraph(head, text string) {
	wrapped := wordwrap.WrapString(text, uint(max(p.width-len(head), 1))) //nolint:gosec // positive
	p.text.WriteString(head + strings.ReplaceAll(wrapped, "\n", "\n"+strings.Repeat(" ", len(head))) + "\n")
}
