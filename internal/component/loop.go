package component

import (
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
)

var loopAdvice = advice{link: awstoe.PageLoops}

// loop checks a looping construct (User Guide, "Use looping constructs in AWSTOE") and returns its name. The name must
// be unique among the loops of the phase.
func (c *checker) loop(node *yaml.Node, names map[string]bool, place stepPlace, step *mapping) string {
	if list := c.resolved(node); list.Kind == yaml.SequenceNode && len(list.Content) > 0 {
		c.fail(c.resolved(list.Content[0]), advice{`remove the "- "`, awstoe.PageLoops}, "loop must be a mapping, but is a list")
		return ""
	}
	loop := c.read(node, "loop", loopAdvice)
	if loop == nil {
		return ""
	}
	if _, isInside := loop.values["inputs"]; isInside && step.values["inputs"] == nil {
		step.meant["inputs"] = true
		c.fail(loop.keyNode("inputs"), advice{"indent it like loop:", awstoe.PageLoops}, "inputs is a key of the step: it must not be in loop")
		loop.drop("inputs")
	}
	c.keys(loop, loopAdvice, []key{
		{name: "name", mistaken: []string{"id"}}, {name: "for", mistaken: []string{"range", "count"}},
		{name: "forEach", mistaken: []string{"items", "each", "with_items", "in"}},
	})
	name := ""
	if value, ok := loop.values["name"]; ok && !isNull(c.resolved(value)) && c.scalar(value, "the name of the loop", loopAdvice) {
		name = c.resolved(value).Value
		switch at := c.resolved(value); {
		case name == "":
		case !nameCharacters().MatchString(name):
			c.fail(at, loopAdvice, "invalid name %s: the name of a loop must be letters, digits, - and _", quoted(name))
		case names[name]:
			c.fail(loop.keyNode("name"), loopAdvice, "the name %s is used twice: the names of the loops of a phase must be unique", quoted(name))
		}
		names[name] = true
	}
	numbers, counts := loop.values["for"]
	values, iterates := loop.values["forEach"]
	switch {
	case counts && iterates:
		first := loop.keyNode("for")
		if other := loop.keyNode("forEach"); other.Line < first.Line {
			first = other
		}
		c.fail(first, loopAdvice, "loop must have either for or forEach, but has both")
	case !counts && !iterates && len(loop.meant) == 0:
		c.fail(loop.node, loopAdvice, "loop must have for or forEach")
	}
	if counts {
		c.counting(numbers)
	}
	if iterates {
		c.iterating(values)
		place.loop = name
		c.loopReferences(values, place)
	}
	return name
}

func (c *checker) counting(node *yaml.Node) {
	loop := c.mapping(node, "for", loopAdvice, []key{
		{name: "start", mistaken: []string{"from", "begin"}, required: true}, {name: "end", mistaken: []string{"to", "stop"}, required: true},
		{name: "updateBy", mistaken: []string{"step", "increment", "by"}, required: true},
	})
	if loop == nil {
		return
	}
	numbers, complete := map[string]int{}, true
	for _, key := range []string{"start", "end", "updateBy"} {
		value, ok := loop.values[key]
		if ok {
			numbers[key], ok = c.integer(value, key, loopAdvice)
		}
		complete = complete && ok
	}
	step := numbers["updateBy"]
	if complete && (step == 0 || step > 0 && numbers["start"] > numbers["end"] || step < 0 && numbers["start"] < numbers["end"]) {
		c.fail(loop.keyNode("updateBy"), loopAdvice, "invalid value %d for updateBy: it never leads from %d to %d", step,
			numbers["start"], numbers["end"])
	}
}

func (c *checker) iterating(node *yaml.Node) {
	values := c.resolved(node)
	if values.Kind != yaml.MappingNode || c.isReference(values) {
		a := loopAdvice
		if values.Kind == yaml.ScalarNode && !isNull(values) {
			a.hint = "write a list, or \"list: …\" and \"delimiter: …\" below forEach"
		}
		for _, value := range c.list(node, "forEach", a) {
			c.scalar(value, "a value of forEach", loopAdvice)
		}
		return
	}
	loop := c.mapping(node, "forEach", loopAdvice, []key{
		{name: "list", mistaken: []string{"items", "values"}, required: true}, {name: "delimiter", mistaken: []string{"separator", "sep"}},
	})
	if loop == nil {
		return
	}
	if list, ok := loop.values["list"]; ok {
		c.text(list, "list", loopAdvice)
	}
	if value, ok := loop.values["delimiter"]; ok {
		delimiter := c.resolved(value)
		if delimiter.Kind == yaml.ScalarNode && len(delimiter.Value) == 1 && strings.Contains(awstoe.Delimiters, delimiter.Value) {
			return
		}
		a := loopAdvice
		if delimiter.Value == `\n` || delimiter.Value == `\t` {
			a.hint = `write it in double quotes: "` + delimiter.Value + `"`
		}
		c.fail(delimiter, a, "invalid value %s for delimiter: must be one of the characters . , ; : - _, a space, a tab or a line break", c.kind(delimiter))
	}
}
