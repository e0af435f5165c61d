package action

import (
	"crypto/rand"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

func tokenOf(t *testing.T, identity string, change func(*config.Settings)) token {
	t.Helper()
	settings := &config.Settings{
		Operation: lifecycle.Create, ProductName: "Demo", Events: []string{"SMOKE_TESTS"},
		Properties: map[string]string{"A": "1", "B": "2"},
	}
	if change != nil {
		change(settings)
	}
	made, err := newToken(identity, settings, rand.Reader)
	require.NoError(t, err)
	return made
}

func TestTokensTellJobsApartAndAttemptsTogether(t *testing.T) {
	first := tokenOf(t, "run 1", nil)
	document := func(properties string) *lifecycle.Document {
		return lifecycleWith(t, `"properties": `+properties)
	}
	left := document(`{"AMI_ACTION_TOKEN": "` + first.String() + `"}`)
	assert.True(t, first.isIn(left), "a process finds its own request")
	assert.True(t, first.isOurs(left))

	again := tokenOf(t, "run 1", nil)
	assert.False(t, again.isIn(left), "another attempt did not send it")
	assert.True(t, again.isOurs(left), "but it is the same job's")

	later := tokenOf(t, "run 1", func(s *config.Settings) {
		s.Properties["B"] = "3"
		s.PatchChangeDescription = "at 10:00"
		s.Owner = "another"
	})
	assert.True(t, later.isOurs(left), "properties, texts and owners change between attempts")

	for name, other := range map[string]token{
		"another run":          tokenOf(t, "run 2", nil),
		"another operation":    tokenOf(t, "run 1", func(s *config.Settings) { s.Operation = lifecycle.CreateUpdate }),
		"another product":      tokenOf(t, "run 1", func(s *config.Settings) { s.ProductName = "Other" }),
		"other events":         tokenOf(t, "run 1", func(s *config.Settings) { s.Events = nil }),
		"a laptop":             tokenOf(t, "", nil),
		"what was moved along": tokenOf(t, "run 1", func(s *config.Settings) { s.ProductName, s.ProductVer = "", "Demo" }),
	} {
		assert.False(t, other.isOurs(left), name)
		assert.False(t, other.isIn(left), name)
	}
}

func TestAnotherBuildHasAnotherTokenAndAnotherClaim(t *testing.T) {
	identify := func(s config.Settings) (token, key string) {
		made, err := newToken("job", &s, strings.NewReader("12345678"))
		require.NoError(t, err)
		events, err := lifecycle.EventsOf(s.Operation, s.Events)
		require.NoError(t, err)
		return made.String(), claim.CreateKey("job", buildOf(&s, events))
	}
	settings := config.Settings{Operation: lifecycle.Create, Events: []string{"SMOKE_TESTS"}}
	token, key := identify(settings)
	for member := range reflect.TypeFor[claim.Build]().Fields() {
		changed := settings
		switch field := reflect.ValueOf(&changed).Elem().FieldByName(member.Name); field.Kind() {
		case reflect.String:
			field.SetString("another")
		default:
			field.SetZero()
		}
		otherToken, otherKey := identify(changed)
		assert.NotEqual(t, token, otherToken, member.Name)
		assert.NotEqual(t, key, otherKey, member.Name)
	}
}

// Jobs of another version of this command look for these tokens: they must stay as they are.
func TestATokenIsTheSameInEveryVersion(t *testing.T) {
	settings := config.Settings{
		StackTag: "main", ProductName: "Web", ProductVer: "1", CommitRef: "abc", Owner: "me", LifecycleID: "3f0bd60d",
		PatchComponent: "patches/httpd.yaml", SemverBumpType: "MINOR",
		CertificationStatus: "CERTIFIED", ApprovalStatusAMICreation: "APPROVED", ApprovalStatusAMIPatch: "FAILED",
	}
	for _, test := range []struct {
		operation lifecycle.Operation
		events    []string
		token     string
	}{
		{lifecycle.Create, []string{"VULNERABILITY_SCANS", "SMOKE_TESTS"}, "0141ab284e87632ebb74eb27.3132333435363738"},
		{lifecycle.Create, []string{"AMI_BUILD_ONLY"}, "e236a11ebab340b01a528a86.3132333435363738"},
		{lifecycle.CreateUpdate, []string{"SMOKE_TESTS"}, "8caac8fbea777318732d0f0d.3132333435363738"},
		{lifecycle.Patch, []string{"SMOKE_TESTS"}, "b4aa536d984402cfe218f763.3132333435363738"},
		{lifecycle.PatchUpdate, []string{"VULNERABILITY_SCANS"}, "cf2032429a935a23cf0e84a7.3132333435363738"},
		{lifecycle.QACertification, nil, "77e4975a5c4c776ad4519480.3132333435363738"},
		{lifecycle.ApprovalCreate, nil, "7fbfa1396f5e1a39ce6e9122.3132333435363738"},
		{lifecycle.ApprovalPatch, nil, "4b2754f0d3dba2c824a84bbb.3132333435363738"},
	} {
		settings.Operation, settings.Events = test.operation, test.events
		made, err := newToken("github org/images build 42 create", &settings, strings.NewReader("12345678"))
		require.NoError(t, err)
		assert.Equal(t, test.token, made.String(), test.operation)
	}
	made, err := newToken("job", &settings, strings.NewReader("12345678"))
	require.NoError(t, err)
	assert.Equal(t, "ffcf1251f37e4e945382e362.3132333435363738", made.with([]byte("name: httpd\n")).String(), "a patch with its component")
	made, err = newToken("", &settings, strings.NewReader("12345678"))
	require.NoError(t, err)
	assert.Equal(t, "3132333435363738", made.String())
}

func TestTokensOfLaterRequestsAreFoundUnderKeysOfTheirOwn(t *testing.T) {
	made := tokenOf(t, "run 1", nil)
	assert.True(t, made.isIn(lifecycleWith(t, `"properties": {"AMI_ACTION_TOKEN": "x", "AMI_ACTION_TOKEN_77_1": "`+made.String()+`"}`)))
	assert.True(t, made.isIn(lifecycleWith(t, `"inputs_ami_patch": {"events": [], "properties": {"AMI_ACTION_TOKEN_77_1": "`+made.String()+`"}}`)))
	assert.True(t, made.isIn(lifecycleWith(t, `"outputs_ami_creation": {"events": [{"name": "QA_CERTIFICATION_RESPONSE",
		"status": "COMPLETED", "properties": {"AMI_ACTION_TOKEN_77_1": "`+made.String()+`"}}]}`)), "a certification keeps it in its result")
	assert.False(t, made.isIn(lifecycleWith(t, `"properties": {"NOTE": "`+made.String()+`"}`)), "a user's own property is not a token")
}

func TestALaptopsTokenBelongsToNoJob(t *testing.T) {
	made := tokenOf(t, "", nil)
	assert.True(t, made.isIn(lifecycleWith(t, `"properties": {"AMI_ACTION_TOKEN": "`+made.String()+`"}`)))
	assert.False(t, made.isOurs(lifecycleWith(t, `"properties": {"AMI_ACTION_TOKEN": ".`+made.String()+`"}`)))
	_, err := newToken("", &config.Settings{}, strings.NewReader("short"))
	require.ErrorContains(t, err, "no random numbers")
}
