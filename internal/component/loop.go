package component

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// delimiters are the characters that can separate the values of a forEach loop's list.
const delimiters = ".,;:\n\t -_"

// loop checks a looping construct (user guide, "Use looping constructs in AWSTOE"). Its name is unique
// among the loops of the phase.
func (c *checker) loop(node *yaml.Node, names map[string]bool) {
	loop := c.mapping(node, "loop", "name", "for", "forEach")
	if loop == nil {
		return
	}
	if value, ok := loop.values["name"]; ok {
		name := c.text(value, "the name of the loop")
		if name != "" && names[name] {
			c.report(c.resolved(value), "the phase has two loops named %s", quoted(name))
		}
		names[name] = true
	}
	numbers, counts := loop.values["for"]
	values, iterates := loop.values["forEach"]
	if counts == iterates {
		c.report(c.resolved(node), "loop needs either for or forEach")
	}
	if counts {
		c.counting(numbers)
	}
	if iterates {
		c.iterating(values)
	}
}

func (c *checker) counting(node *yaml.Node) {
	loop := c.mapping(node, "for", "start", "end", "updateBy")
	if loop == nil {
		return
	}
	numbers, complete := map[string]int{}, true
	for _, key := range []string{"start", "end", "updateBy"} {
		value, ok := c.require(loop, key, "for")
		if ok {
			numbers[key], ok = c.integer(value, key)
		}
		complete = complete && ok
	}
	step := numbers["updateBy"]
	if complete && (step == 0 || step > 0 && numbers["start"] > numbers["end"] || step < 0 && numbers["start"] < numbers["end"]) {
		c.report(c.resolved(loop.values["updateBy"]), "updateBy %d never leads from %d to %d", step,
			numbers["start"], numbers["end"])
	}
}

func (c *checker) iterating(node *yaml.Node) {
	if values := c.resolved(node); values.Kind != yaml.MappingNode {
		for _, value := range c.list(node, "forEach") {
			c.text(value, "a value of forEach")
		}
		return
	}
	loop := c.mapping(node, "forEach", "list", "delimiter")
	if loop == nil {
		return
	}
	if list, ok := c.require(loop, "list", "forEach"); ok {
		c.text(list, "list")
	}
	if value, ok := loop.values["delimiter"]; ok {
		delimiter := c.resolved(value)
		if delimiter.Kind != yaml.ScalarNode || len(delimiter.Value) != 1 || !strings.Contains(delimiters, delimiter.Value) {
			c.report(delimiter, "delimiter has to be one of the characters . , ; : - _, a blank, a tab or a line break")
		}
	}
}

// nearestAction suggests the module that was meant, where only the case of its letters is wrong.
func nearestAction(typed string) string {
	for _, action := range actions {
		if strings.EqualFold(action, typed) {
			return "; did you mean " + action + "?"
		}
	}
	return "; the modules are " + strings.Join(actions, ", ")
}
