package component

import (
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
)

var documentKeys = []key{
	{"name", []string{"title"}}, {"description", nil}, {"schemaVersion", []string{"version"}},
	{"parameters", []string{"params", "inputs"}}, {"constants", []string{"variables", "vars"}}, {"phases", []string{"stages"}},
}

// document checks a document from its root (User Guide, "Document schema and definitions").
func (c *checker) document(root *yaml.Node) {
	const what = "the component"
	schema := advice{link: awstoe.PageSchema}
	if kind := otherDocument(root); kind != "" {
		c.fail(root, advice{"a component has schemaVersion and phases at its top", awstoe.PageDocument}, "the file is %s, not an Image Builder component", kind)
		return
	}
	document := c.mapping(root, what, schema, documentKeys)
	if document == nil {
		return
	}
	c.names = collect(document, c)
	for _, key := range []string{"name", "description"} {
		if value, ok := document.values[key]; ok && !isNull(c.resolved(value)) {
			c.scalar(value, key, schema)
		}
	}
	if version, ok := c.require(document, "schemaVersion", schema); ok {
		c.schemaVersion(version)
	}
	taken := map[string]bool{}
	c.variables(document, parameters, taken)
	c.variables(document, constants, taken)
	if phases, ok := c.require(document, "phases", schema); ok {
		c.phases(phases)
	}
}

// schemaVersion adds an error if the version is not 1.0, in any spelling of that number.
func (c *checker) schemaVersion(node *yaml.Node) {
	a := advice{link: awstoe.PageSchema}
	value := c.text(node, "schemaVersion", a)
	if number, err := strconv.ParseFloat(value, 64); value != "" && (err != nil || number != 1) {
		if a = c.meant(value, nil, a); a.hint == "" {
			a.hint = "write schemaVersion: 1.0"
		}
		c.fail(c.resolved(node), a, "invalid value %s for schemaVersion: must be 1.0", quoted(value))
	}
}

// otherDocument returns the kind of a document that is clearly not a component, or "".
func otherDocument(root *yaml.Node) string {
	has := map[string]bool{}
	switch root.Kind {
	case yaml.SequenceNode:
		if len(root.Content) > 0 && root.Content[0].Kind == yaml.MappingNode {
			for i := 0; i < len(root.Content[0].Content); i += 2 {
				has[root.Content[0].Content[i].Value] = true
			}
		}
		if has["hosts"] || has["tasks"] {
			return "an Ansible playbook"
		}
	case yaml.MappingNode:
		for i := 0; i < len(root.Content); i += 2 {
			has[root.Content[i].Value] = true
		}
		switch {
		case has["phases"]:
		case has["AWSTemplateFormatVersion"] || has["Resources"]:
			return "a CloudFormation template"
		case has["mainSteps"] || has["runtimeConfig"]:
			return "a document of Systems Manager"
		case has["jobs"] && has["on"]:
			return "a GitHub workflow"
		}
	}
	return ""
}
