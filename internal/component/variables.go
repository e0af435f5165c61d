package component

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/pattern"
)

// section is the part of a document that declares parameters, or the one that declares constants.
type section struct {
	name, one string
	keys      []key
}

var (
	parameters = section{
		"parameters", "parameter",
		[]key{
			{name: "type", required: true}, {name: "default", mistaken: []string{"value"}}, {name: "description"},
			{name: "allowedValues", mistaken: []string{"allowed", "enum", "values"}},
		},
	}
	constants = section{
		"constants", "constant",
		[]key{{name: "type", required: true}, {name: "value", mistaken: []string{"default"}, required: true}, {name: "description"}},
	}
)

// variableTypes are the types of parameters and constants. The guide mentions stringList only as the type of a parameter
// in the Parameter Store, but the check accepts it.
var variableTypes = []string{"string", "stringList"}

var nameCharacters = pattern.Lazy(`^[A-Za-z0-9_-]+$`)

// isVariableName reports whether the user guide allows the name for a parameter or a constant.
func isVariableName(name string) bool {
	return len(name) >= 3 && len(name) <= 128 && nameCharacters().MatchString(name)
}

// variables checks the parameters or the constants, which are a list of mappings with one name each.
func (c *checker) variables(document *mapping, s section, taken map[string]bool) {
	value, ok := document.values[s.name]
	if !ok || isEmpty(c.resolved(value)) {
		return
	}
	a := advice{link: awstoe.PageVariables}
	if list := c.resolved(value); list.Kind == yaml.MappingNode {
		a.hint = "begin each name with \"- \""
		c.fail(list, a, "%s must be a list, but is a mapping", s.name)
		return
	}
	for _, entry := range c.list(value, s.name, a) {
		c.variable(entry, s, taken)
	}
}

func (c *checker) variable(entry *yaml.Node, s section, taken map[string]bool) {
	a := advice{link: awstoe.PageVariables}
	named := c.read(entry, "a "+s.one, a)
	if named == nil {
		return
	}
	if len(named.keys) != 1 {
		a.hint = "write the name as the key, with the rest indented below it: \"- Name:\""
		c.failEntry(named.node, a, "a %s must be its name with its definition below, but has the keys %s", s.one, shown(strings.Join(keyValues(named), ", ")))
		return
	}
	name := named.keys[0]
	switch {
	case !isVariableName(name.Value):
		c.fail(name, a, "invalid name %s: the name of a %s must be 3 to 128 letters, digits, - and _", quoted(name.Value), s.one)
	case taken[name.Value]:
		c.fail(name, a, "the name %s is used twice: the names of parameters and constants must be unique", quoted(name.Value))
	}
	taken[name.Value] = true
	definition := c.mapping(named.values[name.Value], "the "+s.one+" "+shown(name.Value), a, s.keys)
	if definition == nil {
		return
	}
	isList := false
	if kind, ok := definition.values["type"]; ok {
		isList = c.resolved(kind).Value == "stringList"
		c.word(kind, "type", a, variableTypes...)
	}
	for _, key := range []string{"default", "value", "description"} {
		value, ok := definition.values[key]
		if ok && (!isList || c.resolved(value).Kind != yaml.SequenceNode) && slices.Contains(namesOf(s.keys), key) && (key == "value" || !isNull(c.resolved(value))) {
			c.scalar(value, key, a)
		}
	}
	c.allowedValues(definition, a)
}

// allowedValues checks that the default of a parameter is one of the values that it allows.
func (c *checker) allowedValues(definition *mapping, a advice) {
	node, ok := definition.values["allowedValues"]
	if !ok {
		return
	}
	var allowed []string
	for _, value := range c.list(node, "allowedValues", a) {
		if c.scalar(value, "an allowed value", a) {
			allowed = append(allowed, c.resolved(value).Value)
		}
	}
	chosen, ok := definition.values["default"]
	if chosen = c.resolvedOr(chosen); ok && len(allowed) > 0 && chosen.Kind == yaml.ScalarNode && !isNull(chosen) && !slices.Contains(allowed, chosen.Value) {
		c.warn(chosen, c.meant(chosen.Value, allowed, a), "the default %s is not one of the allowed values", quoted(chosen.Value))
	}
}

// resolvedOr is resolved, but returns an empty node for nil.
func (c *checker) resolvedOr(node *yaml.Node) *yaml.Node {
	if node == nil {
		return &yaml.Node{}
	}
	return c.resolved(node)
}

func keyValues(in *mapping) []string {
	values := make([]string, len(in.keys))
	for i, key := range in.keys {
		values[i] = key.Value
	}
	return values
}
