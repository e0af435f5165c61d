package component

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/spelling"
)

// Limits of the check. With aliases, a small file can describe a huge document.
const (
	maxNodes    = 50_000
	maxProblems = 100 // of errors, and of warnings
	maxMerges   = 16
)

// checker collects the problems of one document.
type checker struct {
	source   *source
	platform awstoe.Platform
	problems []Problem
	errors   int
	budget   int
	isSpent  bool
	names    declared
	// reported are nodes that have an error, which is the only one for them.
	reported map[*yaml.Node]bool
	// undeclared are names that have been reported as not declared.
	undeclared map[string]bool
	// looseSteps is true if the document has steps outside of its phases.
	looseSteps bool
}

// advice follows a message: what to do, and the page that states the rule.
type advice struct{ hint, link string }

// add reports a problem at a place.
func (c *checker) add(warning bool, line, column int, a advice, format string, arguments ...any) {
	if c.isFull(warning) {
		return
	}
	if !warning {
		c.errors++
	}
	line, column = max(line, 1), max(column, 1)
	problem := Problem{
		Line: line, Column: column, EndColumn: c.source.endOf(line, column), Warning: warning,
		Message: fmt.Sprintf(format, arguments...), Hint: a.hint, Link: a.link,
	}
	problem.Source, problem.Caret = c.source.excerpt(line, column)
	c.problems = append(c.problems, problem)
}

// isFull reports whether the maximum number of errors, or of warnings, has been reached.
func (c *checker) isFull(warning bool) bool {
	if warning {
		return len(c.problems)-c.errors >= maxProblems
	}
	return c.errors >= maxProblems
}

// fail reports an error at a node, or at the key or the dash of a value that is not there.
func (c *checker) fail(node *yaml.Node, a advice, format string, arguments ...any) {
	if c.reported[node] {
		return
	}
	column := node.Column
	if isNull(node) && node.Value == "" {
		column = c.source.keyBefore(node.Line, node.Column)
	}
	c.add(false, node.Line, column, a, format, arguments...)
}

// warn reports a warning at a node.
func (c *checker) warn(node *yaml.Node, a advice, format string, arguments ...any) {
	c.add(true, node.Line, node.Column, a, format, arguments...)
}

// failEntry reports an error at the dash of a list's entry.
func (c *checker) failEntry(node *yaml.Node, a advice, format string, arguments ...any) {
	c.add(false, node.Line, c.source.dashBefore(node.Line, node.Column), a, format, arguments...)
}

// spend counts a node and reports whether the check may continue. When the budget is spent, it adds an error once.
func (c *checker) spend(node *yaml.Node) bool {
	c.budget--
	if c.budget <= 0 && !c.isSpent {
		c.isSpent = true
		c.fail(node, advice{}, "the aliases of the file make a document of more than %d parts", maxNodes)
	}
	return c.budget > 0 && !c.isFull(false)
}

// resolved returns the node that an alias refers to, or the node itself if it is not an alias.
func (c *checker) resolved(node *yaml.Node) *yaml.Node {
	for range maxMerges {
		if node.Kind != yaml.AliasNode || node.Alias == nil {
			break
		}
		node = node.Alias
	}
	return node
}

// list reads node as a list with at least one entry, and returns its entries. If it adds a problem, it returns nil.
func (c *checker) list(node *yaml.Node, what string, a advice) []*yaml.Node {
	node = c.resolved(node)
	switch {
	case node.Kind != yaml.SequenceNode:
		c.fail(node, unblocked(node, a), "%s must be a list, but is %s", what, c.kind(node))
	case len(node.Content) == 0:
		c.fail(node, a, "%s must not be empty", what)
	case c.spend(node):
		return node.Content
	}
	return nil
}

// text reads node as a text and returns it. It adds an error if the text is empty or node is not a text; in the latter
// case it returns "".
func (c *checker) text(node *yaml.Node, what string, a advice) string {
	if node = c.resolved(node); !c.scalar(node, what, a) {
		return ""
	}
	if strings.TrimSpace(node.Value) == "" {
		c.fail(node, a, "%s must not be empty", what)
	}
	return node.Value
}

// scalar reports whether node is a single value, which may be an empty text. If it is not, scalar adds an error.
func (c *checker) scalar(node *yaml.Node, what string, a advice) bool {
	if node = c.resolved(node); node.Kind != yaml.ScalarNode || isNull(node) {
		c.fail(node, c.unquoted(node, a), "%s must be a text, but is %s", what, c.kind(node))
		return false
	}
	return c.spend(node)
}

// word adds an error if node is not one of the words.
func (c *checker) word(node *yaml.Node, what string, a advice, words ...string) {
	value := c.text(node, what, a)
	if value == "" {
		return
	}
	for _, word := range words {
		if word == value {
			return
		}
	}
	c.fail(c.resolved(node), c.meant(value, words, a), "invalid value %s for %s: must be %s", quoted(value), what, phrase.Or(words))
}

// meant returns the advice with a hint that names the valid word nearest to the typed one, if there is one.
func (c *checker) meant(typed string, words []string, a advice) advice {
	if strings.ContainsAny(typed, "“”‘’") {
		a.hint = `the text has typographic quotes, which YAML does not accept as quotes; write " or '`
	} else if word := spelling.Nearest(typed, words, spelling.Half); word != "" {
		a.hint = fmt.Sprintf("did you mean %s?", word)
	}
	return a
}

// integer reads node as a whole number.
func (c *checker) integer(node *yaml.Node, what string, a advice) (int, bool) {
	node = c.resolved(node)
	if node.Kind == yaml.ScalarNode && node.Tag == "!!int" && c.spend(node) {
		if number, err := strconv.ParseInt(strings.ReplaceAll(node.Value, "_", ""), 0, 64); err == nil {
			return int(number), true
		}
	}
	if node.Kind == yaml.ScalarNode && strings.Contains(node.Value, "{{") {
		c.failReference(node, advice{link: a.link}, "%s must be a whole number; a reference is not allowed here", what)
		return 0, false
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!str" {
		if _, err := strconv.Atoi(node.Value); err == nil {
			a.hint = "remove the quotes"
		} else if digits := strings.TrimRight(node.Value, "smhdinecout "); digits != node.Value {
			if _, err := strconv.Atoi(digits); err == nil {
				a.hint = "write the number without a unit; it counts seconds"
			}
		}
	}
	c.fail(node, a, "%s must be a whole number, but is %s", what, c.kind(node))
	return 0, false
}

// boolean adds an error if node is neither true nor false. It accepts the words of YAML 1.1, as AWSTOE's library does.
func (c *checker) boolean(node *yaml.Node, what string, a advice) {
	node = c.resolved(node)
	if node.Kind == yaml.ScalarNode {
		switch strings.ToLower(node.Value) {
		case "true", "false", "yes", "no", "on", "off", "y", "n":
			return
		}
		if strings.Contains(node.Value, "{{") {
			return
		}
	}
	c.fail(node, a, "%s must be true or false, but is %s", what, c.kind(node))
}
