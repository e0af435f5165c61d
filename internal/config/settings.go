package config

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// The values of Settings.Mode.
const (
	ModeBatch = "BATCH"
	ModeUI    = "UI"
)

// The values of Settings.Claims.
const (
	ClaimsRequire = "require"
	ClaimsAuto    = "auto"
	ClaimsOff     = "off"
)

// The values of Settings.Summary.
const (
	SummaryFull  = "full"
	SummaryShort = "short"
	SummaryOff   = "off"
)

// SemverLatest is the value of Settings.Semver that matches every version.
const SemverLatest = "latest"

// The values of Settings.ImageKind.
const (
	KindCreated = "created"
	KindPatched = "patched"
)

// The values of Settings.Output.
const (
	OutputText = "text"
	OutputJSON = "json"
)

// Settings holds the checked settings: everything that the operation needs is set, and no value
// can harm the server. Settings with a fixed set of values have the documented spelling.
type Settings struct {
	// Mode is ModeBatch or ModeUI. In UI mode, the settings that an operation requires may be missing.
	Mode      string              `env:"AMI_MODE"`
	Operation lifecycle.Operation `env:"AMI_OPERATION"`
	// Events are valid for lifecycle.EventsOf. For AMI_WAIT they are valid for lifecycle.WaitedFor, or there are
	// none.
	Events        []string                 `env:"AMI_EVENTS"`
	LifecycleID   string                   `env:"AMI_LIFECYCLE_ID"`
	Owner         string                   `env:"AMI_OWNER"`
	StackTag      string                   `env:"AMI_STACK_TAG"`
	ProductName   string                   `env:"AMI_PRODUCT_NAME"`
	ProductVer    string                   `env:"AMI_PRODUCT_VER"`
	Notifications []lifecycle.Notification `env:"AMI_NOTIFICATIONS"`
	Properties    map[string]string        `env:"AMI_PROPERTIES"`
	CommitRef     string                   `env:"AMI_COMMIT_REF"`

	// PatchComponent is the path of an existing file. In a pipeline it is an absolute path in the workspace.
	PatchComponent         string `env:"AMI_PATCH_COMPONENT"`
	PatchChangeDescription string `env:"AMI_PATCH_CHANGE_DESCRIPTION"`
	// SemverBumpType is MINOR or PATCH.
	SemverBumpType string `env:"AMI_SEMVER_BUMP_TYPE"`
	// CertificationStatus is CERTIFIED or FAILED.
	CertificationStatus string `env:"AMI_CERTIFICATION_STATUS"`
	// ApprovalStatusAMICreation and ApprovalStatusAMIPatch are APPROVED or FAILED.
	ApprovalStatusAMICreation string `env:"AMI_APPROVAL_STATUS_AMI_CREATION"`
	ApprovalStatusAMIPatch    string `env:"AMI_APPROVAL_STATUS_AMI_PATCH"`

	Wait        bool          `env:"AMI_WAIT"`
	WaitTimeout time.Duration `env:"AMI_WAIT_TIMEOUT"`
	// PollInterval is the time between two status requests. Zero means that it grows with the age of the event.
	PollInterval time.Duration `env:"AMI_POLL_INTERVAL"`
	// FailOnSeverity is the lowest severity that fails the job. It is "" if none does, or if the operation has no
	// scan.
	FailOnSeverity lifecycle.Severity `env:"AMI_FAIL_ON_SEVERITY"`
	// Claims is ClaimsRequire, ClaimsAuto or ClaimsOff.
	Claims  string `env:"AMI_CLAIMS"`
	Insight bool   `env:"AMI_INSIGHT"`
	// BuildLog streams the build's log into the job.
	BuildLog bool `env:"AMI_BUILD_LOG"`
	// Summary is SummaryFull, SummaryShort or SummaryOff.
	Summary string `env:"AMI_SUMMARY"`
	DryRun  bool   `env:"AMI_DRY_RUN"`
	// Output is OutputText or OutputJSON.
	Output       string `env:"AMI_OUTPUT"`
	ReportFile   string `env:"AMI_REPORT_FILE"`
	TimelineFile string `env:"AMI_TIMELINE_FILE"`
	// CheckFor are the operations that AMI_DOCTOR requires to be possible.
	CheckFor []lifecycle.Operation `env:"AMI_CHECK_FOR"`

	// Semver is the version that AMI_SELECT looks for: a range, a version, or SemverLatest.
	Semver string `env:"AMI_SEMVER"`
	// Region is the region of the image, or "" for the one that the orchestrator builds in.
	Region string `env:"AMI_REGION"`
	// ImageKind is KindCreated or KindPatched, or "" for either.
	ImageKind string `env:"AMI_KIND"`
	// MinEvent is valid for lifecycle.ParseMinEvent.
	MinEvent string `env:"AMI_MIN_EVENT"`
	// TrustTable trusts the look-up table if the status documents cannot be read.
	TrustTable bool `env:"AMI_TRUST_TABLE"`
	// RoleARN is the role with which to query the look-up table, and ImageTable is the name or the ARN of the table. Both
	// may be empty.
	RoleARN    string `env:"AMI_ROLE_ARN"`
	ImageTable string `env:"AMI_IMAGE_TABLE"`

	// Status is one of StatusFilters, or "" for every lifecycle.
	Status string `env:"AMI_STATUS"`
	// Latest keeps only the newest lifecycle of each product and stack tag.
	Latest bool `env:"AMI_LATEST"`
	// OlderThan is the minimum age of the newest image of a lifecycle. Zero means any.
	OlderThan AgeLimit `env:"AMI_OLDER_THAN"`
	// Limit is the maximum number of lifecycles that AMI_GET_STATUSES shows. Zero means all.
	Limit int `env:"AMI_LIMIT"`

	StackName    string `env:"AMI_STACK_NAME"`
	APIEndpoint  string `env:"AMI_API_ENDPOINT"`
	APIKeyPrefix string `env:"AMI_API_KEY_PREFIX"`
	Sandbox      bool   `env:"AMI_SANDBOX"`
	SandboxDir   string `env:"AMI_SANDBOX_DIR"`
	// SandboxFail is what fails in the sandbox.
	SandboxFail SandboxFailures `env:"AMI_SANDBOX_FAIL"`
	// SandboxSpeed is how many times faster than usual events run in the sandbox, from 0.01 to 100.
	SandboxSpeed float64 `env:"AMI_SANDBOX_SPEED"`

	// StackTagGiven is true if the user gave the stack tag, and false if the pipeline implies it. Only a given stack tag
	// filters the list of all lifecycles.
	StackTagGiven bool
	// Platform is where the command runs, for [Name.On].
	Platform Platform
	// Warnings are about values that may be mistakes. They are shown before anything is sent.
	Warnings []Problem
}

// SandboxFailures are the events that end FAILED in the sandbox, and those whose image fails while the event stays in
// progress.
type SandboxFailures struct{ Events, Images []lifecycle.Event }

// Implied holds the values that the pipeline implies for settings that the user does not give. An empty text implies
// nothing.
type Implied struct {
	Owner, StackTag, CommitRef, ProductVer, WaitTimeout string
	// RunIDs are the properties that record this run, by key. The user's properties must not replace them.
	RunIDs map[string]string
}

func (i Implied) of(name Name) string {
	switch name {
	case Owner:
		return i.Owner
	case StackTag:
		return i.StackTag
	case CommitRef:
		return i.CommitRef
	case ProductVer:
		return i.ProductVer
	case WaitTimeout:
		return i.WaitTimeout
	default:
		return ""
	}
}
