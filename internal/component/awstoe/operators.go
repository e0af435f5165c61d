package awstoe

import "slices"

// Operand is the type of the operand of a comparison.
type Operand int

// The types of operands.
const (
	TextOperand Operand = iota
	NumberOperand
	PatternOperand // a regular expression in the syntax of RE2
)

// Comparison is a comparison operator.
type Comparison struct {
	Name    string
	Operand Operand
	// NeedsValue is true if the operator has a second operand, value.
	NeedsValue bool
}

// Comparisons are the comparison operators: User Guide, "Use comparison operators in AWSTOE component documents"
// (toe-comparison-operators.html).
var Comparisons = []Comparison{
	{"stringIsEmpty", TextOperand, false},
	{"stringIsWhitespace", TextOperand, false},
	{"stringEquals", TextOperand, true},
	{"stringLessThan", TextOperand, true},
	{"stringLessThanEquals", TextOperand, true},
	{"stringGreaterThan", TextOperand, true},
	{"stringGreaterThanEquals", TextOperand, true},
	{"patternMatches", PatternOperand, true},
	{"numberEquals", NumberOperand, true},
	{"numberLessThan", NumberOperand, true},
	{"numberLessThanEquals", NumberOperand, true},
	{"numberGreaterThan", NumberOperand, true},
	{"numberGreaterThanEquals", NumberOperand, true},
	{"binaryExists", TextOperand, false},
	{"fileExists", TextOperand, false},
	{"folderExists", TextOperand, false},
	{"fileMD5Equals", TextOperand, true},
	{"fileSHA1Equals", TextOperand, true},
	{"fileSHA256Equals", TextOperand, true},
	{"fileSHA512Equals", TextOperand, true},
}

// Logicals are the logical operators: User Guide, "Use logical operators in AWSTOE component documents"
// (toe-logical-operators.html).
var Logicals = []string{"and", "or", "not"}

// MaxNesting is how deep logical operators may be nested: User Guide, "Use conditional constructs in AWSTOE".
const MaxNesting = 4

// StepActions are the values of then and else, from the same page.
var StepActions = []string{"Abort", "Execute", "Skip"}

// ComparisonOf returns the comparison operator with the name, and whether there is one.
func ComparisonOf(name string) (Comparison, bool) {
	i := slices.IndexFunc(Comparisons, func(comparison Comparison) bool { return comparison.Name == name })
	if i < 0 {
		return Comparison{}, false
	}
	return Comparisons[i], true
}

// OperatorNames returns the names of all operators.
func OperatorNames() []string {
	names := make([]string, 0, len(Comparisons)+len(Logicals))
	for _, comparison := range Comparisons {
		names = append(names, comparison.Name)
	}
	return append(names, Logicals...)
}
