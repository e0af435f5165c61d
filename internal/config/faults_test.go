package config_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
)

func TestEachFaultSaysWhatIsWrongAndWhatIsAllowed(t *testing.T) {
	create := func(more ...string) []string {
		return append([]string{"--operation=AMI_CREATE", "--events=SMOKE_TESTS", "--owner=me", "--stackTag=main",
			"--productName=Demo", "--productVer=1", "--commitRef=c0ffee", "--notifications=EMAIL::a@b.c"}, more...)
	}
	update := func(more ...string) []string {
		return append(append([]string{"--operation=AMI_CREATE_UPDATE", "--events=SMOKE_TESTS"}, common()...), more...)
	}
	with := func(args []string, more ...string) []string { return append(args, more...) }
	rows := []struct {
		name string
		args []string
		want string
	}{
		{
			"no operation", []string{"--stackTag=main"},
			"--operation is missing: must be AMI_CREATE, AMI_CREATE_UPDATE, AMI_QA_CERTIFICATION, AMI_APPROVAL_CREATE, AMI_PATCH, " +
				"AMI_PATCH_UPDATE, AMI_APPROVAL_PATCH, AMI_WAIT, AMI_GET_STATUS_BY_LIFECYCLE_ID, AMI_GET_STATUSES, AMI_SELECT, AMI_TIMELINE_CREATE, " +
				"AMI_TIMELINE_PATCH or AMI_DOCTOR",
		},
		{
			"the beginning of two operations", []string{"--operation=AMI_GET_STATUS"},
			"invalid value \"AMI_GET_STATUS\" for --operation: must be AMI_CREATE, AMI_CREATE_UPDATE, AMI_QA_CERTIFICATION, AMI_APPROVAL_CREATE, AMI_PATCH, " +
				"AMI_PATCH_UPDATE, AMI_APPROVAL_PATCH, AMI_WAIT, AMI_GET_STATUS_BY_LIFECYCLE_ID, AMI_GET_STATUSES, AMI_SELECT, AMI_TIMELINE_CREATE, " +
				"AMI_TIMELINE_PATCH or AMI_DOCTOR; did you mean AMI_GET_STATUS_BY_LIFECYCLE_ID or AMI_GET_STATUSES?",
		},
		{"a mode", []string{"--mode=GUI"}, `invalid value "GUI" for --mode: must be BATCH or UI`},
		{"an unknown flag", create("--ownr=me"), `unknown flag "--ownr"; did you mean --owner?`},
		{"two letters of a flag swapped", create("--onwer=me"), `unknown flag "--onwer"; did you mean --owner?`},
		{"an unknown flag's value is not shown", create("--apiKey", "CANARY-SECRET"), `unknown flag "--apiKey"; did you mean --apiKeyPrefix?`},
		{"an unknown flag's value is not shown after =", create("--password=CANARY-SECRET"), `unknown flag "--password"; see ami-action --help`},
		{"a misspelt flag is not missing too", []string{"--operation=AMI_WAIT", "--lifecyleId=a1b2c3d4"}, `unknown flag "--lifecyleId"; did you mean --lifecycleId?`},
		{"a bad flag hides none after it", []string{"--version=maybe", "--operation=AMI_WAIT", "--lifecycleId=a1b2c3d4"}, `invalid value "maybe" for --version: must be true or false`},
		{"the beginning of a flag", []string{"--operation=AMI_APPROVAL_CREATE", "--lifecycleId=a1b2c3d4", "--stackTag=main", "--approvalStatusAmiC=APPROVED"}, `unknown flag "--approvalStatusAmiC"; did you mean --approvalStatusAmiCreation?`},
		{"the beginning of several flags", create("--product=x"), `unknown flag "--product"; did you mean --productName or --productVer?`},
		{"an operation without its flag and its beginning", []string{"create"}, `unexpected argument "create"; did you mean --operation AMI_CREATE?`},
		{"an operation without its flag", []string{"ami_wait", "--lifecycleId=a1b2c3d4"}, `unexpected argument "ami_wait"; did you mean --operation AMI_WAIT?`},
		{"a product on an update", update("--productName=x"), "--productName has no effect on AMI_CREATE_UPDATE; it is used by AMI_CREATE, AMI_GET_STATUSES or AMI_SELECT"},
		{"a reserved property", create("--properties=ami_action_token::x"), `--properties must not have the key "ami_action_token": keys that start with AMI_ACTION_ are reserved`},
		{"an invalid address", create("--notifications=EMAIL::team"), `--notifications: entry 2, "EMAIL::team", must have an email address after EMAIL::, such as EMAIL::user@domain.com`},
		{"no address", create("--notifications=EMAIL::"), `--notifications: entry 2, "EMAIL::", must be METHOD::TARGET, such as EMAIL::user@domain.com`},
		{"quotes around a name", create("--productName='Demo'"), `--productName must not have quotes around it: "'Demo'"`},
		{"quotes around a property", create(`--properties="K::V"`), `--properties: entry 1, "\"K::V\"", must not have quotes around it`},
		{"a directory as a report", create("--reportFile=reports/"), `invalid value "reports/" for --reportFile: must be the path of a file, not of a directory`},
		{"a home directory that no shell expanded", create("--reportFile=~/r.html"), `--reportFile contains "~/", which is not expanded; write the value itself, or let the shell expand it in double quotes`},
		{"claims that are none", create("--claims=maybe"), `invalid value "maybe" for --claims: must be require, auto or off`},
		{"a failure without a sandbox", create("--sandboxFail=SMOKE_TESTS"), "--sandboxFail has no effect without --sandbox"},
		{"an unknown failure", create("--sandbox", "--sandboxFail=SMOKE,image:SMOKE_TESTS"), `--sandboxFail: entry 1, "SMOKE", must be an event such as SMOKE_TESTS, or image:BUILD_AMI or image:PATCH_AMI
--sandboxFail: entry 2, "image:SMOKE_…", has no image: must be image:BUILD_AMI or image:PATCH_AMI`},
		{"an invalid speed", create("--sandbox", "--sandboxSpeed=fast"), `invalid value "fast" for --sandboxSpeed: must be a number`},
		{"a speed of nothing", create("--sandbox", "--sandboxSpeed=0"), `invalid value "0" for --sandboxSpeed: must be a number from 0.01 to 100`},
		{"one hyphen", create("-owner", "me"), `unknown flag "-owner"; did you mean --owner?`},
		{"an argument too many", create("stray"), `unexpected argument "stray"; put quotes around a value with spaces, and repeat the flag to give several`},
		{"arguments after --", create("--", "--owner"), `unexpected argument "--owner"; put quotes around a value with spaces, and repeat the flag to give several`},
		{"a flag where a value should be", with([]string{"--lifecycleId"}, "--operation=AMI_GET_STATUS_BY_LIFECYCLE_ID"), "--lifecycleId needs a value"},
		{"a flag at the end without its value", []string{"--operation=AMI_GET_STATUS_BY_LIFECYCLE_ID", "--lifecycleid"}, "--lifecycleId needs a value"},
		{"an empty flag", []string{"--operation=AMI_GET_STATUS_BY_LIFECYCLE_ID", "--lifecycleId", " "}, "--lifecycleId is empty: give it a value or leave it out"},
		{"no flag syntax", create("--=x"), `unknown flag "--"; see ami-action --help`},
		{"no boolean", create("--wait=maybe"), `invalid value "maybe" for --wait: must be true or false`},
		{"a boolean in a word of its own", create("--wait", "no"), `invalid value "no" for --wait: must be true or false`},
		{"a time without its unit", create("--waitTimeout=30"), `invalid value "30" for --waitTimeout: must be a length of time with its unit, such as 90s, 45m or 5h45m`},
		{"no time at all", create("--waitTimeout=0s"), `invalid value "0s" for --waitTimeout: must be from 1s to 168h; --wait false does not wait at all`},
		{"a time beyond a week", create("--waitTimeout=200h"), `invalid value "200h" for --waitTimeout: must be from 1s to 168h; --wait false does not wait at all`},
		{"a hasty interval", create("--pollInterval=10ms"), `invalid value "10ms" for --pollInterval: must be from 1s to 1h, or 0 to let it grow with the time waited`},
		{"an event the operation does not know", create("--events=SMOKE_TEST"), `--events: AMI_CREATE has no event SMOKE_TEST: must be AMI_BUILD_ONLY, SMOKE_TESTS, VULNERABILITY_SCANS or QA_CERTIFICATION_REQUEST`},
		{"the other phase's event", update("--events=SMOKE_TESTS_AMI_PATCH"), `--events: AMI_CREATE_UPDATE has no event SMOKE_TESTS_AMI_PATCH: must be SMOKE_TESTS, VULNERABILITY_SCANS or QA_CERTIFICATION_REQUEST`},
		{"an event without the one before", create("--events=QA_CERTIFICATION_REQUEST"), `--events: QA_CERTIFICATION_REQUEST cannot start without VULNERABILITY_SCANS before it: events complete in this order only`},
		{"no events", append([]string{"--operation=AMI_PATCH_UPDATE", "--commitRef=c"}, common()...), "--events is missing: AMI_PATCH_UPDATE needs one or more of SMOKE_TESTS or VULNERABILITY_SCANS"},
		{"events of a lone comma", append([]string{"--operation=AMI_PATCH_UPDATE", "--commitRef=c", "--events=,"}, common()...), "--events is empty: give it a value or leave it out"},
		{"a misspelt scan and its gate", update("--events=VULNERABILITY_SCAN", "--failOnSeverity=LOW"), "--events: AMI_CREATE_UPDATE has no event VULNERABILITY_SCAN: must be SMOKE_TESTS, VULNERABILITY_SCANS or QA_CERTIFICATION_REQUEST"},
		{"an invalid version", create("--version=maybe"), `invalid value "maybe" for --version: must be true or false`},
		{"a notification without a method", create("--notifications=::a@b.c"), `--notifications: entry 2, "::a@b.c", must be METHOD::TARGET, such as EMAIL::user@domain.com`},
		{"a notification's secret is not shown", create("--notifications=https://hooks.example.com/CANARY"), `--notifications: entry 2, "https://hook…", must be METHOD::TARGET, such as EMAIL::user@domain.com`},
		{"a property without a key", create("--properties=::v", "--properties=novalue"), `--properties: entry 1, "::v", must be KEY::VALUE, such as GITLAB_PIPELINE_ID::6214F038AD; a value with line breaks must be in a JSON array of texts
--properties: entry 2, "novalue", must be KEY::VALUE, such as GITLAB_PIPELINE_ID::6214F038AD; a value with line breaks must be in a JSON array of texts`},
		{"a property twice", create("--properties=K::1", "--properties=K::2"), `--properties: entry 2 repeats the key "K": a property has one value`},
		{"a control character in a property", create("--properties=K::\x1b[2J"), `--properties must not contain a control character (value of "K")`},
		{"a quote that poisons", create("--productVer=1\"0"), `--productVer must not contain a double quote ("): "1\"0"`},
		{"a backslash that poisons", create("--stackTag=a\\b"), `--stackTag must not contain a backslash (\): "a\\b"`},
		{"a line break that poisons", create("--productName=a\nb"), `--productName must not contain a line break: "a\nb"`},
		{"a NUL", create("--owner=a\x00b"), `--owner must not contain a NUL character: "a\x00b"`},
		{"no UTF-8", create("--owner=a\xffb"), "--owner must be UTF-8 text: \"a�b\""},
		{"too long", create("--productName=" + strings.Repeat("x", 257)), "--productName has 257 bytes; the limit is 256"},
		{"too long a property", create("--properties=K::" + strings.Repeat("x", 16<<10+1)), `--properties has 16385 bytes in the value of "K"; the limit is 16384`},
		{
			"too many properties", create("--properties=A::"+strings.Repeat("x", 16<<10), "--properties=B::"+strings.Repeat("x", 16<<10),
				"--properties=C::"+strings.Repeat("x", 16<<10), "--properties=D::"+strings.Repeat("x", 16<<10)),
			"--properties has 65565 bytes in all; the limit is 65536",
		},
		{"an id that leads elsewhere", update("--lifecycleId=../x"), `invalid value "../x" for --lifecycleId: must be a lifecycle id such as bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7`},
		{"another operation beside the word doctor", []string{"doctor", "--operation=AMI_CREATE"}, "--operation AMI_CREATE has no effect on doctor; to check what AMI_CREATE needs, give --checkFor AMI_CREATE"},
		{"an unknown operation to check for", []string{"doctor", "--checkFor=AMI_CREATE", "--checkFor", "AMI_DOCTOR"}, `--checkFor: entry 2, "AMI_DOCTOR", must be an operation such as AMI_CREATE, other than AMI_DOCTOR`},
		{"checks without a doctor", create("--checkFor=AMI_PATCH"), "--checkFor has no effect on AMI_CREATE; it is used by AMI_DOCTOR"},
		{"an id on create", create("--lifecycleId=a1b2c3d4"), "--lifecycleId has no effect on AMI_CREATE; it is used by AMI_CREATE_UPDATE, AMI_QA_CERTIFICATION, AMI_APPROVAL_CREATE, AMI_PATCH, AMI_PATCH_UPDATE, AMI_APPROVAL_PATCH, AMI_WAIT, AMI_GET_STATUS_BY_LIFECYCLE_ID, AMI_TIMELINE_CREATE or AMI_TIMELINE_PATCH"},
		{"an id for all statuses", []string{"--operation=AMI_GET_STATUSES", "--lifecycleId=a1b2c3d4"}, "--lifecycleId has no effect on AMI_GET_STATUSES; it is used by AMI_GET_STATUS_BY_LIFECYCLE_ID, which shows one lifecycle"},
		{"a verdict on create", create("--certificationStatus=CERTIFIED"), "--certificationStatus has no effect on AMI_CREATE; it is used by AMI_QA_CERTIFICATION"},
		{"a patch on update", update("--patchComponent=x.yaml"), "--patchComponent has no effect on AMI_CREATE_UPDATE; it is used by AMI_PATCH"},
		{"a word that is not a verdict", with(certify(), "--certificationStatus=PASSED"), `invalid value "PASSED" for --certificationStatus: must be CERTIFIED or FAILED`},
		{"events on a verdict", with(certify(), "--events=SMOKE_TESTS"), "--events has no effect on AMI_QA_CERTIFICATION; it is used by AMI_CREATE, AMI_CREATE_UPDATE, AMI_PATCH, AMI_PATCH_UPDATE or AMI_WAIT"},
		{"an unknown severity", create("--failOnSeverity=UNTRIAGED"), `invalid value "UNTRIAGED" for --failOnSeverity: must be CRITICAL, HIGH, MEDIUM, LOW or INFORMATIONAL`},
		{"a gate without a scan", create("--failOnSeverity=HIGH"), "--failOnSeverity has no effect without the event VULNERABILITY_SCANS"},
		{"a gate that a build overrides", create("--failOnSeverity=HIGH", "--events=VULNERABILITY_SCANS", "--events=AMI_BUILD_ONLY"), "--failOnSeverity has no effect without the event VULNERABILITY_SCANS"},
		{"a gate nobody waits for", create("--failOnSeverity=HIGH", "--events=VULNERABILITY_SCANS", "--wait=false"), "--failOnSeverity has no effect with --wait false: give it to the AMI_WAIT that waits for the scan"},
		{"waiting without waiting", []string{"--operation=AMI_WAIT", "--lifecycleId=a1b2c3d4", "--wait=false"}, "--wait is false, but waiting is all that AMI_WAIT does"},
		{"an invalid endpoint", create("--apiEndpoint=example.com"), "--apiEndpoint must be a URL such as https://ID.execute-api.REGION.amazonaws.com/STAGE"},
		{"a key in the endpoint", create("--apiEndpoint=https://e.com/dev?api_key=CANARY"), "--apiEndpoint must not contain a user, a query or a fragment: API keys are read from Secrets Manager"},
		{"keys readable on the way", create("--apiEndpoint=http://e.com/dev"), "--apiEndpoint must start with https: http would send the API keys unencrypted over the network"},
		{"an endpoint in the sandbox", create("--sandbox", "--apiEndpoint=https://e.com/dev"), "--apiEndpoint has no effect together with --sandbox, which has its own endpoint"},
		{"an invalid stack", create("--stackName=1 2"), `invalid value "1 2" for --stackName: must be the name or the ARN of a CloudFormation stack`},
		{"an invalid prefix", create("--apiKeyPrefix=/a b/"), `invalid value "/a b/" for --apiKeyPrefix: must contain only letters, digits and /_+=.@-, as names in Secrets Manager do`},
		{"all at once, in the order of the settings", []string{"--operation=AMI_PATCH", "--semverBumpType=MAJOR", "--nope", "--lifecycleId=a b", "--commitRef=c"}, `unknown flag "--nope"; see ami-action --help
--events is missing: AMI_PATCH needs one or more of AMI_PATCH_ONLY, SMOKE_TESTS or VULNERABILITY_SCANS
invalid value "a b" for --lifecycleId: must be a lifecycle id such as bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7
--owner is missing: AMI_PATCH needs NAME (the person or process that makes the request)
--stackTag is missing: AMI_PATCH needs TAG (the stack tag of the branch)
--notifications is missing: AMI_PATCH needs METHOD::TARGET (who is notified of the lifecycle's events, such as EMAIL::user@domain.com)
--patchComponent is missing: AMI_PATCH needs FILE (the patch: a YAML file in the EC2 Image Builder component format)
--patchChangeDescription is missing: AMI_PATCH needs TEXT (what the patch changes, and why)
invalid value "MAJOR" for --semverBumpType: must be MINOR or PATCH`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			messages := faults(t, row.args, nil, config.CommandLine)
			assert.Equal(t, row.want, strings.Join(messages, "\n"))
			assert.NotContains(t, strings.Join(messages, "\n"), "CANARY")
		})
	}
}

func TestAFaultIsNamedAsTheUserWroteTheSetting(t *testing.T) {
	for _, row := range []struct {
		name     string
		args     []string
		environ  string
		platform config.Platform
		want     string
	}{
		{"a flag", []string{"--lifecycleid=a b"}, "", config.CommandLine, `invalid value "a b" for --lifecycleId: `},
		{"a flag in an action", []string{"--lifecycleid=a b"}, "", config.GitHubAction, `invalid value "a b" for --lifecycleId: `},
		{"an input", nil, "INPUT_LIFECYCLE_ID=a b", config.GitHubAction, `invalid value "a b" for input lifecycle_id: `},
		{"a component's input", nil, "INPUT_LIFECYCLE_ID=a b", config.GitLabComponent, `invalid value "a b" for input lifecycle_id: `},
		{"a variable", nil, "AMI_LIFECYCLE_ID=a b", config.GitHubAction, `invalid value "a b" for AMI_LIFECYCLE_ID: `},
		{"nothing on a command line", nil, "", config.CommandLine, "--lifecycleId is missing: "},
		{"nothing in an action", nil, "", config.GitHubAction, "input lifecycle_id is missing: "},
		{"nothing in a component", nil, "", config.GitLabComponent, "input lifecycle_id is missing: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			messages := faults(t, append(row.args, "--operation=AMI_WAIT"), []string{row.environ}, row.platform)
			require.Len(t, messages, 1)
			assert.True(t, strings.HasPrefix(messages[0], row.want), messages[0])
		})
	}
}

func TestWhatThePipelineImpliesIsCheckedToo(t *testing.T) {
	args := append(certify()[:2:2], "--certificationStatus=CERTIFIED")
	_, err := config.Load(args, nil, config.Implied{StackTag: `a"b`}, config.GitHubAction)
	assert.EqualError(t, err, `input stack_tag (from the pipeline) must not contain a double quote ("): "a\"b"`)
}

func TestWhatTheDocumentationPassesEverywhereIsAccepted(t *testing.T) {
	for _, operation := range []string{"AMI_GET_STATUSES", "AMI_TIMELINE_PATCH"} {
		args := []string{"--operation", operation, "--owner=me", "--notifications=EMAIL::a@b.c", "--stackTag=main",
			"--properties=K::V", "--wait=false", "--dryRun"}
		if operation == "AMI_TIMELINE_PATCH" {
			args = append(args, "--lifecycleId=a1b2c3d4")
		}
		load(t, args)
	}
}

func TestAVariableThatTheOperationDoesNotUseIsNoFault(t *testing.T) {
	// A variable is often set for many jobs at once. A dotenv report sets AMI_LIFECYCLE_ID for all later jobs.
	load(t, []string{"--operation=AMI_GET_STATUSES"}, "AMI_LIFECYCLE_ID=a1b2c3d4", "AMI_EVENTS=SMOKE_TESTS",
		"AMI_FAIL_ON_SEVERITY=HIGH", "AMI_CERTIFICATION_STATUS=CERTIFIED", "AMI_PATCH_COMPONENT=nowhere.yaml")
}

func TestAGateFromAVariableIsTakenAwayWhereNoScanIsWaitedFor(t *testing.T) {
	update := slices.Clip(append([]string{"--operation=AMI_CREATE_UPDATE"}, common()...))
	for _, row := range []struct {
		args []string
		kept bool
	}{
		{certify(), false},
		{append(update, "--events=SMOKE_TESTS"), false},
		{append(update, "--events=SMOKE_TESTS,VULNERABILITY_SCANS"), true},
		{append(update, "--events=VULNERABILITY_SCANS", "--wait=false"), true}, // for the AMI_WAIT that follows
		{[]string{"--operation=AMI_WAIT", "--lifecycleId=a1b2c3d4", "--events=QA_CERTIFICATION_RESPONSE"}, false},
		{[]string{"--operation=AMI_WAIT", "--lifecycleId=a1b2c3d4"}, true},
	} {
		settings := load(t, row.args, "AMI_FAIL_ON_SEVERITY=HIGH")
		assert.Equal(t, row.kept, settings.FailOnSeverity != "", row.args)
	}
}

func TestAGateThatCloses(t *testing.T) {
	for _, args := range [][]string{
		append([]string{"--operation=AMI_CREATE_UPDATE", "--events=SMOKE_TESTS,VULNERABILITY_SCANS"}, common()...),
		{"--operation=AMI_WAIT", "--lifecycleId=a1b2c3d4"},
		{"--operation=AMI_WAIT", "--lifecycleId=a1b2c3d4", "--events=VULNERABILITY_SCANS_AMI_PATCH"},
	} {
		load(t, append(args, "--failOnSeverity=HIGH"))
	}
}

func TestEndpointsThatAreTaken(t *testing.T) {
	for given, want := range map[string]string{
		"https://abc.execute-api.eu-west-1.amazonaws.com/dev/": "https://abc.execute-api.eu-west-1.amazonaws.com/dev",
		"http://127.0.0.1:5000/dev":                            "http://127.0.0.1:5000/dev",
		"http://[::1]:5000":                                    "http://[::1]:5000",
		"http://sandbox:8080":                                  "http://sandbox:8080",
		"http://172.17.0.1:8080":                               "http://172.17.0.1:8080",
	} {
		assert.Equal(t, want, load(t, []string{"--operation=AMI_GET_STATUSES", "--apiEndpoint", given}).APIEndpoint)
	}
}

func TestNoMessageHoldsACharacterThatALogCouldObey(t *testing.T) {
	hostile := "x\r\n::error::forged\x1b[2J\u202e##[error]"
	for _, setting := range config.Declared() {
		for _, message := range faults(t, []string{setting.Name.Flag() + "=" + hostile, "--" + hostile, hostile}, nil, config.CommandLine) {
			for _, letter := range message {
				assert.False(t, unicode.IsControl(letter) || letter == '\u202e', "%q", message)
			}
		}
	}
}

// faults loads settings that must be invalid, and returns the messages of their problems.
func faults(t *testing.T, args, environ []string, platform config.Platform) []string {
	t.Helper()
	settings, err := config.Load(args, environ, config.Implied{}, platform)
	var problems *config.Problems
	require.ErrorAs(t, err, &problems)
	assert.Nil(t, settings)
	var messages []string
	for _, problem := range problems.All {
		messages = append(messages, strings.TrimSuffix(problem.Message+"; "+problem.Hint, "; "))
	}
	return messages
}
