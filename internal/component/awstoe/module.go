package awstoe

import "slices"

// Platform is an operating system that an image can have.
type Platform string

// The platforms that action modules are limited to.
const (
	Linux   Platform = "Linux"
	Windows Platform = "Windows"
)

// Kind is the type of an input.
type Kind int

// The types of inputs. A Text may be written as a number or a Boolean in YAML.
const (
	Text Kind = iota
	Boolean
	Integer
	TextList
	TextMap       // a mapping of texts
	ParameterList // a list of mappings with a name and a value
	TextOrList    // a text, a number, or a list of them
)

// Input is one input of an action module.
type Input struct {
	Name     string
	Kind     Kind
	Required bool
	// Words are the values that are allowed, all of them where it is empty.
	Words []string
	// AnyCase says that the case of the words does not matter.
	AnyCase bool
	// Schemes are the URL schemes that the value must begin with, if it is a URL.
	Schemes []string
	// Mistaken are words that people write instead of Name and that are not near it.
	Mistaken []string
}

// Module is an action module.
type Module struct {
	Name string
	// Anchor is the section of the page of action modules.
	Anchor string
	// On is the only platform that has the module, "" if all of them have it.
	On Platform
	// IsList says that the inputs are a list of mappings, each with the inputs; otherwise they are one mapping.
	IsList bool
	Inputs []Input
	// OneOf are inputs, exactly one of which must be there.
	OneOf []string
	// Together are inputs that have an effect only if all of them are there.
	Together []string
	// Condition says that the inputs are a condition, as of if.
	Condition bool
	// Outputs are what later steps can refer to.
	Outputs []string
	// RunsOnce says that timeoutSeconds must be -1 and maxAttempts must be 1 where they are set.
	RunsOnce bool
	// NoTimeout says that timeoutSeconds has no effect.
	NoTimeout bool
}

// Page is the address of the module's documentation.
func (m Module) Page() string { return PageModules + "#" + m.Anchor }

// Input returns the input with a name.
func (m Module) Input(name string) (Input, bool) {
	i := slices.IndexFunc(m.Inputs, func(input Input) bool { return input.Name == name })
	if i < 0 {
		return Input{}, false
	}
	return m.Inputs[i], true
}

// NeedsInputs reports whether a step cannot do without inputs.
func (m Module) NeedsInputs() bool {
	return m.Condition || len(m.OneOf) > 0 || m.IsList ||
		slices.ContainsFunc(m.Inputs, func(input Input) bool { return input.Required })
}

// ModuleOf returns the module with a name.
func ModuleOf(name string) (Module, bool) {
	i := slices.IndexFunc(Modules, func(module Module) bool { return module.Name == name })
	if i < 0 {
		return Module{}, false
	}
	return Modules[i], true
}

// ModuleNames returns the names of all modules, in the order of the alphabet.
func ModuleNames() []string {
	names := make([]string, len(Modules))
	for i, module := range Modules {
		names[i] = module.Name
	}
	slices.Sort(names)
	return names
}
