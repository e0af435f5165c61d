package component

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/pattern"
)

// foreignKind is a kind of document that is not a component, and the keys at its top by which it is known: all of one of
// the lists.
type foreignKind struct {
	name string
	keys [][]string
}

const systemsManager = "a document of Systems Manager" // the only kind that has a schemaVersion too

// foreignKinds are the kinds that users confuse with components.
var foreignKinds = []foreignKind{
	{"a CloudFormation template", [][]string{{"AWSTemplateFormatVersion"}, {"Resources"}, {"Transform"}}},
	{systemsManager, [][]string{{"mainSteps"}, {"runtimeConfig"}}},
	{"a GitHub workflow", [][]string{{"jobs", "on"}, {"jobs", "name"}}},
	{"a GitHub action", [][]string{{"runs"}}},
	{"a GitLab pipeline", [][]string{{"stages"}, {"before_script"}}},
	{"a Docker Compose file", [][]string{{"services"}}},
	{"a Kubernetes manifest", [][]string{{"apiVersion", "kind"}}},
	{"an AppSpec file of CodeDeploy", [][]string{{"version", "hooks"}, {"os", "hooks"}, {"os", "files"}}},
	{"a cloud-init configuration", [][]string{{"runcmd"}, {"write_files"}, {"bootcmd"}, {"package_update"}}},
	{"a Packer template", [][]string{{"builders"}, {"provisioners"}}},
	{"an OpenAPI document", [][]string{{"openapi"}, {"swagger"}}},
	{"an image recipe", [][]string{{"parentImage"}, {"components", "semanticVersion"}}},
	{"the description of a component, with the document in data", [][]string{{"data", "platform"}, {"data", "semanticVersion"}, {"component", "requestId"}}},
}

// foreignDocument returns the kind of a document that is clearly not a component, or "".
func foreignDocument(root *yaml.Node) string {
	if root.Kind == yaml.SequenceNode && len(root.Content) > 0 {
		has := keysAt(root.Content[0])
		isTask := slices.ContainsFunc(ansibleModules, func(module string) bool { return has[module] || has["ansible.builtin."+module] })
		if has["hosts"] || has["tasks"] || isTask {
			return "an Ansible playbook"
		}
	}
	has := keysAt(root)
	if has["phases"] {
		if phases := valueAt(root, "phases"); has["version"] && !has["schemaVersion"] && phases.Kind == yaml.MappingNode {
			return "a buildspec of CodeBuild"
		}
		return ""
	}
	if steps := valueAt(root, "steps"); steps.Kind == yaml.SequenceNode && len(steps.Content) > 0 && slices.Contains(workflowActions, valueAt(steps.Content[0], "action").Value) {
		return "an image workflow"
	}
	for _, kind := range foreignKinds {
		for _, keys := range kind.keys {
			if has["schemaVersion"] && kind.name != systemsManager {
				continue
			}
			if !slices.ContainsFunc(keys, func(key string) bool { return !has[key] }) {
				return kind.name
			}
		}
	}
	for i := 1; root.Kind == yaml.MappingNode && i < len(root.Content); i += 2 {
		if keysAt(root.Content[i])["script"] {
			return "a GitLab pipeline"
		}
	}
	return ""
}

// ansibleModules are modules with which a list of Ansible tasks often begins.
var ansibleModules = []string{"shell", "command", "package", "yum", "dnf", "apt", "copy", "template", "service", "file", "debug", "include_tasks", "import_playbook"}

// workflowActions are step actions of Image Builder's workflow documents, which look like components.
var workflowActions = []string{
	"LaunchInstance", "ExecuteComponents", "CreateImage", "TerminateInstance", "BootstrapInstanceForContainer", "CollectImageMetadata",
	"CollectImageScanFindings", "RunCommand", "RunSysPrep", "SanitizeInstance", "WaitForAction", "DistributeImage",
}

func keysAt(node *yaml.Node) map[string]bool {
	has := map[string]bool{}
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		has[node.Content[i].Value] = true
	}
	return has
}

// valueAt returns the value of a key, or an empty node.
func valueAt(node *yaml.Node, key string) *yaml.Node {
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return &yaml.Node{}
}

// signatures are the beginnings of files that are not texts.
var signatures = []struct{ name, begin string }{
	{"a ZIP archive", "PK\x03\x04"},
	{"a gzip archive", "\x1f\x8b"},
	{"a program", "\x7fELF"},
	{"a PDF document", "%PDF-"},
	{"a picture", "\x89PNG"},
	{"a pointer of Git LFS", "version https://git-lfs"},
	{"a script", "#!"},
}

// foreignTexts are the beginnings of texts that are not YAML.
var foreignTexts = []struct {
	name  string
	begin func() *regexp.Regexp
}{
	{"a web page", pattern.Lazy(`^\s*(?i:<!doctype html|<html)`)},
	{"an XML document", pattern.Lazy(`^\s*<\?xml`)},
	{"an error page", pattern.Lazy(`^[45][0-9][0-9]:? [A-Z][a-z]+`)},
	{"a Dockerfile", pattern.Lazy(`^(?:\s*#.*\n|\s*\n)*(?:ARG .*\n)*FROM \S`)},
	{"a Terraform or Packer file", pattern.Lazy(`^(?:\s*(?:#|//).*\n|\s*\n)*(?:(?:resource|data|module|variable|provider|source) ".*\{|(?:terraform|locals|packer|build) \{)`)},
}

// foreignText reports whether a file is clearly not a YAML document, and adds an error if it is not.
func (c *checker) foreignText() bool {
	text := c.source.text
	if strings.Contains(text, "\nphases:") {
		return false
	}
	name := ""
	for _, signature := range signatures {
		if name == "" && strings.HasPrefix(text, signature.begin) {
			name = signature.name
		}
	}
	for _, kind := range foreignTexts {
		if name == "" && kind.begin().MatchString(text[:min(len(text), 4<<10)]) {
			name = kind.name
		}
	}
	if name == "" {
		return false
	}
	hint := "a component is a YAML document"
	if name == "a script" {
		hint = "put its commands in a step with ExecuteBash"
	}
	c.add(false, 1, 1, advice{hint, awstoe.PageDocument}, "the file is %s, not an Image Builder component", name)
	return true
}
