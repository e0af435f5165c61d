package component

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/spelling"
)

// mergeCost is the additional cost of a merged key in the budget. Merges of merges multiply, and no document needs many.
const mergeCost = 4

// key is a key that a mapping can have, the words that users mistakenly write for it, and whether it must be there.
type key struct {
	name     string
	mistaken []string
	required bool
}

func namesOf(keys []key) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.name
	}
	return names
}

// mapping is a mapping of the document with its values by key.
type mapping struct {
	node   *yaml.Node
	what   string
	keys   []*yaml.Node
	values map[string]*yaml.Node
	// meant are the known keys for which a reported key was a mistake. They are not reported as missing.
	meant map[string]bool
}

// read reads node as a mapping. If node is of another kind, it adds an error and returns nil.
func (c *checker) read(node *yaml.Node, what string, a advice) *mapping {
	read := &mapping{node: c.resolved(node), what: what, values: map[string]*yaml.Node{}, meant: map[string]bool{}}
	if !c.fill(read, node, a, 0) {
		return nil
	}
	return read
}

// mapping reads node as a mapping and checks its keys.
func (c *checker) mapping(node *yaml.Node, what string, a advice, known []key) *mapping {
	read := c.read(node, what, a)
	if read != nil {
		c.keys(read, a, known)
	}
	return read
}

// keys reports the keys of a mapping that are not known, and in one error the required keys that are missing.
func (c *checker) keys(in *mapping, a advice, known []key) {
	if c.isWrapped(in, a, known) {
		return
	}
	c.unknown(in, a, known)
	missing := slices.DeleteFunc(requiredOf(known), func(name string) bool { return in.values[name] != nil || in.meant[name] })
	switch len(missing) {
	case 0:
	case 1:
		c.fail(in.node, a, "%s must have the key %s", in.what, missing[0])
	default:
		c.fail(in.node, a, "%s must have the keys %s", in.what, phrase.And(missing))
	}
}

// isWrapped reports whether a mapping has only one key, which is a name and not a key, as in "- build:" instead of
// "- name: build". It adds an error if it is.
func (c *checker) isWrapped(in *mapping, a advice, known []key) bool {
	if len(in.keys) != 1 || len(known) == 0 || known[0].name != "name" {
		return false
	}
	required, typed := requiredOf(known), in.keys[0]
	_, isMisspelled := spelling.Misspelled(typed.Value, namesOf(known))
	if len(required) < 2 || isMisspelled || slices.ContainsFunc(known, func(key key) bool {
		return key.name == typed.Value || slices.Contains(key.mistaken, typed.Value)
	}) {
		return false
	}
	for _, name := range required {
		in.meant[name] = true
	}
	a.hint = fmt.Sprintf("write %q, with %s in a line below it", "name: "+shown(typed.Value), phrase.And(required[1:]))
	c.fail(typed, a, "%s must have the keys %s, but has only %s", in.what, phrase.And(required), quoted(typed.Value))
	return true
}

// unknown reports the keys that are not known. A misspelling of a missing key is an error, because
// AWSTOE refuses misspelled fields and the value of the key would have no effect. Any other unknown key is a warning.
func (c *checker) unknown(in *mapping, a advice, known []key) {
	names := namesOf(known)
	var missing []string
	for _, name := range names {
		if in.values[name] == nil {
			missing = append(missing, name)
		}
	}
	for _, typed := range in.keys {
		if slices.Contains(names, typed.Value) {
			continue
		}
		meant, isError := spelling.Misspelled(typed.Value, missing)
		for _, key := range known {
			if !isError && in.values[key.name] == nil && slices.Contains(key.mistaken, typed.Value) {
				meant, isError = key.name, true
			}
		}
		before, _, hasColon := strings.Cut(typed.Value, ":")
		visible := strings.Map(func(letter rune) rune {
			if !unicode.IsPrint(letter) {
				return -1
			}
			return letter
		}, typed.Value)
		hint := ""
		switch {
		case isError:
		case hasColon && slices.Contains(missing, before):
			meant, isError, hint = before, true, `put a space after the ":"`
		case visible != typed.Value && slices.Contains(missing, visible):
			meant, isError, hint = visible, true, "write it again: it has a character that nobody sees"
		}
		if !isError && c.isFull(true) {
			continue
		}
		advised := c.meant(typed.Value, names, a)
		if isError && !in.meant[meant] {
			in.meant[meant] = true
			advised.hint = cmp.Or(hint, fmt.Sprintf("did you mean %s?", meant))
			c.fail(typed, advised, "unknown key %s in %s: must be %s", quoted(typed.Value), in.what, phrase.Or(names))
			continue
		}
		c.warn(typed, advised, "unknown key %s in %s: the known keys are %s", quoted(typed.Value), in.what, phrase.And(names))
	}
}

// drop removes a key that has been reported.
func (m *mapping) drop(name string) {
	m.keys = slices.DeleteFunc(m.keys, func(key *yaml.Node) bool { return key.Value == name })
	delete(m.values, name)
}

// keyNode returns the node of a key, or the node of the mapping if it does not have the key.
func (m *mapping) keyNode(name string) *yaml.Node {
	for _, key := range m.keys {
		if key.Value == name {
			return key
		}
	}
	return m.node
}

// fill adds the pairs of node, and those of the mappings that it merges ("<<"). The node's own pairs take precedence.
func (c *checker) fill(into *mapping, node *yaml.Node, a advice, merges int) bool {
	node = c.resolved(node)
	if node.Kind != yaml.MappingNode || c.isReference(node) {
		if node.Kind == yaml.MappingNode {
			a = c.unquoted(node, a)
		}
		c.fail(node, unblocked(node, a), "%s must be a mapping with keys and values, but is %s", into.what, c.kind(node))
		return false
	}
	own := map[string]bool{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := c.resolved(node.Content[i]), node.Content[i+1]
		if merges > 0 {
			c.budget -= mergeCost
		}
		if !c.spend(key) {
			return false
		}
		switch {
		case key.Tag == "!!merge":
			merged = append(merged, value)
		case key.Kind != yaml.ScalarNode:
			c.fail(key, a, "a key of %s must be a text", into.what)
		case own[key.Value]:
			c.fail(key, advice{hint: "remove one of them; only one can be in effect", link: a.link}, "%s has the key %s twice", into.what, quoted(key.Value))
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
			c.fail(source, a, "%s merges mappings more than %d deep", into.what, maxMerges)
			return false
		}
		sources := []*yaml.Node{source}
		if list := c.resolved(source); list.Kind == yaml.SequenceNode {
			sources = list.Content
		}
		for _, one := range sources {
			if !c.fill(into, one, a, merges+1) {
				return false
			}
		}
	}
	return true
}
