package component

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/spelling"
)

// A document must have at least one of the mandatory phases (User Guide, "Rules for phases"). Image Builder also runs
// container-host-test, and no other phases.
var (
	mandatoryPhases = []string{"build", "validate", "test"}
	phaseNames      = append(slices.Clone(mandatoryPhases), "container-host-test")
)

var phaseKeys = []key{
	{name: "name", mistaken: []string{"phase", "id"}, required: true},
	{name: "steps", mistaken: []string{"step", "actions"}, required: true},
}

// phases checks the phases. Image Builder accepts a phase that it does not run, if the document has a mandatory one.
func (c *checker) phases(node *yaml.Node) {
	a := advice{link: awstoe.PageDocument}
	if list := c.resolved(node); list.Kind == yaml.MappingNode {
		a.hint = "write each phase as an entry of a list: \"- name: build\""
		c.fail(c.firstOf(list), a, "phases must be a list, but is a mapping")
		return
	}
	var others []*yaml.Node
	seen, isMandatory, hasUnnamed := map[string]bool{}, false, false
	entries := c.list(node, "phases", a)
	split := c.splitEntries(entries, "phase", phaseKeys, a)
	for i, entry := range entries {
		if split[i] {
			hasUnnamed = true
			continue
		}
		phase := c.read(entry, "the phase", a)
		if phase == nil {
			hasUnnamed = true
			continue
		}
		name := ""
		if value, ok := phase.values["name"]; ok {
			name = c.text(value, "the name of the phase", a)
			switch at := c.resolved(value); {
			case name == "":
			case seen[name]:
				c.fail(at, a, "the phase %s is used twice: the names of phases must be unique", quoted(name))
			case !slices.Contains(mandatoryPhases, name):
				others = append(others, at)
			}
			seen[name] = true
			isMandatory = isMandatory || slices.Contains(mandatoryPhases, name)
			phase.what = "the phase " + quoted(name)
		}
		hasUnnamed = hasUnnamed || name == ""
		phase.meant["steps"] = c.looseSteps
		c.keys(phase, a, phaseKeys)
		if steps, ok := phase.values["steps"]; ok {
			c.steps(steps, c.meantValue(entry, phaseKeys, "name").Value)
		}
	}
	if !isMandatory && len(others) > 0 && !hasUnnamed {
		c.noMandatoryPhase(others)
		return
	}
	for _, other := range others {
		if other.Value != "container-host-test" {
			c.warn(other, c.meant(other.Value, phaseNames, a), "Image Builder does not run the phase %s: it runs %s", quoted(other.Value), phrase.And(phaseNames))
		}
	}
}

// noMandatoryPhase reports that the document has none of the mandatory phases. It reports this at each phase whose name
// is a misspelling of one, or otherwise at the last phase.
func (c *checker) noMandatoryPhase(others []*yaml.Node) {
	reported := false
	for i, other := range others {
		_, isMisspelled := spelling.Misspelled(other.Value, mandatoryPhases)
		if isMisspelled || !reported && i == len(others)-1 {
			reported = true
			c.fail(other, c.meant(other.Value, mandatoryPhases, advice{link: awstoe.PageDocument}),
				"invalid phase %s: a component must have at least one of the phases %s", quoted(other.Value), phrase.Or(mandatoryPhases))
		}
	}
}

// firstOf returns the first key of a mapping, or the node itself.
func (c *checker) firstOf(node *yaml.Node) *yaml.Node {
	if len(node.Content) > 0 {
		return node.Content[0]
	}
	return node
}
