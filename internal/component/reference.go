package component

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/spelling"
)

// expression is the text between {{ and }}, or after a {{ without }}.
type expression struct {
	node *yaml.Node
	// nth is the index of its {{ in the text of the node, counted from 0.
	nth int
	// text is the expression without the spaces around it.
	text string
	// isForeign reports whether the text of the node is a template of another program.
	isForeign func() bool
	// isLoop is true if the expression is in the values of a loop, which AWSTOE does not resolve before it runs the step.
	isLoop bool
}

var (
	chainPattern = pattern.Lazy(`^[A-Za-z0-9_-]+(\[[^\[\]]*\])?(\.[A-Za-z0-9_-]+(\[[^\[\]]*\])?)*$`)
	// openPattern matches a reference whose }} is missing: a single }, or the end of the line or of the text, follows.
	openPattern = pattern.Lazy(`^[ \t]*([A-Za-z][A-Za-z0-9_.:/\[\]-]*)[ \t]*(\}([^}]|$)|\n|"|'|$)`)
	// foreignPattern matches what only templates of other programs contain: statements and comments of Jinja, fields,
	// variables and filters of Go and Jinja templates, and the names of the programs.
	foreignPattern = pattern.Lazy(`\{%|\{#|\{\{-|-\}\}|\{\{\s*[.$#/>&!]|\{\{[^{}]*[|"']|\{\{\{|(?i:ansible|jinja|mustache|handlebars|\bhelm\b|\.j2\b|consul-template|--format|\bdocker\b[^\n]* -f )`)
	// foreignWords matches single words in braces that belong to such templates.
	foreignWords = pattern.Lazy(`^(item|omit|end|else|endif|inventory_hostname|ansible_\w+|json)$`)
)

// references checks the references in the inputs or the condition of a step (User Guide, "Input and output chaining"
// and "Use variables in your custom component document"). It ignores text that cannot be a reference of AWSTOE.
func (c *checker) references(node *yaml.Node, place stepPlace) { c.texts(node, place, false) }

// loopReferences checks the references in the values of a loop.
func (c *checker) loopReferences(node *yaml.Node, place stepPlace) { c.texts(node, place, true) }

func (c *checker) texts(node *yaml.Node, place stepPlace, isLoop bool) {
	todo := []*yaml.Node{c.resolved(node)}
	for len(todo) > 0 && !c.isFull(isLoop) {
		node, todo = todo[len(todo)-1], todo[:len(todo)-1]
		if node.Kind == yaml.ScalarNode && strings.Contains(node.Value, "{{") {
			c.expressions(node, place, isLoop)
		}
		// Aliases are not followed: their texts are checked at the anchor.
		for i := len(node.Content) - 1; i >= 0; i-- {
			todo = append(todo, node.Content[i])
		}
	}
}

// expressions checks each {{ of a text.
func (c *checker) expressions(node *yaml.Node, place stepPlace, isLoop bool) {
	var foreign *bool
	isForeign := func() bool {
		if foreign == nil {
			found := foreignPattern().MatchString(node.Value)
			foreign = &found
		}
		return *foreign
	}
	value, end, nth := node.Value, -1, -1
	for at := 0; ; {
		start := strings.Index(value[at:], "{{")
		if start < 0 || c.isFull(isLoop) {
			return
		}
		start += at
		nth++
		at = start + len("{{")
		if end < at && end != len(value) {
			if end = strings.Index(value[at:], "}}"); end < 0 {
				end = len(value)
			} else {
				end += at
			}
		}
		next := strings.Index(value[at:min(end, len(value))], "{{")
		e := expression{node: node, nth: nth, isForeign: isForeign, isLoop: isLoop}
		if start > 0 && value[start-1] == '$' || start > 0 && value[start-1] == '{' {
			continue // ${{ … }} belongs to GitHub, {{{ … }}} to Mustache
		}
		inner := value[at:min(end, len(value))]
		if strings.HasPrefix(strings.TrimSpace(inner), awstoe.PrefixSSM+"resolve(") {
			continue
		}
		if end == len(value) || next >= 0 || strings.ContainsAny(inner, "}\n") {
			c.unclosed(e, value[at:min(len(value), at+256)], place)
			continue
		}
		e.text = strings.TrimSpace(inner)
		c.expression(e, place)
		at = end + len("}}")
	}
}

// unclosed reports a reference whose }} is missing, if the text can only be a reference.
func (c *checker) unclosed(e expression, rest string, place stepPlace) {
	match := openPattern().FindStringSubmatch(rest)
	if match == nil {
		return
	}
	e.text = match[1]
	parts := strings.Split(e.text, ".")
	isOurs := c.names.isVariable[e.text] ||
		slices.ContainsFunc(awstoe.Prefixes, func(prefix string) bool { return strings.HasPrefix(e.text, prefix) }) ||
		len(parts) >= 2 && c.names.phaseIndex(parts[0]) >= 0 && strings.ContainsAny(e.text, "io") ||
		len(parts) == 2 && place.hasLoop && (parts[0] == "loop" || parts[0] == place.loop) && slices.Contains(awstoe.LoopMembers, parts[1])
	if isOurs {
		c.refuse(e, "", advice{"end it with }}", awstoe.PageChaining}, "the reference {{ %s is not closed: it must end with }}", shown(e.text))
	}
}

// expression checks one reference.
func (c *checker) expression(e expression, place stepPlace) {
	switch {
	case e.text == "":
	case strings.Contains(e.text, ":"):
		c.prefixed(e)
	case nameCharacters().MatchString(e.text):
		c.variableReference(e, place)
	case chainPattern().MatchString(e.text):
		if parts := strings.Split(e.text, "."); !c.variableInParts(e, parts) && len(parts) > 1 {
			c.chain(e, parts, place)
		}
	}
}

// variableReference checks a reference to a parameter or a constant.
func (c *checker) variableReference(e expression, place stepPlace) {
	if c.names.isVariable[e.text] || len(e.text) < 3 {
		return
	}
	a := advice{link: awstoe.PageVariables}
	meant, isMisspelled := spelling.Misspelled(e.text, c.names.variables)
	switch {
	case isMisspelled:
		a.hint = fmt.Sprintf("did you mean {{ %s }}?", meant)
		if strings.EqualFold(meant, e.text) {
			a.hint += " The case of the letters matters."
		}
	case e.isForeign() || foreignWords().MatchString(e.text):
		return
	case e.text == place.loop, e.text == "loop" && place.hasLoop:
		a.hint = fmt.Sprintf("did you mean {{ %s.value }}?", e.text)
	case c.undeclared[e.text] && !e.isLoop:
		return // one declaration solves all
	default:
		c.undeclared[e.text] = c.undeclared[e.text] || !e.isLoop
		a.hint = "declare it under parameters or constants"
	}
	const message = "unknown parameter or constant %s"
	if e.isLoop || isMisspelled && e.isForeign() {
		c.doubt(e, "", a, message, quoted(e.text))
		return
	}
	c.refuse(e, "", a, message, quoted(e.text))
}

// sections are words that users write before the name of a parameter or a constant, as other programs require.
var sections = []string{"parameters", "parameter", "params", "param", "inputs", "input", "variables", "vars", "var", "constants", "constant", "const"}

// variableInParts reports whether a reference of several parts names a parameter or a constant, which has one part only.
// It adds a problem if it does.
func (c *checker) variableInParts(e expression, parts []string) bool {
	first, last := base(parts[0]), parts[len(parts)-1]
	name := ""
	switch {
	case len(parts) == 1 && c.names.isVariable[first], len(parts) == 2 && c.names.isVariable[first] && slices.Contains([]string{"value", "default"}, last):
		name = first
	case len(parts) == 2 && c.names.isVariable[last] && (slices.Contains(sections, strings.ToLower(first)) || c.names.phaseIndex(first) >= 0):
		name = last
	default:
		return false
	}
	c.refuse(e, "", advice{fmt.Sprintf("did you mean {{ %s }}?", name), awstoe.PageVariables}, "unknown reference %s: a parameter or a constant has only its name", quoted(e.text))
	return true
}

// refuse reports an error at a reference, or at a part of it. In the values of a loop, it reports a warning instead.
func (c *checker) refuse(e expression, part string, a advice, format string, arguments ...any) {
	c.at(e, part, e.isLoop, a, format, arguments...)
}

// doubt reports a warning at a reference, or at a part of it.
func (c *checker) doubt(e expression, part string, a advice, format string, arguments ...any) {
	c.at(e, part, true, a, format, arguments...)
}

func (c *checker) at(e expression, part string, warning bool, a advice, format string, arguments ...any) {
	line, column := c.placeOf(e, part)
	if before := len(c.problems); part != "" {
		defer func() {
			if len(c.problems) > before {
				c.problems[before].EndColumn = column + utf8.RuneCountInString(part)
			}
		}()
	}
	c.add(warning, line, column, a, format, arguments...)
}

// failReference reports an error at the first {{ of a text.
func (c *checker) failReference(node *yaml.Node, a advice, format string, arguments ...any) {
	line, column := c.placeOf(expression{node: node}, "")
	c.add(false, line, column, a, format, arguments...)
}

// placeOf returns the place of a reference, or of a part of it, in the text of the document: the nth {{ after the
// beginning of its node.
func (c *checker) placeOf(e expression, part string) (line, column int) {
	text := c.source.text
	at := c.source.offsetOf(e.node.Line, e.node.Column)
	for nth := 0; ; nth++ {
		found := strings.Index(text[at:], "{{")
		if found < 0 {
			return e.node.Line, e.node.Column
		}
		at += found
		if nth == e.nth {
			break
		}
		at += len("{{")
	}
	if part != "" {
		if found := strings.Index(text[at:], part); found >= 0 {
			at += found
		}
	}
	return c.source.placeOf(at)
}
