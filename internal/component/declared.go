package component

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/spelling"
)

// declared holds the names that a document declares, to check the references to them.
type declared struct {
	variables  []string
	isVariable map[string]bool
	phases     []declaredPhase
	loops      map[string]bool
}

type declaredPhase struct {
	name   string
	steps  []declaredStep
	byName map[string]int
}

type declaredStep struct {
	name, module string
	inputs       *yaml.Node
}

// phaseIndex returns the position of a phase in the document, or -1.
func (d declared) phaseIndex(name string) int {
	for i, phase := range d.phases {
		if phase.name == name {
			return i
		}
	}
	return -1
}

func (d declared) phaseNames() []string {
	names := make([]string, len(d.phases))
	for i, phase := range d.phases {
		names[i] = phase.name
	}
	return names
}

// phaseOf returns the name of the first phase that has the step, or "" if there is none.
func (d declared) phaseOf(step string) string {
	for _, phase := range d.phases {
		if _, ok := phase.byName[step]; ok {
			return phase.name
		}
	}
	return ""
}

func (p declaredPhase) stepNames() []string {
	names := make([]string, len(p.steps))
	for i, step := range p.steps {
		names[i] = step.name
	}
	return names
}

// collect reads the names that a document declares. It adds no problems.
func collect(document *mapping, c *checker) declared {
	d := declared{isVariable: map[string]bool{}, loops: map[string]bool{}}
	for _, section := range []string{"parameters", "constants"} {
		for _, entry := range c.entries(c.meantValue(document.node, documentKeys, section)) {
			// An invalid declaration counts too, so that a reference to it is not a second error.
			if entry = c.resolved(entry); entry.Kind == yaml.MappingNode {
				for i := 0; i+1 < len(entry.Content); i += 2 {
					d.declare(entry.Content[i].Value)
				}
				d.declare(c.lookup(entry, "name", 0).Value)
			} else if entry.Kind == yaml.ScalarNode {
				d.declare(entry.Value)
			}
		}
	}
	for _, entry := range c.entries(c.meantValue(document.node, documentKeys, "phases")) {
		phase := declaredPhase{name: c.meantValue(entry, phaseKeys, "name").Value, byName: map[string]int{}}
		for i, step := range c.entries(c.meantValue(entry, phaseKeys, "steps")) {
			one := declaredStep{
				name: c.meantValue(step, stepKeys, "name").Value, module: c.meantValue(step, stepKeys, "action").Value,
				inputs: c.meantValue(step, stepKeys, "inputs"),
			}
			if _, isTwice := phase.byName[one.name]; !isTwice {
				phase.byName[one.name] = i
			}
			phase.steps = append(phase.steps, one)
			if name := c.lookup(c.lookup(step, "loop", 0), "name", 0).Value; name != "" {
				d.loops[name] = true
			}
		}
		d.phases = append(d.phases, phase)
	}
	return d
}

func (d *declared) declare(name string) {
	if name != "" && !d.isVariable[name] {
		d.isVariable[name] = true
		d.variables = append(d.variables, name)
	}
}

// entries returns the entries of a list. A mapping counts as a list with one entry, because that is a common mistake.
func (c *checker) entries(node *yaml.Node) []*yaml.Node {
	switch node = c.resolvedOr(node); node.Kind {
	case yaml.SequenceNode:
		return node.Content
	case yaml.MappingNode:
		return []*yaml.Node{node}
	}
	return nil
}

// meantValue is lookup, but also returns the value of a key that is a mistake for the known one. The mistake is reported
// where the key is, so a reference to what is below it is not a second error.
func (c *checker) meantValue(node *yaml.Node, known []key, name string) *yaml.Node {
	if found := c.lookup(node, name, 0); found.Kind != 0 {
		return found
	}
	node = c.resolvedOr(node)
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		typed := node.Content[i].Value
		_, isMeant := spelling.Misspelled(typed, []string{name})
		for _, key := range known {
			isMeant = isMeant || key.name == name && slices.Contains(key.mistaken, typed)
		}
		if isMeant && !slices.Contains(namesOf(known), typed) {
			return c.resolved(node.Content[i+1])
		}
	}
	return &yaml.Node{}
}

// lookup returns the value of a key, also from merged mappings, or an empty node if there is none.
func (c *checker) lookup(node *yaml.Node, key string, merges int) *yaml.Node {
	if node = c.resolvedOr(node); node.Kind != yaml.MappingNode || merges > maxMerges {
		return &yaml.Node{}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return c.resolved(node.Content[i+1])
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Tag != "!!merge" || !c.afford() {
			continue
		}
		for _, source := range c.entries(node.Content[i+1]) {
			if found := c.lookup(source, key, merges+1); found.Kind != 0 {
				return found
			}
		}
	}
	return &yaml.Node{}
}

// afford counts a look-up and reports whether the check may continue.
func (c *checker) afford() bool {
	c.budget -= 1 + mergeCost
	return c.budget > 0
}
