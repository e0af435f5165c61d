package component

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// isEmpty reports whether node is null, or a list or a mapping without entries.
func isEmpty(node *yaml.Node) bool {
	return isNull(node) || node.Kind != yaml.ScalarNode && len(node.Content) == 0
}

// kind describes what a node is, for messages.
func (c *checker) kind(node *yaml.Node) string {
	switch {
	case c.isReference(node):
		return "a mapping of YAML, because it begins with {{"
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(node):
		return "empty"
	case isBlock(node):
		return "a block text"
	}
	return quoted(node.Value)
}

// isReference reports whether a mapping is a reference without quotes.
func (c *checker) isReference(node *yaml.Node) bool {
	return node.Kind == yaml.MappingNode && node.Style&yaml.FlowStyle != 0 &&
		strings.HasPrefix(c.source.text[c.source.offsetOf(node.Line, node.Column):], "{{")
}

// unquoted returns the advice with a hint to use quotes, if node is a mapping that YAML has made of an unquoted text with
// a colon or braces.
func (c *checker) unquoted(node *yaml.Node, a advice) advice {
	first := ""
	if text := c.source.text[c.source.offsetOf(node.Line, node.Column):]; text != "" {
		first = text[:1]
	}
	switch {
	case c.isReference(node):
		a.hint = "put the text in quotes: '{{ … }}'"
	case node.Style&yaml.FlowStyle != 0:
		a.hint = fmt.Sprintf("the text begins with %s, which makes %s of it; put it in quotes", first, c.kind(node))
	case node.Kind == yaml.MappingNode && first == "?":
		a.hint = "the text begins with ?, which makes a key of it; put it in quotes"
	case node.Kind == yaml.MappingNode:
		a.hint = `the text contains ": ", which makes a mapping of it; put it in quotes`
	case node.Kind == yaml.SequenceNode && first == "-":
		a.hint = `remove this "- "`
	}
	return a
}

// isBlock reports whether a node is a text that | or > begins.
func isBlock(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// unblocked returns the advice with a hint to remove the | or > before a list or a mapping.
func unblocked(node *yaml.Node, a advice) advice {
	if isBlock(node) && a.hint == "" {
		a.hint = "remove the | or >, which makes a text of the lines below it"
	}
	return a
}
