package documents_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/completion"
	"github.com/org/ami-action/internal/componentcheck"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/exitcode"
)

// TestEachBlockIsValid parses each block of each document by its language. Shell blocks are run, with stand-ins for the
// programs in them that only record their arguments. The arguments of ami-action must be accepted.
func TestEachBlockIsValid(t *testing.T) {
	t.Parallel()
	checks := map[string]func(t *testing.T, b block){
		"bash": checkShell, "console": checkConsole, "yaml": checkYAML, "json": checkJSON,
		"text": func(*testing.T, block) {}, "mermaid": func(*testing.T, block) {},
	}
	seen := map[string]int{}
	for _, document := range files(t, ".md") {
		for _, b := range blocks(t, document) {
			seen[b.language]++
			t.Run(document+":"+strconv.Itoa(b.line), func(t *testing.T) {
				t.Parallel()
				check := checks[b.language]
				require.NotNil(t, check, "a block of the language %q is checked by nothing", b.language)
				check(t, b)
			})
		}
	}
	for _, language := range []string{"bash", "yaml", "json"} {
		assert.Positive(t, seen[language], language)
	}
}

func checkJSON(t *testing.T, b block) {
	assert.True(t, json.Valid([]byte(b.text)), b.text)
}

// given calls action and component with the inputs of our action and our component, wherever they are in the YAML of a
// block.
func given(value any, action, component func(inputs map[string]any)) {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			given(one, action, component)
		}
	case map[string]any:
		uses, _ := value["uses"].(string)
		included, _ := value["component"].(string)
		file, _ := value["file"].(string)
		remote, _ := value["remote"].(string)
		with, _ := value["with"].(map[string]any)
		inputs, _ := value["inputs"].(map[string]any)
		switch {
		case strings.Contains(uses, "org/ami-action/.github/workflows/"): // TestTheReusableWorkflow has its inputs
		case strings.Contains(uses, "org/ami-action"):
			action(with)
		case strings.Contains(included, "org/ami-action/"), strings.Contains(file+remote, "template.yml"):
			component(inputs)
		}
		for _, one := range value {
			given(one, action, component)
		}
	}
}

func checkYAML(t *testing.T, b block) {
	actionInputs, componentInputs := inputsOfAction(t), inputsOfComponent(t)
	accepts := func(known []string) func(map[string]any) {
		return func(inputs map[string]any) {
			for name := range inputs {
				assert.Contains(t, known, name)
			}
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(b.text))
	for {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, b.text)
		given(value, accepts(actionInputs), accepts(componentInputs))
		// A block that shows only a part of an include has the inputs at the top level.
		if inputs, ok := value.(map[string]any); ok && (inputs["job_name"] != nil || inputs["aws_role_arn"] != nil) {
			accepts(componentInputs)(inputs)
		}
	}
}

func inputsOfAction(t *testing.T) []string {
	t.Helper()
	var action struct {
		Inputs map[string]any `yaml:"inputs"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "action.yml")), &action))
	return keys(action.Inputs)
}

func inputsOfComponent(t *testing.T) []string {
	t.Helper()
	var template struct {
		Spec struct {
			Inputs map[string]any `yaml:"inputs"`
		} `yaml:"spec"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "templates/gitlab/template.yml")), &template))
	return keys(template.Spec.Inputs)
}

func keys(values map[string]any) []string {
	var names []string
	for name := range values {
		names = append(names, name)
	}
	return names
}

// checkConsole checks the command lines of a terminal session, which begin with "$ ".
func checkConsole(t *testing.T, b block) {
	var typed strings.Builder
	for line := range strings.SplitSeq(b.text, "\n") {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			typed.WriteString(command + "\n")
		}
	}
	b.text = typed.String()
	checkShell(t, b)
}

// standIns are the names of the programs that the documents run. Tests put a stand-in in the place of each.
var standIns = []string{
	"ami-action", "ami-sandbox", "bash", "chmod", "cosign", "curl", "docker", "gh", "git", "go", "sha256sum", "tar", ".ci/fuzz", ".ci/release",
}

func checkShell(t *testing.T, b block) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	parse := exec.CommandContext(t.Context(), shell, "-n")
	parse.Stdin = strings.NewReader(b.text)
	output, err := parse.CombinedOutput()
	require.NoError(t, err, "%s", output)

	for _, arguments := range runs(t, shell, b.text) {
		checkCommand(t, arguments)
	}
}

// runs runs a script with stand-ins for the programs. It returns the arguments of each call, with the name of the
// program first.
func runs(t *testing.T, shell, script string) [][]string {
	t.Helper()
	dir := t.TempDir()
	calls := filepath.Join(dir, "calls")
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".ci"), 0o700))
	for _, name := range standIns {
		standIn := "#!" + shell + "\nprintf '%s\\0' " + strconv.Quote(name) + " \"$@\" >> " + strconv.Quote(calls) + "\nprintf '\\n\\0' >> " + strconv.Quote(calls) + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(standIn), 0o700))
	}
	command := exec.CommandContext(t.Context(), shell, "-euo", "pipefail", "-c", "sed() { :; }\n"+script)
	command.Dir = dir
	command.Env = []string{"PATH=" + dir, "ID=" + anID, "PWD=" + dir}
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	recorded, err := os.ReadFile(calls)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	var all [][]string
	var one []string
	for argument := range strings.SplitSeq(strings.TrimSuffix(string(recorded), "\x00"), "\x00") {
		if argument == "\n" {
			all, one = append(all, one), nil
			continue
		}
		one = append(one, argument)
	}
	return all
}

const anID = "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7"

var placeholder = regexp.MustCompile(`^[A-Z_]+$`)

// checkCommand checks the arguments of ami-action, also if `go run` or `docker run` starts it. It ignores other commands.
func checkCommand(t *testing.T, arguments []string) {
	t.Helper()
	at := slices.IndexFunc(arguments, func(argument string) bool {
		return argument == "ami-action" || argument == "./cmd/ami-action"
	})
	switch {
	case at < 0, arguments[0] == "docker" && (arguments[1] == "build" || slices.Contains(arguments, "--entrypoint")),
		arguments[0] == "go" && arguments[1] != "run":
		return
	}
	arguments = arguments[at+1:]
	if len(arguments) > 0 && arguments[0] == componentcheck.Command {
		checkComponentCheck(t, arguments[1:])
		return
	}
	if len(arguments) > 0 && arguments[0] == completion.Command {
		_, ok := completion.Script(strings.Join(arguments[1:], " "))
		assert.True(t, ok, "%q", arguments)
		return
	}
	if slices.Equal(arguments, []string{completion.ManualCommand}) {
		return
	}
	if slices.ContainsFunc(arguments, placeholder.MatchString) && slices.Contains(arguments, "OPERATION") {
		return
	}
	var environment []string
	if !slices.Contains(arguments, "--commitRef") {
		environment = append(environment, "AMI_COMMIT_REF=4f2a9c1")
	}
	_, err := config.Load(inRoot(arguments), environment, config.Implied{}, config.CommandLine)
	if errors.Is(err, config.ErrHelp) || errors.Is(err, config.ErrVersion) || errors.Is(err, config.ErrUsage) {
		return
	}
	assert.NoError(t, err, "%q", arguments)
}

// TestEachCheckOfAComponentIsAccepted checks the arguments of check-component in inline code and in the examples.
// [TestEachBlockIsValid] checks them in the blocks.
func TestEachCheckOfAComponentIsAccepted(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile("(?m)ami-action(?:@v1)? check-component ([^`;\n#]+)")
	found := 0
	for _, path := range append(files(t, ".md"), files(t, ".yml")...) {
		for _, match := range command.FindAllStringSubmatch(read(t, path), -1) {
			found++
			checkComponentCheck(t, strings.Fields(strings.ReplaceAll(match[1], "'", "")))
		}
	}
	assert.Positive(t, found)
}

// checkComponentCheck runs check-component with the arguments, with the names of files replaced by a component of this
// repository.
func checkComponentCheck(t *testing.T, arguments []string) {
	t.Helper()
	sample := filepath.Join(root, "examples", "sample_component.yaml")
	content, err := os.Open(sample)
	require.NoError(t, err)
	defer content.Close()
	given := slices.Clone(arguments)
	for i := 0; i < len(given); i++ {
		switch {
		case given[i] == "--codeQualityFile" && i+1 < len(given):
			i++
			given[i] = filepath.Join(t.TempDir(), "report.json")
		case given[i] == "-", given[i] == "--help":
		case strings.HasPrefix(given[i], "-"):
			i++ // the value of the flag
		default:
			given[i] = sample
		}
	}
	var stderr strings.Builder
	code := componentcheck.Run(given, componentcheck.Options{Stdin: content, Stdout: io.Discard, Stderr: &stderr})
	assert.Equal(t, exitcode.OK, code, "check-component %q: %s", arguments, stderr.String())
}

// inRoot returns the arguments with the paths of components changed to be valid from here. In the documents, they are
// relative to the root of the repository.
func inRoot(arguments []string) []string {
	arguments = slices.Clone(arguments)
	for i := 1; i < len(arguments); i++ {
		if arguments[i-1] == "--patchComponent" {
			arguments[i] = filepath.Join(root, "examples", filepath.Base(arguments[i]))
		}
	}
	return arguments
}
