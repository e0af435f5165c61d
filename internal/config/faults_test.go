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
			"nothing at all", nil,
			"--operation is missing; it can be AMI_CREATE, AMI_CREATE_UPDATE, AMI_QA_CERTIFICATION, AMI_APPROVAL_CREATE, AMI_PATCH, " +
				"AMI_PATCH_UPDATE, AMI_APPROVAL_PATCH, AMI_WAIT, AMI_GET_STATUS_BY_LIFECYCLE_ID, AMI_GET_STATUSES, AMI_TIMELINE_CREATE " +
				"or AMI_TIMELINE_PATCH",
		},
		{"a mode", []string{"--mode=GUI"}, `--mode is "GUI"; it can be BATCH or UI`},
		{"an unknown flag", create("--ownr=me"), `there is no flag "--ownr"; did you mean --owner?`},
		{"an unknown flag's value is not shown", create("--apiKey", "CANARY-SECRET"), `there is no flag "--apiKey"; --help shows them all`},
		{"one hyphen", create("-owner", "me"), `there is no flag "-owner"; did you mean --owner?`},
		{"an argument too many", create("stray"), `there is an argument too many: "stray"; put quotes around a value with spaces, and repeat the flag to give several`},
		{"arguments after --", create("--", "--owner"), `there is an argument too many: "--owner"; put quotes around a value with spaces, and repeat the flag to give several`},
		{"a flag where a value should be", with([]string{"--lifecycleId"}, "--operation=AMI_GET_STATUS_BY_LIFECYCLE_ID"), "--lifecycleId needs a value after it"},
		{"a flag at the end without its value", []string{"--operation=AMI_GET_STATUS_BY_LIFECYCLE_ID", "--lifecycleid"}, "--lifecycleId needs a value after it"},
		{"an empty flag", []string{"--operation=AMI_GET_STATUS_BY_LIFECYCLE_ID", "--lifecycleId", " "}, "--lifecycleId is empty: give it a value or leave it out"},
		{"no flag syntax", create("--=x"), `there is no flag "--"; --help shows them all`},
		{"no boolean", create("--wait=maybe"), `--wait is "maybe"; it can be true or false`},
		{"a time without its unit", create("--waitTimeout=30"), `--waitTimeout is "30"; it can be a length of time with its units, such as 90s, 45m or 5h45m`},
		{"no time at all", create("--waitTimeout=0s"), "--waitTimeout is 0s; it can be from 1s to 168h, and --wait false does not wait at all"},
		{"a time beyond a week", create("--waitTimeout=200h"), "--waitTimeout is 200h0m0s; it can be from 1s to 168h, and --wait false does not wait at all"},
		{"a hasty interval", create("--pollInterval=10ms"), "--pollInterval is 10ms; it can be from 1s to 1h, or 0 to let it grow with the time waited"},
		{"an event the operation does not know", create("--events=SMOKE_TEST"), `--events: AMI_CREATE does not know SMOKE_TEST; it knows AMI_BUILD_ONLY, SMOKE_TESTS, VULNERABILITY_SCANS, QA_CERTIFICATION_REQUEST`},
		{"the other phase's event", update("--events=SMOKE_TESTS_AMI_PATCH"), `--events: AMI_CREATE_UPDATE does not know SMOKE_TESTS_AMI_PATCH; it knows SMOKE_TESTS, VULNERABILITY_SCANS, QA_CERTIFICATION_REQUEST`},
		{"an event without the one before", create("--events=QA_CERTIFICATION_REQUEST"), `--events: QA_CERTIFICATION_REQUEST cannot start without VULNERABILITY_SCANS before it: the events complete in their order only`},
		{"no events", append([]string{"--operation=AMI_PATCH_UPDATE", "--commitRef=c"}, common()...), "--events is missing: AMI_PATCH_UPDATE needs one or more of SMOKE_TESTS or VULNERABILITY_SCANS"},
		{"events of a lone comma", append([]string{"--operation=AMI_PATCH_UPDATE", "--commitRef=c", "--events=,"}, common()...), "--events is empty: give it a value or leave it out"},
		{"a misspelt scan and its gate", update("--events=VULNERABILITY_SCAN", "--failOnSeverity=LOW"), "--events: AMI_CREATE_UPDATE does not know VULNERABILITY_SCAN; it knows SMOKE_TESTS, VULNERABILITY_SCANS, QA_CERTIFICATION_REQUEST"},
		{"a version that is none", create("--version=maybe"), `--version is "maybe", which is no value of it`},
		{"a notification without a method", create("--notifications=::a@b.c"), `--notifications entry 2, "::a@b.c", is no METHOD::TARGET; an example is EMAIL::user@domain.com`},
		{"a notification's secret is not shown", create("--notifications=https://hooks.example.com/CANARY"), `--notifications entry 2, "https://hook…", is no METHOD::TARGET; an example is EMAIL::user@domain.com`},
		{"a property without a key", create("--properties=::v", "--properties=novalue"), `--properties entry 1, "::v", is no KEY::VALUE; an example is GITLAB_PIPELINE_ID::6214F038AD
--properties entry 2, "novalue", is no KEY::VALUE; an example is GITLAB_PIPELINE_ID::6214F038AD`},
		{"a property twice", create("--properties=K::1", "--properties=K::2"), `--properties entry 2 gives the key "K" again; a property has one value`},
		{"a control character in a property", create("--properties=K::\x1b[2J"), `--properties has a control character in the value of "K"`},
		{"a quote that poisons", create("--productVer=1\"0"), `--productVer has a double quote (") in it, which it cannot have: "1\"0"`},
		{"a backslash that poisons", create("--stackTag=a\\b"), `--stackTag has a backslash (\) in it, which it cannot have: "a\\b"`},
		{"a line break that poisons", create("--productName=a\nb"), `--productName has a line break in it, which it cannot have: "a\nb"`},
		{"a NUL", create("--owner=a\x00b"), `--owner has a NUL character in it: "a\x00b"`},
		{"no UTF-8", create("--owner=a\xffb"), "--owner is no UTF-8 text: \"a�b\""},
		{"too long", create("--productName=" + strings.Repeat("x", 257)), "--productName has 257 bytes; it can have 256"},
		{"too long a property", create("--properties=K::" + strings.Repeat("x", 16<<10+1)), `--properties has 16385 bytes in the value of "K"; it can have 16384`},
		{
			"too many properties", create("--properties=A::"+strings.Repeat("x", 16<<10), "--properties=B::"+strings.Repeat("x", 16<<10),
				"--properties=C::"+strings.Repeat("x", 16<<10), "--properties=D::"+strings.Repeat("x", 16<<10)),
			"--properties has 65565 bytes altogether; it can have 65536",
		},
		{"an id that leads elsewhere", update("--lifecycleId=../x"), `--lifecycleId is "../x", which is no lifecycle id; one looks like bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7`},
		{"an id on create", create("--lifecycleId=a"), "--lifecycleId has no effect on AMI_CREATE; it is for AMI_CREATE_UPDATE, AMI_QA_CERTIFICATION, AMI_APPROVAL_CREATE, AMI_PATCH, AMI_PATCH_UPDATE, AMI_APPROVAL_PATCH, AMI_WAIT, AMI_GET_STATUS_BY_LIFECYCLE_ID, AMI_TIMELINE_CREATE or AMI_TIMELINE_PATCH"},
		{"an id for all statuses", []string{"--operation=AMI_GET_STATUSES", "--lifecycleId=a"}, "--lifecycleId has no effect on AMI_GET_STATUSES; it is for AMI_GET_STATUS_BY_LIFECYCLE_ID, which shows one lifecycle"},
		{"a verdict on create", create("--certificationStatus=CERTIFIED"), "--certificationStatus has no effect on AMI_CREATE; it is for AMI_QA_CERTIFICATION"},
		{"a patch on update", update("--patchComponent=x.yaml"), "--patchComponent has no effect on AMI_CREATE_UPDATE; it is for AMI_PATCH"},
		{"a word that is no verdict", with(certify(), "--certificationStatus=PASSED"), `--certificationStatus is "PASSED"; it can be CERTIFIED or FAILED`},
		{"events on a verdict", with(certify(), "--events=SMOKE_TESTS"), "--events has no effect on AMI_QA_CERTIFICATION; it is for AMI_CREATE, AMI_CREATE_UPDATE, AMI_PATCH, AMI_PATCH_UPDATE or AMI_WAIT"},
		{"a severity that is none", create("--failOnSeverity=UNTRIAGED"), `--failOnSeverity is "UNTRIAGED"; it can be CRITICAL, HIGH, MEDIUM, LOW or INFORMATIONAL`},
		{"a gate without a scan", create("--failOnSeverity=HIGH"), "--failOnSeverity has no effect without the event VULNERABILITY_SCANS"},
		{"a gate that a build overrides", create("--failOnSeverity=HIGH", "--events=VULNERABILITY_SCANS", "--events=AMI_BUILD_ONLY"), "--failOnSeverity has no effect without the event VULNERABILITY_SCANS"},
		{"a gate nobody waits for", create("--failOnSeverity=HIGH", "--events=VULNERABILITY_SCANS", "--wait=false"), "--failOnSeverity has no effect with --wait false: give it to the AMI_WAIT that waits for the scan"},
		{"waiting without waiting", []string{"--operation=AMI_WAIT", "--lifecycleId=a", "--wait=false"}, "--wait is false, but waiting is all that AMI_WAIT does"},
		{"an endpoint that is none", create("--apiEndpoint=example.com"), "--apiEndpoint is no URL; one looks like https://ID.execute-api.REGION.amazonaws.com/STAGE"},
		{"a key in the endpoint", create("--apiEndpoint=https://e.com/dev?api_key=CANARY"), "--apiEndpoint has more in it than host, port and path; keys are read from Secrets Manager"},
		{"keys readable on the way", create("--apiEndpoint=http://e.com/dev"), "--apiEndpoint begins with http, which would send API keys readable over the network; use https"},
		{"an endpoint in the sandbox", create("--sandbox", "--apiEndpoint=https://e.com/dev"), "--apiEndpoint has no effect together with --sandbox, which brings its own"},
		{"a stack that is none", create("--stackName=1 2"), `--stackName is "1 2", which is no name of a CloudFormation stack`},
		{"a prefix that is none", create("--apiKeyPrefix=/a b/"), `--apiKeyPrefix is "/a b/"; names in Secrets Manager have letters, digits and /_+=.@- only`},
		{"all at once, in the order of the settings", []string{"--operation=AMI_PATCH", "--semverBumpType=MAJOR", "--nope", "--lifecycleId=a b", "--commitRef=c"}, `there is no flag "--nope"; --help shows them all
--events is missing: AMI_PATCH needs one or more of AMI_PATCH_ONLY, SMOKE_TESTS or VULNERABILITY_SCANS
--lifecycleId is "a b", which is no lifecycle id; one looks like bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7
--owner is missing: AMI_PATCH needs NAME (the person or process that asks)
--stackTag is missing: AMI_PATCH needs TAG (the stack tag of the branch)
--notifications is missing: AMI_PATCH needs METHOD::TARGET (who is told about the lifecycle's events, such as EMAIL::user@domain.com)
--patchComponent is missing: AMI_PATCH needs FILE (the patch: a YAML file in the EC2 Image Builder component format)
--patchChangeDescription is missing: AMI_PATCH needs TEXT (what the patch changes, and why)
--semverBumpType is "MAJOR"; it can be MINOR or PATCH`},
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
		name    string
		args    []string
		environ string
		face    config.Face
		want    string
	}{
		{"a flag", []string{"--lifecycleid=a b"}, "", config.CommandLine, `--lifecycleId is "a b"`},
		{"a flag in an action", []string{"--lifecycleid=a b"}, "", config.GitHubAction, `--lifecycleId is "a b"`},
		{"an input", nil, "INPUT_LIFECYCLE_ID=a b", config.GitHubAction, `input lifecycle_id is "a b"`},
		{"a component's input", nil, "INPUT_LIFECYCLE_ID=a b", config.GitLabComponent, `input lifecycle_id is "a b"`},
		{"a variable", nil, "AMI_LIFECYCLE_ID=a b", config.GitHubAction, `AMI_LIFECYCLE_ID is "a b"`},
		{"nothing on a command line", nil, "", config.CommandLine, "--lifecycleId is missing: "},
		{"nothing in an action", nil, "", config.GitHubAction, "input lifecycle_id is missing: "},
		{"nothing in a component", nil, "", config.GitLabComponent, "input lifecycle_id is missing: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			messages := faults(t, append(row.args, "--operation=AMI_WAIT"), []string{row.environ}, row.face)
			require.Len(t, messages, 1)
			assert.True(t, strings.HasPrefix(messages[0], row.want), messages[0])
		})
	}
}

func TestWhatThePipelineImpliesIsCheckedToo(t *testing.T) {
	args := append(certify()[:2:2], "--certificationStatus=CERTIFIED")
	_, err := config.Load(args, nil, config.Implied{StackTag: `a"b`}, config.GitHubAction)
	assert.EqualError(t, err, `input stack_tag, taken from the pipeline, has a double quote (") in it, which it cannot have: "a\"b"`)
}

func TestWhatTheDocumentationPassesEverywhereIsAccepted(t *testing.T) {
	for _, operation := range []string{"AMI_GET_STATUSES", "AMI_TIMELINE_PATCH"} {
		args := []string{"--operation", operation, "--owner=me", "--notifications=EMAIL::a@b.c", "--stackTag=main",
			"--productName=Demo", "--properties=K::V", "--wait=false", "--dryRun"}
		if operation == "AMI_TIMELINE_PATCH" {
			args = append(args, "--lifecycleId=a")
		}
		load(t, args)
	}
}

func TestAVariableThatTheOperationDoesNotUseIsNoFault(t *testing.T) {
	// A variable is set for many jobs at once; a dotenv report sets AMI_LIFECYCLE_ID for all later ones.
	load(t, []string{"--operation=AMI_GET_STATUSES"}, "AMI_LIFECYCLE_ID=a", "AMI_EVENTS=SMOKE_TESTS",
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
		{[]string{"--operation=AMI_WAIT", "--lifecycleId=a", "--events=QA_CERTIFICATION_RESPONSE"}, false},
		{[]string{"--operation=AMI_WAIT", "--lifecycleId=a"}, true},
	} {
		settings := load(t, row.args, "AMI_FAIL_ON_SEVERITY=HIGH")
		assert.Equal(t, row.kept, settings.FailOnSeverity != "", row.args)
	}
}

func TestAGateThatCloses(t *testing.T) {
	for _, args := range [][]string{
		append([]string{"--operation=AMI_CREATE_UPDATE", "--events=SMOKE_TESTS,VULNERABILITY_SCANS"}, common()...),
		{"--operation=AMI_WAIT", "--lifecycleId=a"},
		{"--operation=AMI_WAIT", "--lifecycleId=a", "--events=VULNERABILITY_SCANS_AMI_PATCH"},
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

// faults reads settings that must have faults, and returns their messages.
func faults(t *testing.T, args, environ []string, face config.Face) []string {
	t.Helper()
	settings, err := config.Load(args, environ, config.Implied{}, face)
	var problems *config.Problems
	require.ErrorAs(t, err, &problems)
	assert.Nil(t, settings)
	var messages []string
	for _, problem := range problems.All {
		messages = append(messages, problem.Message)
	}
	return messages
}
