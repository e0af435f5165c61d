package component

import (
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// phaseNames are the phases that Image Builder runs. It takes others and never runs them.
var phaseNames = []string{"build", "validate", "test", "container-host-test"}

func (c *checker) document(root *yaml.Node) {
	const what = "the component"
	document := c.mapping(root, what, "name", "description", "schemaVersion", "parameters", "constants", "phases")
	if document == nil {
		return
	}
	for _, key := range []string{"name", "description"} {
		if value, ok := document.values[key]; ok {
			c.text(value, key)
		}
	}
	if version, ok := c.require(document, "schemaVersion", what); ok {
		c.word(version, "schemaVersion", "1.0")
	}
	names := map[string]bool{}
	c.variables(document, "parameters", names, []string{"type"}, []string{"type", "default", "description"})
	c.variables(document, "constants", names, []string{"type", "value"}, []string{"type", "value"})
	if phases, ok := c.require(document, "phases", what); ok {
		c.phases(phases)
	}
}

// variables checks the parameters or the constants: a list of mappings with one name each.
func (c *checker) variables(document *mapping, section string, names map[string]bool, required, allowed []string) {
	value, ok := document.values[section]
	if !ok {
		return
	}
	for _, entry := range c.list(value, section) {
		named := c.mapping(entry, "an entry of "+section)
		if named == nil {
			continue
		}
		if len(named.keys) != 1 {
			c.report(c.resolved(entry), "an entry of %s has to be one name with its definition below it", section)
			continue
		}
		name := named.keys[0]
		switch {
		case !isVariableName(name.Value):
			c.report(name, "the name %s has to be 3 to 128 letters, digits, - and _", quoted(name.Value))
		case names[name.Value]:
			c.report(name, "the name %s is taken already", quoted(name.Value))
		}
		names[name.Value] = true
		definition := c.mapping(named.values[name.Value], "the definition of "+shown(name.Value), allowed...)
		if definition == nil {
			continue
		}
		for _, key := range required {
			c.require(definition, key, "the definition of "+shown(name.Value))
		}
		for _, key := range slices.Sorted(maps.Keys(definition.values)) {
			if key == "type" {
				c.word(definition.values[key], key, "string")
			} else if slices.Contains(allowed, key) {
				c.scalar(definition.values[key], key)
			}
		}
	}
}

// scalar reads node as a single value, which may be an empty text.
func (c *checker) scalar(node *yaml.Node, what string) {
	if node = c.resolved(node); node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		c.report(node, "%s has to be a text, and is %s%s", what, kind(node), colonHint(node))
	}
}

func (c *checker) phases(node *yaml.Node) {
	seen := map[string]bool{}
	for _, entry := range c.list(node, "phases") {
		phase := c.mapping(entry, "a phase", "name", "steps")
		if phase == nil {
			continue
		}
		what := "the phase"
		if value, ok := c.require(phase, "name", what); ok {
			name := c.text(value, "the name of the phase")
			switch {
			case name == "":
			case !slices.Contains(phaseNames, name):
				c.report(c.resolved(value), "the phase %s is none that EC2 Image Builder runs; it runs %s",
					quoted(name), strings.Join(phaseNames, ", "))
			case seen[name]:
				c.report(c.resolved(value), "the phase %s is there twice", name)
			}
			seen[name] = true
			what = "the phase " + quoted(name)
		}
		if steps, ok := c.require(phase, "steps", what); ok {
			c.steps(steps)
		}
	}
}
