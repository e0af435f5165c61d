package component

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/phrase"
)

// splitEntries reports the entries of a list that an extra "-" has split into several, and returns the indexes of the
// entries that are not whole.
func (c *checker) splitEntries(entries []*yaml.Node, what string, known []key, a advice) map[int]bool {
	required := requiredOf(known)
	split := map[int]bool{}
	for first, parts := 0, 0; first < len(entries); first += parts {
		parts = c.partsOf(entries[first:], known, required)
		if parts < 2 {
			continue
		}
		split[first] = len(without(required, c.ownKeys(entries[first], known))) > 0
		a.hint = fmt.Sprintf(`remove the "-", so that the lines belong to the %s of line %d`, what, entries[first].Line)
		for i := first + 1; i < first+parts; i++ {
			split[i] = true
			c.failEntry(c.resolved(entries[i]), a, `this "-" begins a new %s, which has no %s of its own`, what,
				phrase.Or(without(required, c.ownKeys(entries[i], known))))
		}
	}
	return split
}

// partsOf returns how many entries at the beginning of a list are parts of one: neighbors that only together have all
// required keys, and after them those without any required key. No key may be in two of them.
func (c *checker) partsOf(entries []*yaml.Node, known []key, required []string) int {
	all := slices.Clone(c.ownKeys(entries[0], known))
	if len(all) == 0 || len(required) == 0 {
		return 1
	}
	parts := 1
	for _, entry := range entries[1:] {
		own := c.ownKeys(entry, known)
		missing := without(required, own)
		isCompletion := len(without(required, all)) > 0 && len(missing) > 0
		if len(own) == 0 || len(without(own, all)) < len(own) || !isCompletion && len(missing) < len(required) {
			break
		}
		all = append(all, own...)
		parts++
	}
	if len(without(required, all)) > 0 {
		return 1
	}
	return parts
}

// ownKeys returns the keys of a mapping, or nothing if one of them is not known.
func (c *checker) ownKeys(node *yaml.Node, known []key) []string {
	if node = c.resolved(node); node.Kind != yaml.MappingNode {
		return nil
	}
	var own []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i].Value
		if !slices.Contains(namesOf(known), name) {
			return nil
		}
		own = append(own, name)
	}
	return own
}

// requiredOf returns the names of the required keys.
func requiredOf(known []key) []string {
	var names []string
	for _, key := range known {
		if key.required {
			names = append(names, key.name)
		}
	}
	return names
}

// without returns the words that are not among others.
func without(words, others []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return slices.Contains(others, word) })
}
