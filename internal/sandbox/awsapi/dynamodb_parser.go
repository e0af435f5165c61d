package awsapi

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/org/ami-action/internal/pattern"
)

var (
	tokenForm = pattern.Lazy(`^\s*([#:]?[A-Za-z0-9_]+|<>|<=|>=|[=<>(),])`)
	nameForm  = pattern.Lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func isName(token string) bool { return nameForm().MatchString(token) }

func tokensOf(parameter, expression string) ([]string, error) {
	var tokens []string
	for rest := expression; strings.TrimSpace(rest) != ""; {
		found := tokenForm().FindStringSubmatch(rest)
		if found == nil {
			return nil, invalidf("Invalid %s: Syntax error; near: %q", parameter, strings.TrimSpace(rest))
		}
		tokens = append(tokens, found[1])
		rest = rest[len(found[0]):]
	}
	if len(tokens) == 0 {
		return nil, invalidf("Invalid %s: The expression can not be empty;", parameter)
	}
	return tokens, nil
}

// parser compiles an expression into a predicate. The precedence is DynamoDB's: comparisons and functions first, then
// NOT, AND and OR.
type parser struct {
	*placeholders
	parameter string
	tokens    []string
	// key is the key attribute, which a filter must not name.
	key   string
	depth int
}

// maxDepth is how deeply parentheses and NOT may be nested in an expression.
const maxDepth = 50

func (p *parser) unexpected() error {
	if len(p.tokens) == 0 {
		return invalidf("Invalid %s: Syntax error; the expression ends too early", p.parameter)
	}
	return invalidf("Invalid %s: Syntax error; token: %q", p.parameter, p.tokens[0])
}

// take removes the next token if it is the word, in any case, and reports whether it did.
func (p *parser) take(word string) bool {
	if len(p.tokens) == 0 || !strings.EqualFold(p.tokens[0], word) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *parser) expect(word string) error {
	if !p.take(word) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) or() (predicate, error) {
	return p.joined("OR", p.and, func(a, b predicate) predicate {
		return func(i item) bool { return a(i) || b(i) }
	})
}

func (p *parser) and() (predicate, error) {
	return p.joined("AND", p.not, func(a, b predicate) predicate {
		return func(i item) bool { return a(i) && b(i) }
	})
}

func (p *parser) joined(word string, part func() (predicate, error), join func(a, b predicate) predicate) (predicate, error) {
	whole, err := part()
	for err == nil && p.take(word) {
		var next predicate
		if next, err = part(); err == nil {
			whole = join(whole, next)
		}
	}
	return whole, err
}

func (p *parser) not() (predicate, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, invalidf("Invalid %s: The expression has too many levels", p.parameter)
	}
	defer func() { p.depth-- }()
	if p.take("NOT") {
		inner, err := p.not()
		return func(i item) bool { return !inner(i) }, err
	}
	if p.take("(") {
		inner, err := p.or()
		if err == nil {
			err = p.expect(")")
		}
		return inner, err
	}
	if len(p.tokens) > 1 && p.tokens[1] == "(" && !strings.EqualFold(p.tokens[0], "size") {
		return p.function()
	}
	return p.comparison()
}

func (p *parser) comparison() (predicate, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	switch {
	case p.take("BETWEEN"):
		return p.between(left)
	case p.take("IN"):
		values, err := p.arguments()
		return func(i item) bool {
			return slices.ContainsFunc(values, func(one operand) bool { return holds(left, one, i, func(o int) bool { return o == 0 }) })
		}, err
	}
	tests := map[string]func(int) bool{
		"=": func(o int) bool { return o == 0 }, "<": func(o int) bool { return o < 0 }, "<=": func(o int) bool { return o <= 0 },
		">": func(o int) bool { return o > 0 }, ">=": func(o int) bool { return o >= 0 },
	}
	if len(p.tokens) == 0 || tests[p.tokens[0]] == nil && p.tokens[0] != "<>" {
		return nil, p.unexpected()
	}
	operator := p.tokens[0]
	p.tokens = p.tokens[1:]
	right, err := p.operand()
	if operator == "<>" {
		return func(i item) bool { return !holds(left, right, i, tests["="]) }, err
	}
	return func(i item) bool { return holds(left, right, i, tests[operator]) }, err
}

func (p *parser) between(left operand) (predicate, error) {
	low, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect("AND"); err != nil {
		return nil, err
	}
	high, err := p.operand()
	return func(i item) bool {
		return holds(left, low, i, func(o int) bool { return o >= 0 }) && holds(left, high, i, func(o int) bool { return o <= 0 })
	}, err
}

func holds(left, right operand, i item, test func(int) bool) bool {
	a, hasA := left(i)
	b, hasB := right(i)
	if !hasA || !hasB {
		return false
	}
	order, ok := compare(a, b)
	return ok && test(order)
}

// functions are the functions of DynamoDB that apply to the attribute types of the table, with their numbers of
// arguments. has is whether the item has all attributes among the arguments.
var functions = map[string]struct {
	arguments int
	test      func(arguments []value, has bool) bool
}{
	"attribute_exists":     {1, func(_ []value, has bool) bool { return has }},
	"attribute_not_exists": {1, func(_ []value, has bool) bool { return !has }},
	"attribute_type":       {2, func(a []value, has bool) bool { return has && a[0].typeName() == a[1].text() }},
	"begins_with": {2, func(a []value, has bool) bool {
		return has && a[0].S != nil && a[1].S != nil && strings.HasPrefix(*a[0].S, *a[1].S)
	}},
	"contains": {2, func(a []value, has bool) bool {
		return has && a[0].S != nil && a[1].S != nil && strings.Contains(*a[0].S, *a[1].S)
	}},
}

func (p *parser) function() (predicate, error) {
	known, ok := functions[p.tokens[0]]
	if !ok {
		return nil, invalidf("Invalid %s: Invalid function name; function: %s", p.parameter, p.tokens[0])
	}
	name := p.tokens[0]
	p.tokens = p.tokens[1:]
	arguments, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if len(arguments) != known.arguments {
		return nil, invalidf("Invalid %s: Incorrect number of operands for operator or function; operator or function: %s, "+
			"number of operands: %d", p.parameter, name, len(arguments))
	}
	return func(i item) bool {
		values, hasAll := make([]value, len(arguments)), true
		for n, argument := range arguments {
			var has bool
			values[n], has = argument(i)
			hasAll = hasAll && has
		}
		return known.test(values, hasAll)
	}, nil
}

// arguments reads operands in parentheses, separated by commas.
func (p *parser) arguments() ([]operand, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var all []operand
	for {
		one, err := p.operand()
		if err != nil {
			return nil, err
		}
		all = append(all, one)
		if p.take(")") {
			return all, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

// operand reads the name of an attribute, a value, or size(…) of one of them.
func (p *parser) operand() (operand, error) {
	if len(p.tokens) > 1 && strings.EqualFold(p.tokens[0], "size") && p.tokens[1] == "(" {
		p.tokens = p.tokens[1:]
		of, err := p.arguments()
		if err == nil && len(of) != 1 {
			err = p.unexpected()
		}
		return func(i item) (value, bool) {
			sized, has := of[0](i)
			length := strconv.Itoa(utf8.RuneCountInString(sized.text()))
			return value{N: &length}, has && sized.S != nil
		}, err
	}
	if len(p.tokens) == 0 {
		return nil, p.unexpected()
	}
	token := p.tokens[0]
	if strings.HasPrefix(token, ":") {
		fixed, err := p.value(p.parameter, token)
		p.tokens = p.tokens[1:]
		return func(item) (value, bool) { return fixed, true }, err
	}
	name, err := p.name(p.parameter, token)
	if err != nil {
		return nil, err
	}
	if name == p.key {
		return nil, invalidf("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", name)
	}
	p.tokens = p.tokens[1:]
	return func(i item) (value, bool) {
		found, has := i[name]
		return found, has
	}, nil
}
