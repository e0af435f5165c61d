package config

import (
	"strings"
	"unicode"
)

// Name is the name of a setting: its flag as the CLI's documentation spells it, without the hyphens.
type Name string

// The settings.
const (
	Mode                      Name = "mode"
	Operation                 Name = "operation"
	Events                    Name = "events"
	LifecycleID               Name = "lifecycleId"
	Owner                     Name = "owner"
	StackTag                  Name = "stackTag"
	ProductName               Name = "productName"
	ProductVer                Name = "productVer"
	Notifications             Name = "notifications"
	Properties                Name = "properties"
	CommitRef                 Name = "commitRef"
	PatchComponent            Name = "patchComponent"
	PatchChangeDescription    Name = "patchChangeDescription"
	SemverBumpType            Name = "semverBumpType"
	CertificationStatus       Name = "certificationStatus"
	ApprovalStatusAMICreation Name = "approvalStatusAmiCreation"
	ApprovalStatusAMIPatch    Name = "approvalStatusAmiPatch"
	Wait                      Name = "wait"
	WaitTimeout               Name = "waitTimeout"
	PollInterval              Name = "pollInterval"
	FailOnSeverity            Name = "failOnSeverity"
	Claims                    Name = "claims"
	Insight                   Name = "insight"
	BuildLog                  Name = "buildLog"
	Summary                   Name = "summary"
	Semver                    Name = "semver"
	Region                    Name = "region"
	ImageKind                 Name = "kind"
	MinEvent                  Name = "minEvent"
	TrustTable                Name = "trustTable"
	RoleARN                   Name = "roleArn"
	ImageTable                Name = "imageTable"
	Status                    Name = "status"
	Latest                    Name = "latest"
	OlderThan                 Name = "olderThan"
	Limit                     Name = "limit"
	DryRun                    Name = "dryRun"
	Output                    Name = "output"
	ReportFile                Name = "reportFile"
	TimelineFile              Name = "timelineFile"
	CheckFor                  Name = "checkFor"
	StackName                 Name = "stackName"
	APIEndpoint               Name = "apiEndpoint"
	APIKeyPrefix              Name = "apiKeyPrefix"
	Sandbox                   Name = "sandbox"
	SandboxDir                Name = "sandboxDir"
	SandboxFail               Name = "sandboxFail"
	SandboxSpeed              Name = "sandboxSpeed"
)

// Flag returns the setting as it is written on a command line: "--lifecycleId".
func (n Name) Flag() string { return "--" + string(n) }

// Input returns the name of the GitHub input and of the GitLab component input: "lifecycle_id". It has
// no hyphens, because the shells of small images drop variables with a hyphen in their names.
func (n Name) Input() string {
	var input strings.Builder
	for _, letter := range string(n) {
		if unicode.IsUpper(letter) {
			input.WriteByte('_')
		}
		input.WriteRune(unicode.ToLower(letter))
	}
	return input.String()
}

// Variable returns the name of the environment variable: "AMI_LIFECYCLE_ID".
func (n Name) Variable() string { return "AMI_" + strings.ToUpper(n.Input()) }

// inputVariable returns the variable in which GitHub passes an input to the process.
func (n Name) inputVariable() string { return "INPUT_" + strings.ToUpper(n.Input()) }

// Platform is where the command runs. It decides how messages name settings and how their values are
// written.
type Platform int

// The platforms.
const (
	CommandLine Platform = iota
	GitHubAction
	GitLabComponent
)

// On returns the setting's name as the user of the platform writes it, for messages and hints:
// "--lifecycleId" on a command line, "input lifecycle_id" in a pipeline, or the variable if the
// setting is not an input there.
func (n Name) On(platform Platform) string {
	switch {
	case platform == CommandLine:
		return n.Flag()
	case declaration(n).CommandLineOnly:
		return n.Variable()
	}
	return "input " + n.Input()
}
