package engine

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/sandbox/store"
)

// uploadedComponent holds the members of a patch component that decide whether it fails. Inputs can be of any type,
// because only some actions have a list of commands there.
type uploadedComponent struct {
	Phases []struct {
		Name  string `yaml:"name"`
		Steps []struct {
			Name      string    `yaml:"name"`
			Action    string    `yaml:"action"`
			OnFailure string    `yaml:"onFailure"`
			Inputs    yaml.Node `yaml:"inputs"`
		} `yaml:"steps"`
	} `yaml:"phases"`
}

// componentPhases are the phases that Image Builder runs, in order.
var componentPhases = []string{"build", "validate", "test"}

// readComponent sets the steps of the run to those of the patch's component, and Failing to the step that fails. A
// component that does not exist or is no YAML gives no steps: whether Image Builder accepts it is not checked here.
func readComponent(tx *store.Tx, run *store.Run) error {
	address, err := url.Parse(text(run.Input["patch_component_url"]))
	if err != nil {
		return nil //nolint:nilerr // there is no such component; the request was checked before
	}
	object, err := tx.Object(address.Host, strings.TrimLeft(address.Path, "/"))
	if err != nil || object == nil {
		return err
	}
	run.Steps, run.Failing = componentSteps(object.Body)
	return nil
}

// componentSteps returns the steps of a component in the order in which they run, 100 at most, and the index of the
// first that fails, or -1.
func componentSteps(document []byte) (steps []store.ComponentStep, failing int) {
	const maxSteps = 100
	var component uploadedComponent
	failing = -1
	if yaml.Unmarshal(document, &component) != nil {
		return nil, failing
	}
	for _, name := range componentPhases {
		for _, phase := range component.Phases {
			if phase.Name != name {
				continue
			}
			for _, step := range phase.Steps {
				if len(steps) == maxSteps {
					return steps, failing
				}
				one := store.ComponentStep{Phase: name, Name: step.Name, Action: step.Action}
				if command, code := failingCommand(step.Action, step.Inputs); code != 0 && failing < 0 && step.OnFailure != "Ignore" {
					one.Command, one.ExitCode = command, code
					failing = len(steps)
				}
				steps = append(steps, one)
			}
		}
	}
	return steps, failing
}

// failingCommand returns the command that certainly makes the step fail, and its exit code, or 0. That is "exit N", or
// "false" as the last command: the commands of a step are one script, which ends with the exit code of the last.
func failingCommand(action string, inputs yaml.Node) (command string, exitCode int) {
	if !slices.Contains([]string{"ExecuteBash", "ExecutePowerShell"}, action) {
		return "", 0
	}
	var read struct {
		Commands []string `yaml:"commands"`
	}
	if inputs.Decode(&read) != nil {
		return "", 0
	}
	for i, command := range read.Commands {
		words := strings.Fields(strings.TrimRight(strings.TrimSpace(command), ";"))
		switch {
		case len(words) == 2 && words[0] == "exit":
			code, err := strconv.ParseUint(words[1], 10, 8)
			if err != nil {
				continue
			}
			return strings.TrimSpace(command), int(code) // nothing after it runs
		case len(words) == 1 && words[0] == "false" && i == len(read.Commands)-1:
			return strings.TrimSpace(command), 1
		}
	}
	return "", 0
}
