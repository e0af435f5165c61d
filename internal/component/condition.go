package component

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/spelling"
)

// maxPattern is the maximum length of a regular expression that is parsed, in bytes.
const maxPattern = 4 << 10

// condition is the place of a condition in the document.
type condition struct {
	what, link string
	// top is true if the condition is not inside a logical operator, isAssert if it is the inputs of Assert.
	top, isAssert bool
	// depth is the number of logical operators around the condition.
	depth int
}

// condition checks a condition of if or of Assert (User Guide, "Use conditional constructs in AWSTOE"): one operator
// with its operands and, at the top level of if, then and else.
func (c *checker) condition(node *yaml.Node, at condition) {
	a := advice{link: at.link}
	node = c.resolved(node)
	if at.depth > awstoe.MaxNesting {
		c.fail(node, a, "logical operators are nested more than %d deep", awstoe.MaxNesting)
		return
	}
	if node.Kind == yaml.SequenceNode && at.top && len(node.Content) > 0 {
		// The syntax in the guide has a list here, but none of its examples does.
		if len(node.Content) > 1 {
			c.fail(c.resolved(node.Content[1]), advice{"put them below and: or or:", at.link}, "%s must have one condition, but has %d", at.what, len(node.Content))
			return
		}
		c.warn(node, advice{`remove the "- "`, at.link}, "%s should be a mapping, but is a list", at.what)
		node = c.resolved(node.Content[0])
	}
	if node.Kind == yaml.ScalarNode && !isNull(node) {
		a.hint = "write the operator as a key, such as \"fileExists: /path\""
	}
	set := c.read(node, at.what, a)
	if set == nil {
		return
	}
	operator := c.operator(set, at)
	if operator == nil {
		return
	}
	value := set.values[operator.Value]
	if slices.Contains(awstoe.Logicals, operator.Value) {
		c.logical(operator, value, at)
		if _, hasValue := set.values["value"]; hasValue {
			c.warn(set.keyNode("value"), a, "value has no effect: %s has conditions", operator.Value)
		}
	} else {
		c.comparison(set, operator, value)
	}
	if at.top && !at.isAssert {
		for _, branch := range []string{"then", "else"} {
			if word, ok := set.values[branch]; ok {
				c.word(word, branch, advice{link: at.link}, awstoe.StepActions...)
			}
		}
	}
}

// operator returns the only operator of a condition. If it adds an error, it returns nil.
func (c *checker) operator(set *mapping, at condition) *yaml.Node {
	a := advice{link: at.link}
	others := []string{"value"}
	if at.top && !at.isAssert {
		others = append(others, "then", "else")
	}
	var operator *yaml.Node
	var unknown []*yaml.Node
	isFaulty := false
	for _, key := range set.keys {
		switch {
		case slices.Contains(others, key.Value):
		case !slices.Contains(awstoe.OperatorNames(), key.Value):
			unknown = append(unknown, key)
		case operator == nil:
			operator = key
		default:
			isFaulty = true
			c.fail(key, advice{"put both below and: or or:", at.link}, "%s must have one operator, but has %s and %s", at.what, operator.Value, key.Value)
		}
	}
	for _, key := range unknown {
		meant, isMisspelled := spelling.Misspelled(key.Value, append(awstoe.OperatorNames(), others...))
		advised := c.meant(key.Value, append(awstoe.OperatorNames(), others...), advice{link: awstoe.PageComparison})
		switch {
		case operator == nil:
			isFaulty = true
			c.fail(key, advised, "unknown operator %s in %s: must be %s", quoted(key.Value), at.what, phrase.Or(awstoe.OperatorNames()))
		case isMisspelled && set.values[meant] == nil:
			isFaulty = true
			c.fail(key, advised, "unknown key %s in %s", quoted(key.Value), at.what)
		default:
			c.warn(key, advised, "unknown key %s in %s", quoted(key.Value), at.what)
		}
	}
	if operator == nil && !isFaulty {
		c.fail(set.node, a, "%s must have an operator: %s", at.what, phrase.Or(awstoe.OperatorNames()))
	}
	if isFaulty {
		return nil
	}
	return operator
}

func (c *checker) logical(operator, value *yaml.Node, at condition) {
	a := advice{link: awstoe.PageLogical}
	inner := condition{what: operator.Value, link: awstoe.PageConditions, depth: at.depth + 1}
	value = c.resolved(value)
	if operator.Value == "not" && value.Kind == yaml.MappingNode {
		c.condition(value, inner)
		return
	}
	if value.Kind == yaml.MappingNode {
		a.hint = `begin each condition with "- "`
	}
	conditions := c.list(value, operator.Value, a)
	if len(conditions) > 1 && operator.Value == "not" {
		c.fail(c.resolved(conditions[1]), a, "not must have one condition, but has %d", len(conditions))
		return
	}
	for _, one := range conditions {
		c.condition(one, inner)
	}
}

func (c *checker) comparison(set *mapping, operator, operand *yaml.Node) {
	a := advice{link: awstoe.PageComparison}
	comparison, _ := awstoe.ComparisonOf(operator.Value)
	value, hasValue := set.values["value"]
	switch {
	case comparison.NeedsValue && !hasValue:
		c.fail(operator, advice{"add \"value: …\" to it", a.link}, "%s must have a second operand, value", operator.Value)
	case !comparison.NeedsValue && hasValue:
		c.warn(set.keyNode("value"), a, "value has no effect: %s has one operand", operator.Value)
	case hasValue && isNull(c.resolved(value)):
		c.fail(set.keyNode("value"), a, "value must not be empty; write '' for an empty text")
	case hasValue:
		c.scalar(value, "value", a)
	}
	operand = c.resolved(operand)
	if isNull(operand) {
		c.fail(operator, advice{fmt.Sprintf("write \"%s: …\"", operator.Value), a.link}, "%s must have an operand", operator.Value)
		return
	}
	if !c.scalar(operand, operator.Value, a) || strings.Contains(operand.Value, "{{") {
		return
	}
	switch comparison.Operand {
	case awstoe.NumberOperand:
		if _, err := strconv.ParseFloat(operand.Value, 64); err != nil {
			c.fail(operand, a, "%s must be a number, but is %s", operator.Value, quoted(operand.Value))
		}
		if second := c.resolvedOr(value); hasValue && second.Kind == yaml.ScalarNode && !strings.Contains(second.Value, "{{") {
			if _, err := strconv.ParseFloat(second.Value, 64); err != nil {
				c.warn(second, a, "%s is always false: the value %s is not a number", operator.Value, quoted(second.Value))
			}
		}
	case awstoe.PatternOperand:
		c.pattern(operand, a)
	}
}

// pattern checks a regular expression. AWSTOE uses RE2, whose syntax package regexp/syntax parses.
func (c *checker) pattern(node *yaml.Node, a advice) {
	if len(node.Value) > maxPattern {
		return
	}
	if _, err := syntax.Parse(node.Value, syntax.Perl); err != nil {
		reason := shown(err.Error())
		if fault, ok := errors.AsType[*syntax.Error](err); ok {
			reason = fmt.Sprintf("%s in %s", fault.Code, quoted(fault.Expr))
		}
		column := node.Column
		if node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			column++
		}
		c.add(false, node.Line, column, a, "invalid regular expression: %s", reason)
	}
}
