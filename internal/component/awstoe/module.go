package awstoe

import "slices"

// Platform is the operating system of an image.
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
	// Words are the allowed values. If it is empty, all values are allowed.
	Words []string
	// AnyCase is true if the case of the words does not matter.
	AnyCase bool
	// Schemes are the allowed URL schemes, if the value must be a URL.
	Schemes []string
	// Begins are the allowed beginnings of the value, in any case. If it is empty, all are allowed.
	Begins []string
	// On is the only platform that has the input, or "" if all platforms of the module have it.
	On Platform
	// Mistaken are words that users write instead of Name and that are not similar to it.
	Mistaken []string
}

// Module is an action module.
type Module struct {
	Name string
	// Anchor is the anchor of its section in the page of action modules.
	Anchor string
	// On is the only platform that has the module, or "" if all platforms have it.
	On Platform
	// IsList is true if the inputs are a list of mappings. Otherwise they are one mapping.
	IsList bool
	Inputs []Input
	// OneOf are inputs of which exactly one must be set.
	OneOf []string
	// Together are inputs that have an effect only if all of them are set.
	Together []string
	// Condition is true if the inputs are a condition, as in if.
	Condition bool
	// Outputs are the names to which later steps can refer.
	Outputs []string
	// RunsOnce is true if timeoutSeconds must be -1 and maxAttempts must be 1, if they are set.
	RunsOnce bool
	// NoTimeout is true if timeoutSeconds has no effect.
	NoTimeout bool
}

// Page returns the URL of the module's documentation.
func (m Module) Page() string { return PageModules + "#" + m.Anchor }

// Input returns the input with the name, and whether there is one.
func (m Module) Input(name string) (Input, bool) {
	i := slices.IndexFunc(m.Inputs, func(input Input) bool { return input.Name == name })
	if i < 0 {
		return Input{}, false
	}
	return m.Inputs[i], true
}

// NeedsInputs reports whether a step with the module must have inputs.
func (m Module) NeedsInputs() bool {
	return m.Condition || len(m.OneOf) > 0 || m.IsList ||
		slices.ContainsFunc(m.Inputs, func(input Input) bool { return input.Required })
}

// ModuleOf returns the module with the name, and whether there is one.
func ModuleOf(name string) (Module, bool) {
	i := slices.IndexFunc(Modules, func(module Module) bool { return module.Name == name })
	if i < 0 {
		return Module{}, false
	}
	return Modules[i], true
}

// ModuleNames returns the names of all modules in alphabetical order.
func ModuleNames() []string {
	names := make([]string, len(Modules))
	for i, module := range Modules {
		names[i] = module.Name
	}
	slices.Sort(names)
	return names
}
