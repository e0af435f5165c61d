package component

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/phrase"
	"github.com/org/ami-action/internal/spelling"
)

var directions = []string{"inputs", "outputs"}

// stages maps the phases to the stages of Image Builder in which they run. Each stage runs on its own instance, so a
// reference cannot lead from one stage into the other (User Guide, "Rules for chaining").
var stages = map[string]string{"build": "build", "validate": "build", "test": "test", "container-host-test": "test"}

// chain checks a reference of several parts: to the inputs or outputs of a step, or to the loop of its own step.
func (c *checker) chain(e expression, parts []string, place stepPlace) {
	a := advice{link: awstoe.PageChaining}
	if len(parts) == 2 {
		c.loopReference(e, parts[0], parts[1], place)
		return
	}
	first, second, third := parts[0], base(parts[1]), base(parts[2])
	phase := c.names.phaseIndex(first)
	if phase < 0 && slices.Contains(directions, second) {
		if other := c.names.phaseOf(first); other != "" {
			a.hint = fmt.Sprintf("did you mean {{ %s.%s }}?", other, shown(e.text))
			c.refuse(e, "", a, "the reference to the step %s must begin with its phase", quoted(first))
			return
		}
	}
	isDirection := slices.Contains(directions, third)
	if phase < 0 {
		meant, isMisspelled := spelling.Misspelled(first, c.names.phaseNames())
		if isMisspelled && slices.Contains(mandatoryPhases, first) && !slices.Contains(phaseNames, meant) {
			return // the name of the phase is the mistake, which is reported there
		}
		if isDirection && (isMisspelled || !e.isForeign()) {
			c.refuse(e, "", c.meant(first, c.names.phaseNames(), a), "the reference is to the phase %s, which the document does not have", quoted(first))
		}
		return
	}
	step, ok := c.names.phases[phase].byName[parts[1]]
	if !ok {
		if meant, isMisspelled := spelling.Misspelled(parts[1], c.names.phases[phase].stepNames()); isMisspelled && !nameCharacters().MatchString(meant) {
			return // the name of the step is the mistake, which is reported there
		}
		c.refuse(e, "", c.meant(parts[1], c.names.phases[phase].stepNames(), a), "the reference is to the step %s, which the phase %s does not have", quoted(parts[1]), shown(first))
		return
	}
	if !isDirection {
		c.refuse(e, parts[2], c.meant(third, directions, a), "unknown part %s of the reference: must be inputs or outputs", quoted(parts[2]))
		return
	}
	if c.isBefore(e, phase, step, third, place, a) {
		c.member(e, c.names.phases[phase].steps[step], parts[2:], a)
	}
}

// isBefore reports whether the step that a reference names has run when the reference is resolved. If it has not,
// isBefore adds a problem.
func (c *checker) isBefore(e expression, phase, step int, direction string, place stepPlace, a advice) bool {
	target := c.names.phases[phase]
	name := shown(target.steps[step].name)
	switch {
	case phase == place.phaseIndex && step > place.stepIndex:
		c.refuse(e, "", a, "the reference is to the step %s, which runs later", name)
	case phase == place.phaseIndex && step == place.stepIndex && direction == "outputs":
		c.refuse(e, "", a, "the reference is to the outputs of its own step")
	case phase == place.phaseIndex && step == place.stepIndex:
		c.doubt(e, "", a, "the reference is to the inputs of its own step")
	case stages[target.name] != "" && stages[place.phase] != "" && stages[target.name] != stages[place.phase]:
		c.refuse(e, "", a, "the reference is to the phase %s: Image Builder runs it in the %s stage, and the phase %s in the %s stage, on another instance",
			target.name, stages[target.name], place.phase, stages[place.phase])
	case phase > place.phaseIndex && slices.Index(phaseNames, target.name) > slices.Index(phaseNames, place.phase):
		c.refuse(e, "", a, "the reference is to the phase %s, which runs later", shown(target.name))
	default:
		return true
	}
	return false
}

// member checks the part of a reference after the step: the index, and the name of the input or output.
func (c *checker) member(e expression, step declaredStep, parts []string, a advice) {
	module, ok := awstoe.ModuleOf(step.module)
	if !ok {
		return
	}
	direction, index := base(parts[0]), strings.TrimPrefix(parts[0], base(parts[0]))
	name := ""
	if len(parts) > 1 {
		name = base(parts[1])
	}
	a.link = module.Page()
	if direction == "outputs" {
		c.output(e, module, name, a)
		return
	}
	inputs := c.resolvedOr(step.inputs)
	if index != "" {
		number, err := strconv.Atoi(strings.Trim(index, "[]"))
		switch {
		case err != nil || number < 0:
			c.refuse(e, parts[0], a, "invalid index %s: must be a number, counted from 0", quoted(index))
			return
		case module.IsList && inputs.Kind == yaml.SequenceNode && number >= len(inputs.Content):
			c.refuse(e, parts[0], advice{"indexes count from 0", a.link}, "invalid index %d: the inputs of the step %s end at %d", number, shown(step.name), len(inputs.Content)-1)
			return
		case !module.IsList:
			c.doubt(e, parts[0], a, "the inputs of %s have no index: they are a mapping", module.Name)
		}
		if inputs.Kind == yaml.SequenceNode && number < len(inputs.Content) {
			inputs = c.resolved(inputs.Content[number])
		}
	} else if module.IsList {
		c.doubt(e, parts[0], advice{fmt.Sprintf("did you mean inputs[0].%s?", shown(name)), a.link}, "the inputs of %s are a list: the reference should have an index", module.Name)
		return
	}
	c.inputMember(e, module, inputs, name, a)
}

func (c *checker) inputMember(e expression, module awstoe.Module, inputs *yaml.Node, name string, a advice) {
	if name == "" || inputs.Kind != yaml.MappingNode || module.Condition || c.meantValue(inputs, inputKeys(module), name).Kind != 0 {
		return
	}
	var given []string
	for i := 0; i < len(inputs.Content); i += 2 {
		given = append(given, inputs.Content[i].Value)
	}
	if _, isMisspelled := spelling.Misspelled(name, given); isMisspelled {
		c.refuse(e, name, c.meant(name, given, a), "the step has no input %s", quoted(name))
		return
	}
	c.doubt(e, name, a, "the step has no input %s", quoted(name))
}

func (c *checker) output(e expression, module awstoe.Module, name string, a advice) {
	if slices.Contains(module.Outputs, name) || name == "" {
		return
	}
	if _, isMisspelled := spelling.Misspelled(name, module.Outputs); isMisspelled {
		c.refuse(e, name, c.meant(name, module.Outputs, a), "%s has no output %s: must be %s", module.Name, quoted(name), phrase.Or(module.Outputs))
		return
	}
	if len(module.Outputs) == 0 {
		c.doubt(e, name, a, "%s has no documented outputs", module.Name)
		return
	}
	c.doubt(e, name, a, "%s has no documented output %s: its outputs are %s", module.Name, quoted(name), phrase.And(module.Outputs))
}

// loopReference checks a reference of two parts. If the step has no such loop, AWSTOE leaves the reference unchanged,
// which is not an error in the document.
func (c *checker) loopReference(e expression, loop, member string, place stepPlace) {
	a := advice{link: awstoe.PageLoops}
	isMember := slices.Contains(awstoe.LoopMembers, member)
	meant, isMisspelled := spelling.Misspelled(member, awstoe.LoopMembers)
	own := []string{"loop"}
	if place.loop != "" {
		own = append(own, place.loop)
	}
	isOwn := slices.Contains(own, loop)
	nearLoop, isNearLoop := spelling.Misspelled(loop, own)
	switch {
	case isOwn && !place.hasLoop:
		if isMember {
			c.doubt(e, "", a, "the reference has no value: the step has no loop")
		}
	case isOwn && isMember:
	case isOwn && (isMisspelled || loop == place.loop):
		if isMisspelled {
			a.hint = fmt.Sprintf("did you mean {{ %s.%s }}?", loop, meant)
		}
		c.refuse(e, "", a, "unknown member %s of the loop: must be %s", quoted(member), phrase.Or(awstoe.LoopMembers))
	case isOwn && !isMember && !e.isForeign():
		c.doubt(e, "", a, "unknown member %s of the loop: the known ones are %s", quoted(member), phrase.And(awstoe.LoopMembers))
	case isMember && c.names.loops[loop]:
		c.refuse(e, "", a, "the reference is to the loop %s of another step", quoted(loop))
	case isMember && place.hasLoop && isNearLoop:
		a.hint = fmt.Sprintf("did you mean {{ %s.%s }}?", nearLoop, member)
		c.refuse(e, "", a, "unknown loop %s", quoted(loop))
	case isMember && place.hasLoop && !e.isForeign():
		c.doubt(e, "", a, "unknown loop %s: the step has the loop %s", quoted(loop), phrase.Or(own))
	case c.names.phaseIndex(loop) >= 0 && !e.isForeign():
		phase := c.names.phases[c.names.phaseIndex(loop)]
		if _, ok := phase.byName[member]; ok {
			c.refuse(e, "", advice{"add .inputs or .outputs and the name of the variable", awstoe.PageChaining}, "the reference names only the step %s", quoted(member))
		}
	}
}

// base returns a part of a reference without its index.
func base(part string) string {
	name, _, _ := strings.Cut(part, "[")
	return name
}
