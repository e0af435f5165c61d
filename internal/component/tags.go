package component

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// functions are the functions of CloudFormation in their short form.
var functions = []string{
	"!Base64", "!Cidr", "!And", "!Equals", "!If", "!Not", "!Or", "!Condition", "!FindInMap", "!GetAtt", "!GetAZs", "!ImportValue", "!Join",
	"!Ref", "!Select", "!Split", "!Sub", "!Transform",
}

// tags reports texts that begin with "!" or "&", which YAML takes as a tag or an anchor and does not keep: "! grep x"
// becomes "grep x". Image Builder accepts the document, but the step does something else than what is written.
func (c *checker) tags(root *yaml.Node) {
	used := map[string]bool{}
	each(root, func(node *yaml.Node) {
		if node.Kind == yaml.AliasNode {
			used[node.Value] = true
		}
	})
	const inQuotes = "put the text in quotes, if it begins with this character"
	each(root, func(node *yaml.Node) {
		text := c.source.text[c.source.offsetOf(node.Line, node.Column):]
		switch isCustom := strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!"); {
		case isCustom && slices.Contains(functions, node.Tag):
			c.fail(node, advice{hint: "check the component that the template makes"}, "%s is a function of CloudFormation, which Image Builder does not resolve", node.Tag)
		case isCustom:
			c.fail(node, advice{hint: inQuotes}, "%s is a tag in YAML, which is not part of the text after it", quoted(node.Tag))
			c.reported[node] = true
		case node.Kind == yaml.ScalarNode && node.Style == 0 && strings.HasPrefix(text, "! "):
			c.fail(node, advice{hint: inQuotes}, "the text begins with !, which is a tag in YAML and not part of the text")
		case node.Kind == yaml.ScalarNode && node.Style == 0 && node.Anchor != "" && !used[node.Anchor] && strings.HasPrefix(text, "&"):
			c.warn(node, advice{hint: inQuotes}, "the text begins with &, which makes %s an anchor and not part of the text; no alias uses it", quoted(fmt.Sprintf("&%s", node.Anchor)))
		}
	})
}

// each calls visit for a node and for all nodes in it, in the order of the text. It does not follow aliases.
func each(node *yaml.Node, visit func(*yaml.Node)) {
	visit(node)
	for _, inner := range node.Content {
		each(inner, visit)
	}
}
