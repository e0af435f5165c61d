package permission_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/permission"
)

// wanted returns the actions of the uses and the endings of their resources, without the parts for which the examples have
// variables.
func wanted(use permission.Use) (actions, resources []string) {
	for _, one := range permission.Of(use) {
		actions = append(actions, one.Action)
		for _, resource := range one.Resources {
			resources = append(resources, ending.FindString(resource))
		}
	}
	return distinct(actions), distinct(resources)
}

// ending matches the end of an ARN after its last placeholder or variable.
var ending = regexp.MustCompile(`[^A-Z}]*$`)

func distinct(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

func example(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples", "aws", name))
	require.NoError(t, err)
	return text
}

func TestTheExampleOfCloudFormationAllowsWhatIsAskedForAndNothingElse(t *testing.T) {
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal(example(t, "role.yaml"), &document))
	var uses []permission.Use
	var walk func(node *yaml.Node)
	walk = func(node *yaml.Node) {
		if members := membersOf(node); members["Sid"] != nil {
			use := permission.Use(members["Sid"].Value)
			uses = append(uses, use)
			actions, resources := wanted(use)
			assert.Equal(t, actions, distinct(scalars(members["Action"])), use)
			if use != permission.Keys { // the resources of Keys are the list of a parameter
				var written []string
				for _, resource := range scalars(members["Resource"]) {
					written = append(written, ending.FindString(resource))
				}
				assert.Equal(t, resources, distinct(written), use)
			}
		}
		for _, below := range node.Content {
			walk(below)
		}
	}
	walk(&document)
	assert.ElementsMatch(t, permission.Uses(), uses)
}

func membersOf(node *yaml.Node) map[string]*yaml.Node {
	members := map[string]*yaml.Node{}
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			members[node.Content[i].Value] = node.Content[i+1]
		}
	}
	return members
}

// scalars returns the text of a scalar node, or all scalars below another node.
func scalars(node *yaml.Node) (texts []string) {
	if node.Kind == yaml.ScalarNode {
		return []string{node.Value}
	}
	for _, below := range node.Content {
		texts = append(texts, scalars(below)...)
	}
	return texts
}

func TestTheExampleOfTerraformAllowsWhatIsAskedForAndNothingElse(t *testing.T) {
	statement := regexp.MustCompile(`sid\s*= "(\w+)"\s+actions\s*= \[([^\]]*)\]\s+resources = \[((?:[^\[\]]|\["\w+"\])*)\]`)
	quoted := regexp.MustCompile(`"((?:[^"\\$]|\$\{[^}]*\})*)"`)
	var uses []permission.Use
	for _, match := range statement.FindAllStringSubmatch(string(example(t, "role.tf")), -1) {
		use := permission.Use(match[1])
		uses = append(uses, use)
		actions, resources := wanted(use)
		var writtenActions, writtenResources []string
		for _, action := range quoted.FindAllStringSubmatch(match[2], -1) {
			writtenActions = append(writtenActions, action[1])
		}
		for _, resource := range quoted.FindAllStringSubmatch(match[3], -1) {
			writtenResources = append(writtenResources, ending.FindString(resource[1]))
		}
		if strings.HasSuffix(strings.TrimSpace(match[3]), ", local.bucket") {
			writtenResources = append(writtenResources, "")
		}
		assert.Equal(t, actions, distinct(writtenActions), use)
		assert.Equal(t, resources, distinct(writtenResources), use)
	}
	assert.ElementsMatch(t, permission.Uses(), uses)
}
