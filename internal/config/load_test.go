package config_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

func TestEachSettingHasOneFieldThatHoldsItsValue(t *testing.T) {
	fields := map[string]bool{}
	for field := range reflect.TypeFor[config.Settings]().Fields() {
		if variable := field.Tag.Get("env"); variable != "" {
			fields[variable] = true
		}
	}
	for _, setting := range config.Declared() {
		assert.True(t, fields[setting.Name.Variable()], setting.Name)
	}
	assert.Len(t, fields, len(config.Declared()))
}

func TestNamesOnEachPlatform(t *testing.T) {
	rows := []struct {
		name                            config.Name
		flag, variable, input           string
		commandLine, onGitHub, onGitLab string
	}{
		{config.LifecycleID, "--lifecycleId", "AMI_LIFECYCLE_ID", "lifecycle_id", "--lifecycleId", "input lifecycle_id", "input lifecycle_id"},
		{config.ApprovalStatusAMICreation, "--approvalStatusAmiCreation", "AMI_APPROVAL_STATUS_AMI_CREATION", "approval_status_ami_creation", "--approvalStatusAmiCreation", "input approval_status_ami_creation", "input approval_status_ami_creation"},
		{config.APIKeyPrefix, "--apiKeyPrefix", "AMI_API_KEY_PREFIX", "api_key_prefix", "--apiKeyPrefix", "input api_key_prefix", "input api_key_prefix"},
		{config.Mode, "--mode", "AMI_MODE", "mode", "--mode", "AMI_MODE", "AMI_MODE"},
	}
	for _, row := range rows {
		assert.Equal(t, row.flag, row.name.Flag())
		assert.Equal(t, row.variable, row.name.Variable())
		assert.Equal(t, row.input, row.name.Input())
		assert.Equal(t, row.commandLine, row.name.On(config.CommandLine))
		assert.Equal(t, row.onGitHub, row.name.On(config.GitHubAction))
		assert.Equal(t, row.onGitLab, row.name.On(config.GitLabComponent))
	}
}

func TestDefaults(t *testing.T) {
	settings := load(t, []string{"--operation", "AMI_GET_STATUSES"})
	assert.Equal(t, &config.Settings{
		Mode: config.ModeBatch, Operation: lifecycle.GetStatuses,
		Wait: true, WaitTimeout: 5*time.Hour + 45*time.Minute,
		Output: config.OutputText, StackName: "AmiLifecycle", APIKeyPrefix: "/ami-lifecycle/api-keys/",
		SandboxDir: ".ami-sandbox", SandboxSpeed: 1, Claims: config.ClaimsAuto, Insight: true, Summary: config.SummaryFull,
		Semver: config.SemverLatest, MinEvent: lifecycle.MinEventApproved,
	}, settings)
}

func TestAFlagBeatsAnInputBeatsAVariableBeatsThePipelineBeatsTheDefault(t *testing.T) {
	implied := config.Implied{Owner: "pipeline", StackTag: "pipeline", CommitRef: "pipeline", ProductVer: "pipeline"}
	get := func(args, environ []string) string {
		settings, err := config.Load(append(args, "--operation", "AMI_GET_STATUSES"), environ, implied, config.GitHubAction)
		require.NoError(t, err)
		return settings.StackTag
	}
	flag, input, variable := []string{"--stackTag", "flag"}, "INPUT_STACK_TAG=input", "AMI_STACK_TAG=variable"
	assert.Equal(t, "flag", get(flag, []string{input, variable}))
	assert.Equal(t, "input", get(nil, []string{input, variable}))
	assert.Equal(t, "variable", get(nil, []string{variable}))
	assert.Equal(t, "variable", get(nil, []string{"INPUT_STACK_TAG=", variable}), "an empty input counts as missing")
	assert.Equal(t, "pipeline", get(nil, []string{"INPUT_STACK_TAG= \n", "AMI_STACK_TAG="}))
}

func TestAStackTagIsGivenOnlyIfTheUserGaveIt(t *testing.T) {
	for _, row := range []struct {
		args, environ []string
		given         bool
	}{
		{nil, nil, false},
		{[]string{"--stackTag", "main"}, nil, true},
		{nil, []string{"INPUT_STACK_TAG=main"}, true},
		{nil, []string{"AMI_STACK_TAG=main"}, true},
	} {
		settings, err := config.Load(append(row.args, "--operation=AMI_GET_STATUSES"), row.environ,
			config.Implied{StackTag: "branch"}, config.CommandLine)
		require.NoError(t, err)
		assert.Equal(t, row.given, settings.StackTagGiven)
	}
}

func TestFlagsMatchWithoutRegardToCaseAndHyphens(t *testing.T) {
	for _, flag := range []string{"--stackTag", "--stacktag", "--stack-tag", "--STACK-TAG", "--StackTag"} {
		assert.Equal(t, "main", load(t, []string{"--operation=AMI_GET_STATUSES", flag, "main"}).StackTag, flag)
		assert.Equal(t, "main", load(t, []string{"--operation=AMI_GET_STATUSES", flag + "=main"}).StackTag, flag)
	}
}

func TestBooleansInEveryForm(t *testing.T) {
	for _, row := range []struct {
		args []string
		want bool
	}{
		{[]string{"--wait"}, true},
		{[]string{"--wait=false"}, false},
		{[]string{"--wait", "false"}, false},
		{[]string{"--wait", "TRUE"}, true},
		{[]string{"--wait=false", "--wait"}, true},
		{[]string{"--wait", "--dryRun"}, true},
		{[]string{"--WAIT", "0"}, false},
	} {
		settings := load(t, append(row.args, certify()...))
		assert.Equal(t, row.want, settings.Wait, row.args)
	}
	assert.False(t, load(t, certify(), "AMI_WAIT=false").Wait)
	assert.True(t, load(t, certify(), "AMI_DRY_RUN=true").DryRun)
}

func TestListsInEveryForm(t *testing.T) {
	want := []string{"SMOKE_TESTS", "VULNERABILITY_SCANS"}
	for _, row := range []struct {
		name    string
		args    []string
		environ string
	}{
		{"repeated flags", []string{"--events", "SMOKE_TESTS", "--events", "VULNERABILITY_SCANS"}, ""},
		{"one flag with a comma", []string{"--events", "SMOKE_TESTS, VULNERABILITY_SCANS"}, ""},
		{"another case", []string{"--events", "smoke_tests,Vulnerability_Scans"}, ""},
		{"the wire's names", []string{"--events", "SMOKE_TESTS_AMI_CREATE," + string(lifecycle.VulnerabilityScansCreate)}, ""},
		{"a word twice", []string{"--events", "SMOKE_TESTS,SMOKE_TESTS_AMI_CREATE,VULNERABILITY_SCANS"}, ""},
		{"lines", nil, "INPUT_EVENTS=\n  SMOKE_TESTS\n\n  VULNERABILITY_SCANS\r\n"},
		{"commas", nil, "AMI_EVENTS=SMOKE_TESTS,VULNERABILITY_SCANS,"},
		{"a JSON array in a flag", []string{"--events", `["SMOKE_TESTS", "VULNERABILITY_SCANS"]`}, ""},
		{"a JSON array", nil, `AMI_EVENTS=["SMOKE_TESTS", "VULNERABILITY_SCANS", ""]`},
		{"another source where a list is empty", nil, "INPUT_EVENTS=,\x01AMI_EVENTS=SMOKE_TESTS,VULNERABILITY_SCANS"},
		{"flags instead of a variable's", []string{"--events", "SMOKE_TESTS,VULNERABILITY_SCANS"}, "AMI_EVENTS=QA_CERTIFICATION_REQUEST"},
	} {
		t.Run(row.name, func(t *testing.T) {
			args := append([]string{"--operation=AMI_CREATE_UPDATE"}, row.args...)
			assert.Equal(t, want, load(t, append(args, common()...), strings.Split(row.environ, "\x01")...).Events)
		})
	}
}

func TestTheBuildsOwnNameBesideOtherEventsOverridesNone(t *testing.T) {
	events := func(words string) []string {
		return load(t, append([]string{"--operation=AMI_CREATE", "--productName=Demo", "--productVer=1", "--commitRef=c",
			"--owner=me", "--stackTag=main", "--notifications=EMAIL::a@b.c", "--events"}, words)).Events
	}
	assert.Equal(t, []string{"SMOKE_TESTS"}, events("BUILD_AMI,SMOKE_TESTS"))
	assert.Equal(t, []string{"AMI_BUILD_ONLY"}, events("BUILD_AMI"))
	assert.Equal(t, []string{"AMI_BUILD_ONLY", "SMOKE_TESTS"}, events("AMI_BUILD_ONLY,SMOKE_TESTS"),
		"lifecycle.EventsOf lets it override")
}

func TestEventsThatAnotherOneOverridesAreNamed(t *testing.T) {
	warnings := func(events string) []config.Problem {
		return load(t, []string{"--operation=AMI_CREATE", "--productName=Demo", "--productVer=1", "--commitRef=c", "--owner=me", "--stackTag=main",
			"--notifications=EMAIL::a@b.c", "--events=" + events}).Warnings
	}
	overridden := warnings("SMOKE_TESTS,AMI_BUILD_ONLY,VULNERABILITY_SCANS")
	require.Len(t, overridden, 1)
	assert.Equal(t, "--events: AMI_BUILD_ONLY overrides the other events: SMOKE_TESTS, VULNERABILITY_SCANS will not run", overridden[0].Message)
	assert.Equal(t, "leave out AMI_BUILD_ONLY to run them", overridden[0].Hint)
	for _, events := range []string{"AMI_BUILD_ONLY", "BUILD_AMI", "BUILD_AMI,SMOKE_TESTS", "AMI_BUILD_ONLY,BUILD_AMI", "SMOKE_TESTS"} {
		assert.Empty(t, warnings(events), events)
	}
	assert.Empty(t, load(t, []string{"--operation=AMI_WAIT", "--lifecycleId=a1b2c3d4", "--events=AMI_BUILD_ONLY,SMOKE_TESTS"}).Warnings)
}

func TestAPropertysValueIsAllThatFollowsTheFirstColons(t *testing.T) {
	want := map[string]string{"URL": "https://a::b", "EMPTY": "", "TEXT": "two words, and a comma"}
	flags := append([]string{"--properties", "URL::https://a::b", "--properties=EMPTY::",
		"--properties", "TEXT::two words, and a comma"}, certify()...)
	assert.Equal(t, want, load(t, flags).Properties)
	assert.Equal(t, want, load(t, certify(), "AMI_PROPERTIES=URL::https://a::b\nEMPTY::\nTEXT::two words, and a comma").Properties)
	assert.Equal(t, want, load(t, certify(), `INPUT_PROPERTIES=["URL::https://a::b","EMPTY::","TEXT::two words, and a comma"]`).Properties)
	multiline := load(t, append([]string{"--properties", "TEXT::two\nlines"}, certify()...))
	assert.Equal(t, "two\nlines", multiline.Properties["TEXT"], "a flag is always one entry")
}

func TestWordsHaveTheirDocumentedSpelling(t *testing.T) {
	settings := load(t, []string{"--mode=batch", "--operation=ami_wait", "--lifecycleId=a1b2c3d4", "--failOnSeverity=high", "--output=JSON"})
	assert.Equal(t, config.ModeBatch, settings.Mode)
	assert.Equal(t, lifecycle.Wait, settings.Operation)
	assert.Equal(t, lifecycle.High, settings.FailOnSeverity)
	assert.Equal(t, config.OutputJSON, settings.Output)
}

func TestHelpAndVersionWinOverFaults(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"--ownr", "x", "--help"}, {"--ownr", "-h"}} {
		_, err := config.Load(args, nil, config.Implied{}, config.CommandLine)
		assert.ErrorIs(t, err, config.ErrHelp, args)
	}
	_, err := config.Load([]string{"--version", "--ownr"}, nil, config.Implied{}, config.CommandLine)
	assert.ErrorIs(t, err, config.ErrVersion)
}

func TestUIModeNeedsNothingElse(t *testing.T) {
	for _, args := range [][]string{{"--mode", "UI"}, {"--mode", "ui", "--operation", "AMI_PATCH", "--owner", "me"}} {
		assert.Equal(t, config.ModeUI, load(t, args).Mode)
	}
}

// load loads settings that must be valid.
func load(t *testing.T, args []string, environ ...string) *config.Settings {
	t.Helper()
	settings, err := config.Load(args, environ, config.Implied{}, config.CommandLine)
	require.NoError(t, err)
	return settings
}

// certify returns the arguments of an operation that requires few settings.
func certify() []string {
	return []string{"--operation=AMI_QA_CERTIFICATION", "--lifecycleId=a1b2c3d4", "--stackTag=main", "--certificationStatus=CERTIFIED"}
}

// common returns the arguments that an update requires in addition to its events.
func common() []string {
	return []string{"--lifecycleId=a1b2c3d4", "--stackTag=main", "--owner=me", "--notifications=EMAIL::a@b.c"}
}
