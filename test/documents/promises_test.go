package documents_test

import (
	"encoding/json"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/completion"
	"github.com/org/ami-action/internal/componentcheck"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/doctor"
	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/joboutput"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/watch"
)

const promises = "docs/promises.md"

var inCode = regexp.MustCompile("`([^`]+)`")

// promised returns the names in a section of docs/promises.md.
func promised(t *testing.T, heading string) []string {
	t.Helper()
	text, _, _ := strings.Cut(section(t, promises, "## "+heading), "\n\nEach one has")
	var names []string
	for _, match := range inCode.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	require.NotEmpty(t, names)
	return names
}

// upper returns only the names in upper case, which are values, and not the names of outputs.
func upper(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return name != strings.ToUpper(name) })
}

// TestWhatIsPromisedExists fails if a name that version 1 promises no longer exists. A new name is not promised until it
// is in the document.
func TestWhatIsPromisedExists(t *testing.T) {
	t.Parallel()
	assert.Subset(t, inputsOfAction(t), promised(t, "Inputs of the GitHub action"))
	assert.Subset(t, inputsOfComponent(t), promised(t, "Inputs of the GitHub action"), "the component has the action's inputs")
	assert.Subset(t, inputsOfComponent(t), promised(t, "Inputs of the GitLab component"))

	var flags []string
	for _, setting := range config.Declared() {
		flags = append(flags, setting.Name.Flag())
	}
	assert.Subset(t, flags, promised(t, "Flags"))

	var events []string
	for _, phase := range []lifecycle.Phase{lifecycle.Creation, lifecycle.Patching} {
		for _, event := range phase.Order() {
			events = append(events, event.String())
		}
	}
	assert.Subset(t, append(statuses(), events...), upper(promised(t, "Statuses")))
	assert.Subset(t, upper(promised(t, "Statuses")), statuses(), "every status is promised")
}

func TestAMemberOfTheOutputLifecyclesIsThePromisedOne(t *testing.T) {
	t.Parallel()
	_, text, found := strings.Cut(read(t, promises), "A member of the output `lifecycles` has ")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "\n\n")
	members, filters, found := strings.Cut(text, ". Its\n`state`, and the filter `status`,")
	require.True(t, found)
	var exist []string
	for field := range reflect.TypeFor[lifecycle.Overview]().Fields() {
		if member := field.Tag.Get("json"); member != "-" {
			exist = append(exist, member)
		}
	}
	assert.Equal(t, exist, codes(members))
	assert.Equal(t, config.StatusFilters(), codes(filters))
}

func TestEveryOutputIsPromised(t *testing.T) {
	t.Parallel()
	documented := map[string]string{}
	for _, row := range cells(section(t, promises, "## Outputs")) {
		documented[strings.Trim(row[0], "`")] = strings.Trim(row[1], "`")
	}
	exists := map[string]string{}
	for _, output := range joboutput.All() {
		exists[output.Name] = output.Variable
	}
	for name, variable := range documented {
		assert.Equal(t, variable, exists[name], name)
	}
}

func TestEveryExitCodeIsPromised(t *testing.T) {
	t.Parallel()
	var entries [][]string
	for _, entry := range exitcode.Entries() {
		entries = append(entries, []string{entry.Code, entry.Name})
	}
	assert.Equal(t, entries, cells(section(t, promises, "## Exit codes")))
}

// statuses returns the values of the output status: one for each kind of error, and those for success.
func statuses() []string {
	found := map[string]bool{
		outcome.StatusRunning: true, outcome.StatusStarted: true, outcome.StatusCompleted: true,
	}
	for _, state := range []watch.State{watch.Failed, watch.Errored, watch.Blocked} {
		found[outcome.Status(&outcome.Error{Kind: outcome.EventFailed, State: state})] = true
	}
	for kind := outcome.Internal; kind <= outcome.Interrupted; kind++ {
		if kind != outcome.EventFailed {
			found[outcome.Status(&outcome.Error{Kind: kind})] = true
		}
	}
	return slices.Collect(maps.Keys(found))
}

func TestTheRecordedPropertiesAreThePromisedOnes(t *testing.T) {
	t.Parallel()
	keys := promised(t, "Property keys")
	environment := []string{
		"GITHUB_SERVER_URL=https://github.example.com", "CI_PIPELINE_ID=1", "CI_PIPELINE_URL=https://gitlab.example.com/1",
		"CI_JOB_ID=2", "CI_JOB_URL=https://gitlab.example.com/2", "CI_PROJECT_PATH=group/images", "CI_COMMIT_SHA=4f2a9c1", "CI_COMMIT_REF_NAME=main",
	}
	for _, key := range keys {
		if strings.HasPrefix(key, "GIT") && !strings.HasSuffix(key, "_URL") {
			environment = append(environment, key+"=1")
		}
	}
	var recorded []string
	for _, platform := range []string{"GITHUB_ACTIONS=true", "GITLAB_CI=true"} {
		p := pipeline.Detect(append(slices.Clone(environment), platform), pipeline.Options{Dir: t.TempDir()})
		recorded = slices.AppendSeq(recorded, maps.Keys(p.Properties()))
	}
	assert.Subset(t, recorded, slices.DeleteFunc(keys, func(key string) bool { return !strings.HasPrefix(key, "GIT") }))
	assert.Contains(t, section(t, promises, "## Property keys"), "`"+config.ReservedPrefix+"`")
}

// TestTheProblemsOfComponentsHaveThePromisedMembers compares the document with the output of the command.
func TestTheProblemsOfComponentsHaveThePromisedMembers(t *testing.T) {
	t.Parallel()
	_, text, found := strings.Cut(section(t, promises, "## JSON"), "`check-component --output json` prints one object with ")
	require.True(t, found)
	top, rest, found := strings.Cut(text, ". A problem has ")
	require.True(t, found)
	members, rest, found := strings.Cut(rest, ". Its `level` is ")
	require.True(t, found)
	levels, _, _ := strings.Cut(rest, ". Lines")

	var stdout strings.Builder
	code := componentcheck.Run([]string{"--output", "json", "-"}, componentcheck.Options{
		Stdin:  strings.NewReader("author: me\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: One\n        action: executebash\n"),
		Stdout: &stdout, Stderr: io.Discard,
	})
	assert.Equal(t, exitcode.Invalid, code)
	var printed map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout.String()), &printed))
	assert.ElementsMatch(t, codes(top), keys(printed))
	seen, foundLevels := map[string]any{}, map[string]any{}
	for _, problem := range printed["problems"].([]any) {
		maps.Copy(seen, problem.(map[string]any))
		foundLevels[problem.(map[string]any)["level"].(string)] = nil
	}
	assert.ElementsMatch(t, codes(members), keys(seen))
	assert.ElementsMatch(t, codes(levels), keys(foundLevels))
}

// TestEveryCommandIsPromised compares the document with the commands that exist. `completion bash` and `completion zsh`
// are one command.
func TestEveryCommandIsPromised(t *testing.T) {
	t.Parallel()
	var commands, shells []string
	for _, row := range cells(section(t, promises, "## Commands")) {
		for _, line := range codes(row[0]) {
			command, shell, _ := strings.Cut(line, " ")
			commands = append(commands, command)
			if shell != "" {
				shells = append(shells, shell)
			}
		}
	}
	assert.ElementsMatch(t, append(config.Words(), completion.Command, completion.ManualCommand, componentcheck.Command), slices.Compact(commands))
	assert.ElementsMatch(t, completion.Shells(), shells)
}

// codes returns the names in inline code in a text.
func codes(text string) (names []string) {
	for _, match := range inCode.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// schema has the parts of a JSON schema that are compared.
type schema struct {
	Type       string
	Enum       []string
	Required   []string
	Properties map[string]schema
	Items      *schema
}

func TestTheSchemaIsThatOfTheResult(t *testing.T) {
	t.Parallel()
	var documented schema
	require.NoError(t, json.Unmarshal([]byte(read(t, "docs/result.schema.json")), &documented))
	compare(t, "the result", documented, reflect.TypeFor[outcome.Record]())
}

func TestTheSchemaIsThatOfTheDoctor(t *testing.T) {
	t.Parallel()
	var documented schema
	require.NoError(t, json.Unmarshal([]byte(read(t, "docs/doctor.schema.json")), &documented))
	compare(t, "the examination", documented, reflect.TypeFor[doctor.Result]())
	assert.ElementsMatch(t, []string{string(doctor.OK), string(doctor.Missing), string(doctor.Unknown)},
		documented.Properties["checks"].Items.Properties["status"].Enum)
}

// compare checks a schema against the Go type whose JSON it describes.
func compare(t *testing.T, name string, s schema, of reflect.Type) {
	t.Helper()
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if len(s.Enum) > 0 {
		s.Type = "string"
	}
	if of.String() == "time.Time" {
		assert.Equal(t, "string", s.Type, name)
		return
	}
	kinds := map[string][]reflect.Kind{
		"object": {reflect.Struct, reflect.Map}, "array": {reflect.Slice}, "string": {reflect.String},
		"integer": {reflect.Int}, "boolean": {reflect.Bool},
	}
	if !assert.Contains(t, kinds[s.Type], of.Kind(), name) {
		return
	}
	if s.Items != nil {
		compare(t, name+"[]", *s.Items, of.Elem())
	}
	if of.Kind() != reflect.Struct {
		return
	}
	var always []string
	members := map[string]reflect.Type{}
	for field := range of.Fields() {
		member, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if member == "" || member == "-" {
			continue
		}
		members[member] = field.Type
		if options == "" {
			always = append(always, member)
		}
	}
	assert.Subset(t, always, s.Required, "%s: members that are always there", name)
	for member, described := range s.Properties {
		if assert.Contains(t, members, member, name) {
			compare(t, name+"."+member, described, members[member])
		}
	}
}
