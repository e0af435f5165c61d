package config

import (
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/location"
	"github.com/org/ami-action/internal/phrase"
)

// defaultWaitTimeout ends a wait before the pipeline ends the job. GitHub ends a job on its runners after six
// hours, and the remaining quarter of an hour is enough to report the state and how to resume. The
// orchestrator gives up on an event after four hours (docs/wire-contract.md, "How an event
// goes"), so a wait of less than four hours would abandon events that can still complete.
const defaultWaitTimeout = "5h45m"

var (
	all      = lifecycle.Operations()
	writes   = operationsThat(lifecycle.Operation.Writes)
	waits    = operationsThat(lifecycle.Operation.Waits)
	starts   = operationsThat(lifecycle.Operation.TakesEvents)
	existing = operationsThat(lifecycle.Operation.TakesLifecycleID)
	patches  = []lifecycle.Operation{lifecycle.Patch}
	creates  = []lifecycle.Operation{lifecycle.Create}
	selects  = []lifecycle.Operation{lifecycle.Select}
	lists    = []lifecycle.Operation{lifecycle.GetStatuses}
	finds    = []lifecycle.Operation{lifecycle.GetStatuses, lifecycle.Select}
	reports  = append(slices.Clone(waits), lifecycle.GetStatus, lifecycle.GetStatuses)
	approval = []string{lifecycle.Approved, lifecycle.Refused}
)

// declared is the only place where settings are declared. The value of a setting is in the field of Settings whose env
// tag is the setting's variable.
var declared = []Setting{
	{
		Name: Mode, Placeholder: "MODE", Default: ModeBatch, Options: []string{ModeBatch, ModeUI},
		Description: "BATCH runs one operation. UI is interactive, in a terminal.",
		UsedBy:      all, CommandLineOnly: true,
	},
	{
		Name: Operation, Placeholder: "OPERATION", Options: textsOf(all),
		Description: "What to do.",
		UsedBy:      all, RequiredBy: all,
	},
	{
		Name: Events, Kind: List, Placeholder: "EVENT",
		Description: "The events to run, in any order. AMI_BUILD_ONLY and AMI_PATCH_ONLY override every other " +
			"one. AMI_WAIT waits for these, or without any for everything in progress.",
		UsedBy: append(slices.Clone(starts), lifecycle.Wait), RequiredBy: starts,
	},
	{
		Name: LifecycleID, Placeholder: "ID",
		Description: "The lifecycle to work on, as AMI_CREATE returned it.",
		UsedBy:      existing, RequiredBy: existing, MaxBytes: 4 << 10, Check: checkID,
	},
	{
		Name: Owner, Placeholder: "NAME", DefaultNote: "who started the pipeline",
		Description: "The person or process that makes the request.",
		UsedBy:      starts, RequiredBy: starts, AcceptedEverywhere: true,
	},
	{
		Name: StackTag, Placeholder: "TAG", DefaultNote: "the branch, as a slug",
		Description: "The stack tag of the branch. AMI versions are counted for each stack tag; " +
			"AMI_GET_STATUSES shows only the lifecycles of a tag that is given.",
		UsedBy: append(slices.Clone(writes), finds...), RequiredBy: append(slices.Clone(writes), lifecycle.Select), AcceptedEverywhere: true, InServerJSON: true,
	},
	{
		Name: ProductName, Placeholder: "TEXT",
		Description: "A product name to label the AMI with. AMI_SELECT and AMI_GET_STATUSES look for it, where * stands for any text.",
		UsedBy:      append(slices.Clone(creates), finds...), RequiredBy: creates, InServerJSON: true,
	},
	{
		Name: ProductVer, Placeholder: "TEXT", DefaultNote: "the version that the pipeline's tag names, 1.2.0 of v1.2.0",
		Description: "A product version to label the AMI with. It is not the AMI's own semantic version. AMI_SELECT and " +
			"AMI_GET_STATUSES look for the one that is given, where * stands for any text.",
		UsedBy: append(slices.Clone(creates), finds...), RequiredBy: creates, InServerJSON: true,
	},
	{
		Name: Notifications, Kind: List, Placeholder: "METHOD::TARGET",
		Description: "Who is notified of the lifecycle's events, such as EMAIL::user@domain.com. The reference deployment notifies by EMAIL only.",
		UsedBy:      starts, RequiredBy: starts, AcceptedEverywhere: true, Sensitive: true,
	},
	{
		Name: Properties, Kind: List, Placeholder: "KEY::VALUE",
		Description: "Properties to keep with the lifecycle, such as GITLAB_PIPELINE_ID::6214F038AD.",
		UsedBy:      writes, AcceptedEverywhere: true, Sensitive: true,
	},
	{
		Name: CommitRef, Placeholder: "REF", DefaultNote: "the pipeline's commit, else git's HEAD",
		Description: "The commit that the AMI is made from. AMI_SELECT looks for the one that is given: the whole hash, or its " +
			"first 7 characters or more.",
		UsedBy:             []lifecycle.Operation{lifecycle.Create, lifecycle.Patch, lifecycle.PatchUpdate, lifecycle.Select},
		RequiredBy:         []lifecycle.Operation{lifecycle.Create, lifecycle.Patch, lifecycle.PatchUpdate},
		AcceptedEverywhere: true,
	},
	{
		Name: PatchComponent, Placeholder: "FILE",
		Description: "The patch: a YAML file in the EC2 Image Builder component format. In a pipeline the path " +
			"is relative to the checkout and must not leave it.",
		UsedBy: patches, RequiredBy: patches, MaxBytes: maxPath,
	},
	{
		Name: PatchChangeDescription, Placeholder: "TEXT",
		Description: "What the patch changes, and why.",
		UsedBy:      patches, RequiredBy: patches, FreeText: true, InServerJSON: true, MaxBytes: maxDescription,
	},
	{
		Name: SemverBumpType, Placeholder: "PART", Options: []string{"MINOR", "PATCH"},
		Description: "The part of the AMI's semantic version that the patch raises.",
		UsedBy:      patches, RequiredBy: patches,
	},
	{
		Name: CertificationStatus, Placeholder: "VERDICT", Options: []string{lifecycle.Certified, lifecycle.Refused},
		Description: "The verdict of the QA team. CERTIFIED is final; FAILED can be followed by another one.",
		UsedBy:      []lifecycle.Operation{lifecycle.QACertification},
		RequiredBy:  []lifecycle.Operation{lifecycle.QACertification},
	},
	{
		Name: ApprovalStatusAMICreation, Placeholder: "VERDICT", Options: approval,
		Description: "Whether a new AMI may go to production. APPROVED is final.",
		UsedBy:      []lifecycle.Operation{lifecycle.ApprovalCreate},
		RequiredBy:  []lifecycle.Operation{lifecycle.ApprovalCreate},
	},
	{
		Name: ApprovalStatusAMIPatch, Placeholder: "VERDICT", Options: approval,
		Description: "Whether a patched AMI may go to production. APPROVED is final.",
		UsedBy:      []lifecycle.Operation{lifecycle.ApprovalPatch},
		RequiredBy:  []lifecycle.Operation{lifecycle.ApprovalPatch},
	},
	{
		Name: Wait, Kind: Boolean, Default: "true",
		Description: "Wait until everything that was requested has finished. If false, the job ends as soon as the " +
			"request is accepted, and AMI_WAIT can wait later.",
		UsedBy: writes, AcceptedEverywhere: true,
	},
	{
		Name: WaitTimeout, Kind: Duration, Placeholder: "TIME", Default: defaultWaitTimeout,
		Description: "How long to wait at most, with units: 90m, 5h45m. The event continues afterwards, and the " +
			"command that resumes the wait is printed.",
		UsedBy: waits, AcceptedEverywhere: true,
	},
	{
		Name: PollInterval, Kind: Duration, Placeholder: "TIME",
		DefaultNote: "about 5 % of the event's age",
		Description: "The time between two requests for the status, with units: 30s, 2m.",
		UsedBy:      waits, AcceptedEverywhere: true,
	},
	{
		Name: FailOnSeverity, Placeholder: "SEVERITY", Options: gates(),
		Description: "Fail when a vulnerability scan finds something of this severity or worse. Findings " +
			"without a severity always count.",
		DefaultNote: "findings never fail a job",
		UsedBy:      append(slices.Clone(starts), lifecycle.Wait),
	},
	{
		Name: Claims, Placeholder: "USE", Default: ClaimsAuto, Options: []string{ClaimsRequire, ClaimsAuto, ClaimsOff},
		Description: "Whether a job claims its request in the deployment's bucket, so that concurrent jobs never start it twice. " +
			"auto continues with a warning if claims cannot be written; require sends nothing in that case; off writes no claims.",
		UsedBy: append(slices.Clone(writes), lifecycle.Doctor), AcceptedEverywhere: true,
	},
	{
		Name: Insight, Kind: Boolean, Default: "true",
		Description: "Check the state machine and the image of an event in progress, so that a failed build is detected within " +
			"minutes. Needs optional permissions; without them only the status document is read.",
		UsedBy: append(slices.Clone(waits), lifecycle.GetStatus), AcceptedEverywhere: true,
	},
	{
		Name: BuildLog, Kind: Boolean, Default: "false",
		Description: "Show the log of the build in the job while it runs.",
		UsedBy:      []lifecycle.Operation{lifecycle.Create, lifecycle.Patch, lifecycle.Wait}, AcceptedEverywhere: true,
	},
	{
		Name: Summary, Placeholder: "LENGTH", Default: SummaryFull, Options: []string{SummaryFull, SummaryShort, SummaryOff},
		Description: "The summary on the page of the job: full, short (the result only), or off.",
		UsedBy:      reports, AcceptedEverywhere: true,
	},
	{
		Name: Semver, Placeholder: "RANGE", Default: SemverLatest, Check: checkSemver,
		Description: "The semantic version of the AMI: a range such as ^2.1, ~2.1 or >=2.0 <3.0, one version such as 2.1.0, or latest. " +
			"The highest version counts.",
		UsedBy: selects,
	},
	{
		Name: Region, Placeholder: "REGION", DefaultNote: "the region that the orchestrator builds in", Check: checkRegion,
		Description: "The AWS region of the AMI.",
		UsedBy:      selects, NoVariable: true,
	},
	{
		Name: ImageKind, Placeholder: "KIND", Options: []string{KindCreated, KindPatched}, DefaultNote: "either",
		Description: "Only AMIs of new builds, or only patched AMIs.",
		UsedBy:      selects,
	},
	{
		Name: MinEvent, Placeholder: "EVENT", Default: lifecycle.MinEventApproved, Check: checkMinEvent,
		Description: "The last event that the AMI must have completed: " + phrase.Or(lifecycle.MinEvents()) + ", or the name of an event " +
			"such as QA_CERTIFICATION_RESPONSE. Every event before it must have completed too.",
		UsedBy: selects,
	},
	{
		Name: TrustTable, Kind: Boolean, Default: "false",
		Description: "Trust the look-up table if the orchestrator's API keys cannot be read. " + TableRisk,
		UsedBy:      selects,
	},
	{
		Name: RoleARN, Placeholder: "ARN", Check: checkRoleARN,
		Description: "The IAM role to assume for the look-up table, if the orchestrator is in another account: the stack's output " +
			"amiSelectionCAReadOnly. It reads no API key, so it needs " + TrustTable.Flag() + ".",
		UsedBy: selects, MaxBytes: 2 << 10,
	},
	{
		Name: ImageTable, Placeholder: "NAME", DefaultNote: "looked up in the stack", Check: checkImageTable,
		Description: "The look-up table of images in DynamoDB, by its name or its ARN.",
		UsedBy:      selects, MaxBytes: 2 << 10,
	},
	{
		Name: Status, Placeholder: "STATUS", Options: StatusFilters(), DefaultNote: "all lifecycles",
		Description: "Only lifecycles in this state. in-progress: an event is running. stalled: one has been running for over 4 hours, or was " +
			"requested and did not start. failed: one ended FAILED or in an error, or the AMI was refused. pending: a test or verdict " +
			"comes next. certified: only the approval is missing. approved: the newest AMI is approved for production. patchable: " +
			"the rules allow a patch, even if the previous patch failed.",
		UsedBy: lists, NoVariable: true,
	},
	{
		Name: Latest, Kind: Boolean, Default: "false",
		Description: "Of the lifecycles that match, only the newest one of each product and stack tag.",
		UsedBy:      lists,
	},
	{
		Name: OlderThan, Kind: Age, Placeholder: "AGE", DefaultNote: "any age",
		Description: "Only the lifecycles whose newest AMI is at least this old: 30d, 2w or 12h. With " + Latest.Flag() + ", a product whose " +
			"newest lifecycle is younger is left out.",
		UsedBy: lists,
	},
	{
		Name: Limit, Kind: Number, Placeholder: "COUNT", DefaultNote: "all lifecycles",
		Description: "How many lifecycles at most, the newest first. GitHub takes at most 256 jobs in a matrix.",
		UsedBy:      lists,
	},
	{
		Name: DryRun, Kind: Boolean, Default: "false",
		Description: "Check everything and show what would be sent, without sending it.",
		UsedBy:      writes, AcceptedEverywhere: true,
	},
	{
		Name: Output, Placeholder: "FORMAT", Default: OutputText, Options: []string{OutputText, OutputJSON},
		Description: "The format of the result on stdout.",
		UsedBy:      all, CommandLineOnly: true,
	},
	{
		Name: ReportFile, Placeholder: "FILE",
		Description: "Write a report to this file: of the lifecycle, or with AMI_GET_STATUSES of all of them. It is an HTML page, or Markdown " +
			"or text if the name ends in .md or .txt.",
		UsedBy: reports, AcceptedEverywhere: true, MaxBytes: maxPath, Check: checkOutputPath,
	},
	{
		Name: TimelineFile, Placeholder: "FILE",
		Description: "Where the timeline page is saved.", DefaultNote: "a name with the lifecycle id in it",
		UsedBy:             []lifecycle.Operation{lifecycle.TimelineCreate, lifecycle.TimelinePatch},
		AcceptedEverywhere: true, MaxBytes: maxPath, Check: checkOutputPath,
	},
	{
		Name: CheckFor, Kind: List, Placeholder: "OPERATION",
		Description: "The operations whose needs AMI_DOCTOR requires. What only other operations need is then optional, " +
			"for example for a role that may only approve.",
		DefaultNote: "what every operation needs is required",
		UsedBy:      []lifecycle.Operation{lifecycle.Doctor},
	},
	{
		Name: StackName, Placeholder: "NAME", Default: location.DefaultStackName,
		Description: "The CloudFormation stack of the orchestrator: its name or its ARN.",
		UsedBy:      all, MaxBytes: 2 << 10, Check: checkStackName,
	},
	{
		Name: APIEndpoint, Placeholder: "URL", DefaultNote: "looked up in the stack",
		Description: "The orchestrator's URL with its stage, if the stack does not have it.",
		UsedBy:      all, Sensitive: true, MaxBytes: maxPath, Check: checkEndpoint,
	},
	{
		Name: APIKeyPrefix, Placeholder: "PREFIX", Default: location.DefaultAPIKeyPrefix,
		Description: "The prefix of the names of the API keys in Secrets Manager, including its last slash.",
		UsedBy:      all, MaxBytes: 512, Check: checkKeyPrefix,
	},
	{
		Name: Sandbox, Kind: Boolean, Default: "false",
		Description: "Use a sandbox orchestrator inside this command: no AWS account, no real AMI.",
		UsedBy:      all,
	},
	{
		Name: SandboxDir, Placeholder: "DIR", Default: ".ami-sandbox",
		Description: "Where the sandbox keeps its state from one job to the next.",
		UsedBy:      all, MaxBytes: maxPath,
	},
	{
		Name: SandboxFail, Kind: List, Placeholder: "FAILURE",
		Description: "What fails in the sandbox: an event, such as SMOKE_TESTS, which ends FAILED; or the image of a build or a " +
			"patch, image:BUILD_AMI or image:PATCH_AMI, which fails while the event stays in progress.",
		UsedBy: all,
	},
	{
		Name: SandboxSpeed, Kind: Number, Placeholder: "FACTOR", Default: "1",
		Description: "How fast events run in the sandbox: 10 is ten times as fast, 0.1 ten times as slow. Must be from 0.01 to 100.",
		UsedBy:      all,
	},
}

// gates returns the severities that failOnSeverity accepts. UNTRIAGED is not one of them, because such findings always
// count.
func gates() []string {
	return slices.DeleteFunc(textsOf(lifecycle.Severities()), func(severity string) bool {
		return severity == string(lifecycle.Untriaged)
	})
}
