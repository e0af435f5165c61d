package component

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Bounds on what is looked at. Aliases can make a small file stand for a huge document.
const (
	maxNodes    = 100_000
	maxProblems = 100
	maxMerges   = 16
)

// checker collects the faults of one document.
type checker struct {
	problems []Problem
	budget   int
}

func (c *checker) report(node *yaml.Node, format string, arguments ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, Problem{max(node.Line, 1), max(node.Column, 1), fmt.Sprintf(format, arguments...)})
	}
}

// spend counts a node and reports whether the budget still holds.
func (c *checker) spend(node *yaml.Node) bool {
	c.budget--
	if c.budget == 0 {
		c.report(node, "the file's aliases make a document of more than %d parts", maxNodes)
	}
	return c.budget > 0
}

// resolved follows an alias to what it stands for.
func (c *checker) resolved(node *yaml.Node) *yaml.Node {
	for range maxMerges {
		if node.Kind != yaml.AliasNode || node.Alias == nil {
			break
		}
		node = node.Alias
	}
	return node
}

// mapping is a checked mapping: its values by key.
type mapping struct {
	node   *yaml.Node
	keys   []*yaml.Node
	values map[string]*yaml.Node
}

// mapping reads node as a mapping that may have the allowed keys only (any, if there are none). It
// returns nil after reporting a node of another kind. What is a name for the node in messages.
func (c *checker) mapping(node *yaml.Node, what string, allowed ...string) *mapping {
	read := &mapping{node: node, values: map[string]*yaml.Node{}}
	if !c.fill(read, node, what, 0) {
		return nil
	}
	for _, key := range read.keys {
		if len(allowed) > 0 && !slices.Contains(allowed, key.Value) {
			c.report(key, "%s has no key %s; its keys are %s", what, quoted(key.Value), strings.Join(allowed, ", "))
		}
	}
	return read
}

// fill adds the pairs of node, and those of mappings that it merges in ("<<"), which its own win over.
func (c *checker) fill(into *mapping, node *yaml.Node, what string, merges int) bool {
	node = c.resolved(node)
	if node.Kind != yaml.MappingNode {
		c.report(node, "%s has to be a mapping with keys and values, and is %s", what, kind(node))
		return false
	}
	own := map[string]bool{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := c.resolved(node.Content[i]), node.Content[i+1]
		if !c.spend(key) {
			return false
		}
		switch {
		case key.Tag == "!!merge":
			merged = append(merged, value)
		case key.Kind != yaml.ScalarNode:
			c.report(key, "a key of %s has to be a text", what)
		case own[key.Value]:
			c.report(key, "%s has the key %s twice", what, quoted(key.Value))
		default:
			own[key.Value] = true
			if _, won := into.values[key.Value]; !won {
				into.keys = append(into.keys, key)
				into.values[key.Value] = value
			}
		}
	}
	for _, source := range merged {
		if merges >= maxMerges {
			c.report(source, "%s merges mappings more than %d deep", what, maxMerges)
			return false
		}
		sources := []*yaml.Node{source}
		if list := c.resolved(source); list.Kind == yaml.SequenceNode {
			sources = list.Content
		}
		for _, one := range sources {
			if !c.fill(into, one, what, merges+1) {
				return false
			}
		}
	}
	return true
}

// list reads node as a list with at least one entry, and returns its entries; none after a report.
func (c *checker) list(node *yaml.Node, what string) []*yaml.Node {
	node = c.resolved(node)
	switch {
	case node.Kind != yaml.SequenceNode:
		c.report(node, "%s has to be a list, and is %s", what, kind(node))
	case len(node.Content) == 0:
		c.report(node, "%s is empty", what)
	case c.spend(node):
		return node.Content
	}
	return nil
}

// text reads node as a text that is not empty; "" after a report.
func (c *checker) text(node *yaml.Node, what string) string {
	node = c.resolved(node)
	switch {
	case node.Kind != yaml.ScalarNode || node.Tag == "!!null":
		c.report(node, "%s has to be a text, and is %s%s", what, kind(node), colonHint(node))
	case strings.TrimSpace(node.Value) == "":
		c.report(node, "%s is empty", what)
	case c.spend(node):
		return node.Value
	}
	return ""
}

// word reads node as one of the words.
func (c *checker) word(node *yaml.Node, what string, words ...string) {
	if value := c.text(node, what); value != "" && !slices.Contains(words, value) {
		c.report(c.resolved(node), "%s is %s; it can be %s", what, quoted(value), strings.Join(words, ", "))
	}
}

// integer reads node as a whole number.
func (c *checker) integer(node *yaml.Node, what string) (int, bool) {
	node = c.resolved(node)
	if node.Kind == yaml.ScalarNode && node.Tag == "!!int" && c.spend(node) {
		if number, err := strconv.Atoi(node.Value); err == nil {
			return number, true
		}
	}
	c.report(node, "%s has to be a whole number, and is %s", what, kind(node))
	return 0, false
}

// require reports a key that is missing, and returns its value.
func (c *checker) require(in *mapping, key, what string) (*yaml.Node, bool) {
	value, ok := in.values[key]
	if !ok {
		c.report(c.resolved(in.node), "%s has no %s", what, key)
	}
	return value, ok
}

func kind(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Tag == "!!null":
		return "nothing"
	}
	return quoted(node.Value)
}

// colonHint explains the mapping that YAML makes of a text with a colon in it.
func colonHint(node *yaml.Node) string {
	if node.Kind == yaml.MappingNode {
		return "; put a text with a colon in quotes"
	}
	return ""
}

var variableCharacters = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// isVariableName says what the user guide allows for the name of a parameter or a constant. The lengths
// are not for the pattern to count: every start of the command would pay for that with its compilation.
func isVariableName(name string) bool {
	return len(name) >= 3 && len(name) <= 128 && variableCharacters.MatchString(name)
}
