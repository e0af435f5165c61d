package component

import (
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
)

var documentKeys = []key{
	{name: "name", mistaken: []string{"title"}}, {name: "description"},
	{name: "schemaVersion", mistaken: []string{"version"}, required: true},
	{name: "parameters", mistaken: []string{"params", "inputs"}}, {name: "constants", mistaken: []string{"variables", "vars"}},
	{name: "phases", mistaken: []string{"stages"}, required: true},
}

// document checks a document from its root (User Guide, "Document schema and definitions").
func (c *checker) document(root *yaml.Node) {
	const what = "the component"
	schema := advice{link: awstoe.PageSchema}
	if kind := foreignDocument(root); kind != "" {
		c.fail(root, advice{"a component has schemaVersion and phases at its top", awstoe.PageDocument}, "the file is %s, not an Image Builder component", kind)
		return
	}
	c.tags(root)
	c.secrets()
	document := c.read(root, what, schema)
	if document == nil {
		return
	}
	if _, isLoose := document.values["steps"]; isLoose {
		c.looseSteps = true
		document.meant["phases"] = true
		c.fail(document.keyNode("steps"), advice{"indent it like the name of its phase, in the list below phases", awstoe.PageSchema}, "steps is a key of a phase: it must be in a phase, below phases")
		document.drop("steps")
	}
	c.keys(document, schema, documentKeys)
	c.names = collect(document, c)
	for _, key := range []string{"name", "description"} {
		if value, ok := document.values[key]; ok && !isNull(c.resolved(value)) {
			c.scalar(value, key, schema)
		}
	}
	if version, ok := document.values["schemaVersion"]; ok {
		c.schemaVersion(version)
	}
	taken := map[string]bool{}
	c.variables(document, parameters, taken)
	c.variables(document, constants, taken)
	if phases, ok := document.values["phases"]; ok {
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
