package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

func TestAVariableThatWasNotExpandedIsRefusedWithTheRightWayToWriteIt(t *testing.T) {
	for _, row := range []struct {
		name     string
		args     []string
		environ  string
		platform config.Platform
		message  string
		hint     string
	}{
		{
			"a shell's variable in an input", nil, "INPUT_STACK_TAG=$GITHUB_REF_NAME", config.GitHubAction,
			`input stack_tag contains "$GITHUB_REF_NAME", which is not expanded`,
			"variables are not expanded in inputs: write ${{ github.ref_name }}",
		},
		{
			"another variable in an input", nil, "INPUT_STACK_TAG=x-${BRANCH}", config.GitHubAction,
			`input stack_tag contains "${BRANCH}", which is not expanded`, "variables are not expanded in inputs: write ${{ env.BRANCH }}",
		},
		{
			"a variable of PowerShell", nil, "INPUT_STACK_TAG=$env:GITHUB_REF_NAME", config.GitHubAction,
			`input stack_tag contains "$env:GITHUB_REF_NAME", which is not expanded`, "variables are not expanded in inputs: write ${{ github.ref_name }}",
		},
		{
			"a variable of PowerShell in braces", nil, "INPUT_STACK_TAG=x-${Env:BRANCH}", config.GitHubAction,
			`input stack_tag contains "${Env:BRANCH}", which is not expanded`, "variables are not expanded in inputs: write ${{ env.BRANCH }}",
		},
		{
			"an expression", nil, "AMI_STACK_TAG=${{ github.ref_name }}", config.GitHubAction,
			`AMI_STACK_TAG contains "${{ github.ref_name }}", which is not expanded`,
			"GitHub evaluates ${{ }} in the workflow file only, and no commands: compute the value in an earlier step, and write ${{ steps.ID.outputs.NAME }}",
		},
		{
			"a component's input", nil, "INPUT_STACK_TAG=$CI_COMMIT_REF_SLUG", config.GitLabComponent,
			`input stack_tag contains "$CI_COMMIT_REF_SLUG", which is not expanded`,
			"variables are not expanded in the component's inputs: leave the input out, and set the variable AMI_STACK_TAG: $CI_COMMIT_REF_SLUG instead",
		},
		{
			"a GitLab variable", nil, "AMI_STACK_TAG=$UNDEFINED_ONE", config.GitLabComponent,
			`AMI_STACK_TAG contains "$UNDEFINED_ONE", which is not expanded`,
			"GitLab expands a variable only if it is defined for this job, and not in a variable with expand: false: check AMI_STACK_TAG",
		},
		{
			"single quotes", []string{"--stackTag", "$BRANCH"}, "", config.CommandLine,
			`--stackTag contains "$BRANCH", which is not expanded`, "a shell expands $BRANCH outside of single quotes only: use double quotes",
		},
		{
			"a command", []string{"--stackTag", "$(git branch)"}, "", config.CommandLine,
			`--stackTag contains "$(git branch)", which is not expanded`, "write the value itself, or let the shell expand it in double quotes",
		},
		{
			"a word out of a set", nil, "INPUT_CERTIFICATION_STATUS=$VERDICT", config.GitHubAction,
			`input certification_status contains "$VERDICT", which is not expanded`, "variables are not expanded in inputs: write ${{ env.VERDICT }}",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			environ := []string{"INPUT_OPERATION=AMI_QA_CERTIFICATION", "AMI_LIFECYCLE_ID=a1b2c3d4", "AMI_CERTIFICATION_STATUS=CERTIFIED", row.environ}
			_, err := config.Load(row.args, environ, config.Implied{StackTag: "main"}, row.platform)
			var problems *config.Problems
			require.ErrorAs(t, err, &problems)
			require.Len(t, problems.All, 1)
			assert.Equal(t, row.message, problems.All[0].Message)
			assert.Equal(t, row.hint, problems.All[0].Hint)
		})
	}
}

func TestEveryTextThatNamesSomethingRefusesAVariable(t *testing.T) {
	for _, setting := range config.Declared() {
		if setting.FreeText || setting.Name == config.Properties || setting.Name == config.Operation || setting.Name == config.Mode {
			continue
		}
		value := map[config.Name]string{config.Notifications: "EMAIL::$TEAM_EMAIL"}[setting.Name]
		if value == "" {
			value = "$NOT_EXPANDED"
		}
		args := []string{"--operation=AMI_GET_STATUSES"}
		if setting.NoVariable { // an input that the operation does not use would be another problem
			args = []string{"--operation=" + string(setting.UsedBy[0]), "--stackTag=main"}
		}
		messages := faults(t, args, []string{variableOf(setting) + "=" + value}, config.GitHubAction)
		require.Len(t, messages, 1, setting.Name)
		assert.Contains(t, messages[0], "which is not expanded", setting.Name)
	}
}

// variableOf returns the variable that a setting is read from: its AMI_ variable, or that of its input if it has none.
func variableOf(setting config.Setting) string {
	if setting.NoVariable {
		return "INPUT_" + strings.TrimPrefix(setting.Name.Variable(), "AMI_")
	}
	return setting.Name.Variable()
}

func TestWhatThePipelineImpliesIsTakenAsItIs(t *testing.T) {
	settings, err := config.Load([]string{"--operation=AMI_GET_STATUSES"}, nil, config.Implied{Owner: "$VAR"}, config.GitHubAction)
	require.NoError(t, err)
	assert.Equal(t, "$VAR", settings.Owner)
}

func TestAVariableInProseIsAWarning(t *testing.T) {
	settings := load(t, append([]string{"--properties=TEXT::costs $PRICE", "--properties=OTHER::x"}, certify()...))
	require.Len(t, settings.Warnings, 1)
	assert.Equal(t, `--properties: the value of "TEXT" contains "$PRICE", which is not expanded`, settings.Warnings[0].Message)
	assert.Equal(t, map[string]string{"TEXT": "costs $PRICE", "OTHER": "x"}, settings.Properties)

	messages := faults(t, append([]string{"--properties=$KEY::x"}, certify()...), nil, config.CommandLine)
	assert.Contains(t, messages[0], `--properties contains "$KEY", which is not expanded`)
}

func TestSeveralNotificationsInOneEntry(t *testing.T) {
	email := func(target string) lifecycle.Notification {
		return lifecycle.Notification{Method: "EMAIL", Target: target}
	}
	both := []lifecycle.Notification{email("a@example.com"), email("b@example.com")}
	for given, want := range map[string][]lifecycle.Notification{
		"EMAIL::a@example.com, EMAIL::b@example.com":         both,
		"EMAIL::a@example.com,EMAIL::b@example.com":          both,
		"EMAIL::a@example.com; email::b@example.com":         both,
		"EMAIL::a@example.com EMAIL::b@example.com":          both,
		"EMAIL::a@example.com, b@example.com":                both,
		"EMAIL::a@example.com;b@example.com,":                both,
		"\"EMAIL::a@example.com\"\n'Email:: b@example.com '": both,
		"EMAIL::a@example.com\nEMAIL::a@example.com":         {email("a@example.com")},
		"HOOK::https://e.com/a,b;c::d":                       {{Method: "HOOK", Target: "https://e.com/a,b;c::d"}},
		"EMAIL::a@example.com, HOOK::https://e.com":          {email("a@example.com"), {Method: "HOOK", Target: "https://e.com"}},
	} {
		settings, err := config.Load([]string{"--operation=AMI_GET_STATUSES"}, []string{"AMI_NOTIFICATIONS=" + given}, config.Implied{}, config.CommandLine)
		require.NoError(t, err, given)
		assert.Equal(t, want, settings.Notifications, given)
	}
	for _, given := range []string{
		"EMAIL::", "EMAIL:: ", "EMAIL::team", "EMAIL::a@b", "EMAIL::@example.com", "EMAIL::Me <a@example.com>", "EMAIL::a@example.com, team",
		"EMAIL::mailto:a@example.com", "EMAIL::a@@example.com", "EMAIL::a@example..com", "EMAIL:a@example.com", "EMAIL", "::a@example.com",
	} {
		faults(t, []string{"--operation=AMI_GET_STATUSES", "--notifications", given}, nil, config.CommandLine)
	}
}

func TestAMethodThatNobodyHearsIsAWarning(t *testing.T) {
	update := append([]string{"--operation=AMI_CREATE_UPDATE", "--events=SMOKE_TESTS"}, common()...)
	assert.Empty(t, load(t, update).Warnings)
	settings := load(t, append(update, "--notifications=slack::#builds"))
	require.Len(t, settings.Warnings, 1)
	assert.Equal(t, `--notifications: the reference deployment notifies by EMAIL only, so "slack" may have no effect`, settings.Warnings[0].Message)
	assert.Contains(t, settings.Notifications, lifecycle.Notification{Method: "slack", Target: "#builds"})
}

func TestThePropertiesThatRecordTheRunAreNotReplaced(t *testing.T) {
	implied := config.Implied{StackTag: "main", RunIDs: map[string]string{"GITHUB_RUN_ID": "7"}}
	for value, isRefused := range map[string]bool{"1": true, "7": false} {
		_, err := config.Load(certify(), []string{"INPUT_PROPERTIES=MESSAGE::Use vectors\nGITHUB_RUN_ID::" + value}, implied, config.GitHubAction)
		if !isRefused {
			assert.NoError(t, err, "the documentation's example records the pipeline's own id")
			continue
		}
		assert.EqualError(t, err, `input properties must not have the key "GITHUB_RUN_ID", which records the ids of this run: use another key`)
	}
}

func TestWhiteSpaceAndQuotesAroundWhatCannotHaveAnyAreRemoved(t *testing.T) {
	environ := []string{
		"AMI_OPERATION= 'ami_wait'\n", `AMI_LIFECYCLE_ID="a1b2c3d4"`, "AMI_API_ENDPOINT=' https://e.com/dev/ '", "AMI_STACK_NAME=\"Stack\"\n",
		"AMI_API_KEY_PREFIX='/keys/'", `AMI_WAIT="true"`, "AMI_WAIT_TIMEOUT='5m'", `AMI_FAIL_ON_SEVERITY="HIGH"`,
	}
	settings, err := config.Load(nil, environ, config.Implied{}, config.GitHubAction)
	require.NoError(t, err)
	assert.Equal(t, "a1b2c3d4", settings.LifecycleID)
	assert.Equal(t, "https://e.com/dev", settings.APIEndpoint)
	assert.Equal(t, "Stack", settings.StackName)
	assert.Equal(t, "/keys/", settings.APIKeyPrefix)
	assert.Equal(t, "5m0s", settings.WaitTimeout.String())
}

func TestWhatNobodySeesIsRemovedAtTheEndsAndRefusedWithin(t *testing.T) {
	create := []string{"--operation=AMI_CREATE", "--events=\ufeffSMOKE_TESTS\u200b", "--owner=\u200bme \u200b", "--productName=Demo",
		"--productVer=1.0\ufeff", "--commitRef=c0ffee", "--notifications=\u200bEMAIL::a@b.c\u200b", "--properties=\ufeffKEY::value"}
	settings := load(t, append(create, "--stackTag=\u200bmain\u200b"))
	assert.Equal(t, []string{"main", "me", "1.0"}, []string{settings.StackTag, settings.Owner, settings.ProductVer})
	assert.Equal(t, "a@b.c", settings.Notifications[0].Target)
	assert.Equal(t, map[string]string{"KEY": "value"}, settings.Properties)
	assert.Equal(t, []string{`--stackTag must not contain an invisible character: "ma\u200bin"`},
		faults(t, append(create, "--stackTag=ma\u200bin"), nil, config.CommandLine))
}

func TestAnEmptyIDOnACreateIsNotGiven(t *testing.T) {
	create := []string{"--operation=AMI_CREATE", "--events=SMOKE_TESTS", "--owner=me", "--stackTag=main", "--productName=Demo",
		"--productVer=1", "--commitRef=c0ffee", "--notifications=EMAIL::a@b.c"}
	load(t, append(create, "--lifecycleId", ""))
	faults(t, []string{"--operation=AMI_WAIT", "--lifecycleId", ""}, []string{"AMI_LIFECYCLE_ID=a1b2c3d4"}, config.CommandLine)
}

func TestACreateOutsideOfACheckoutWarns(t *testing.T) {
	create := []string{"--operation=AMI_CREATE", "--events=SMOKE_TESTS", "--owner=me", "--stackTag=main", "--productName=Demo",
		"--productVer=1", "--notifications=EMAIL::a@b.c"}
	settings := load(t, create)
	assert.Equal(t, "unknown", settings.CommitRef)
	require.Len(t, settings.Warnings, 1)
	assert.Equal(t, `this is not a git checkout: "unknown" is recorded as the commit that the AMI is made from`, settings.Warnings[0].Message)
	assert.Empty(t, load(t, append(create, "--commitRef=c0ffee")).Warnings)
	assert.Contains(t, faults(t, create, nil, config.GitHubAction)[0], "input commit_ref is missing")
}

func TestWhatFailsInTheSandbox(t *testing.T) {
	settings := load(t, []string{"--operation=AMI_GET_STATUSES", "--sandbox", "--sandboxFail=QA_CERTIFICATION_REQUEST, image:build_ami", "--sandboxSpeed=10"})
	assert.Equal(t, []lifecycle.Event{lifecycle.QACertificationRequest}, settings.SandboxFail.Events)
	assert.Equal(t, []lifecycle.Event{lifecycle.BuildAMI}, settings.SandboxFail.Images)
	assert.InDelta(t, 10, settings.SandboxSpeed, 0)
}

func TestALineOfAListMayBeginAsInYAML(t *testing.T) {
	settings, err := config.Load([]string{"--operation=AMI_CREATE", "--owner=me", "--stackTag=main", "--productName=Demo", "--productVer=1", "--commitRef=c0ffee"},
		[]string{
			"INPUT_EVENTS=- SMOKE_TESTS\n- VULNERABILITY_SCANS\n", "INPUT_NOTIFICATIONS=  - EMAIL::a@example.com\n  - \"EMAIL::b@example.com\"",
			"INPUT_PROPERTIES=- A::- 1\n-B::2",
		}, config.Implied{}, config.GitHubAction)
	require.NoError(t, err)
	assert.Equal(t, []string{"SMOKE_TESTS", "VULNERABILITY_SCANS"}, settings.Events)
	assert.Len(t, settings.Notifications, 2)
	assert.Equal(t, map[string]string{"A": "- 1", "-B": "2"}, settings.Properties, "only a hyphen and a space at the start of a line")
}

func TestATextThatStandsForAMissingOrMaskedValueIsRefused(t *testing.T) {
	for text, why := range map[string]string{
		"null": "missing", "undefined": "missing", " <no value>\n": "missing", "[object Object]": "missing", "***": "masked", "[MASKED]": "masked",
	} {
		for _, variable := range []string{"AMI_LIFECYCLE_ID", "AMI_STACK_TAG", "AMI_OWNER"} {
			if text == "null" && variable != "AMI_LIFECYCLE_ID" {
				continue // a name can be null
			}
			environ := []string{"AMI_LIFECYCLE_ID=a1b2c3d4", "AMI_STACK_TAG=main", variable + "=" + text}
			messages := faults(t, []string{"--operation=AMI_QA_CERTIFICATION", "--certificationStatus=CERTIFIED"}, environ, config.CommandLine)
			require.Len(t, messages, 1)
			assert.Contains(t, messages[0], variable+" is ")
			assert.Contains(t, messages[0], "which stands for a "+why+" value")
		}
	}
}

func TestANameThatIsNullIsAWarning(t *testing.T) {
	settings := load(t, append([]string{"--owner=null"}, certify()...))
	assert.Equal(t, "null", settings.Owner)
	require.Len(t, settings.Warnings, 1)
	assert.Equal(t, `--owner is "null", which stands for a missing value`, settings.Warnings[0].Message)
}

func TestTypographicQuotesAreQuotes(t *testing.T) {
	settings := load(t, []string{"--operation=AMI_WAIT", "--lifecycleId=“a1b2c3d4”", "--waitTimeout=‘5m’"})
	assert.Equal(t, "a1b2c3d4", settings.LifecycleID)
	assert.Equal(t, "5m0s", settings.WaitTimeout.String())
	for _, name := range []string{"“Demo”", "„Demo“", "‘Demo’"} {
		assert.Contains(t, faults(t, append([]string{"--owner=" + name}, certify()...), nil, config.CommandLine)[0], "--owner must not have quotes around it")
	}
}

func TestAMisspeltVariableOrInputIsAWarning(t *testing.T) {
	for _, row := range []struct{ name, environ, message, hint string }{
		{"a variable", "AMI_FAIL_ON_SEVERTY=HIGH", "the variable AMI_FAIL_ON_SEVERTY is unknown and has no effect", "did you mean AMI_FAIL_ON_SEVERITY?"},
		{"an input", "INPUT_FAIL_ON_SEVERTY=HIGH", "input fail_on_severty is unknown and has no effect", "did you mean fail_on_severity?"},
		{"an input with hyphens", "INPUT_FAIL-ON-SEVERITY=HIGH", "input fail-on-severity is unknown and has no effect", "did you mean fail_on_severity?"},
		{"an input without its underscores", "INPUT_PRODUCTNAME=Web", "input productname is unknown and has no effect", "did you mean product_name?"},
	} {
		t.Run(row.name, func(t *testing.T) {
			settings, err := config.Load(certify(), []string{"INPUT_MATRIX=null", row.environ}, config.Implied{}, config.GitHubAction)
			require.NoError(t, err)
			require.Len(t, settings.Warnings, 1)
			assert.Equal(t, row.message, settings.Warnings[0].Message)
			assert.Equal(t, row.hint, settings.Warnings[0].Hint)
		})
	}
	for _, environ := range []string{
		"AMI_ID=ami-1", "AMI_IDS=x", "AMI_NAME=x", "AMI_REGION=eu-west-1", "AMI_SEMANTIC_VERSION=1.0.0", "AMI_RESULT_PATH=x", "AMI_DOTENV_FILE=x",
		"AMI_AWS_ID_TOKEN=x", "AMI_STATUS=COMPLETED", "AMI_AMIS=[]", "AMI_PRODUCT=x", "AMI_WAIT_TIMEOUT=5m", "AMI_FAIL_ON_SEVERTY=", "INPUT_AWS_REGION=x",
		"AMI_SANDBOX_LISTEN=x", "AMI_COUNT=1", "AMI_EVENT=x", "AMI_LIFECYCLES=[]", "INPUT_AWS_ROLE_ARN=x", "AMI_VERSION=1", "AMI_TAG=x",
	} {
		settings, err := config.Load(certify(), []string{"INPUT_MATRIX=null", environ}, config.Implied{}, config.GitHubAction)
		require.NoError(t, err)
		assert.Empty(t, settings.Warnings, environ)
	}
	settings, err := config.Load(certify(), []string{"INPUT_FAIL_ON_SEVERTY=HIGH"}, config.Implied{}, config.GitHubAction)
	require.NoError(t, err)
	assert.Empty(t, settings.Warnings, "the input of another action")
}
