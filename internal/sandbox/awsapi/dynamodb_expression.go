package awsapi

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
)

// predicate reports whether an item meets an expression.
type predicate func(item) bool

// operand returns the value of an operand of an expression for an item, and false if the item lacks the attribute.
type operand func(item) (value, bool)

// placeholders resolves the #names and :values in the expressions of one request, and records which are used.
type placeholders struct {
	names  map[string]string
	values map[string]value
	used   map[string]bool
}

func newPlaceholders(request dynamoDBRequest) *placeholders {
	return &placeholders{request.ExpressionAttributeNames, request.ExpressionAttributeValues, map[string]bool{}}
}

// allUsed returns an error if the request defines a name or value that no expression uses, as DynamoDB does.
func (p *placeholders) allUsed() error {
	for _, kind := range []struct {
		parameter string
		defined   []string
	}{{"ExpressionAttributeNames", keysOf(p.names)}, {"ExpressionAttributeValues", keysOf(p.values)}} {
		unused := slices.DeleteFunc(kind.defined, func(name string) bool { return p.used[name] })
		if len(unused) > 0 {
			return invalidf("Value provided in %s unused in expressions: keys: {%s}", kind.parameter, strings.Join(unused, ", "))
		}
	}
	return nil
}

func keysOf[V any](of map[string]V) []string {
	var keys []string
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// keyCondition returns the value of the key in the expression, which must have the form KEY = :value.
func (p *placeholders) keyCondition(expression, key string) (string, error) {
	const parameter = "KeyConditionExpression"
	tokens, err := tokensOf(parameter, expression)
	if err != nil {
		return "", err
	}
	for len(tokens) == 5 && tokens[0] == "(" && tokens[4] == ")" {
		tokens = tokens[1:4]
	}
	if len(tokens) != 3 || tokens[1] != "=" {
		return "", invalid("Query condition missed key schema element: " + key)
	}
	if strings.HasPrefix(tokens[0], ":") {
		tokens[0], tokens[2] = tokens[2], tokens[0]
	}
	name, err := p.name(parameter, tokens[0])
	if err != nil {
		return "", err
	}
	if name != key {
		return "", invalid("Query condition missed key schema element: " + key)
	}
	wanted, err := p.value(parameter, tokens[2])
	if err != nil {
		return "", err
	}
	if wanted.S == nil {
		return "", invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
	}
	if *wanted.S == "" {
		return "", invalidf("One or more parameter values are not valid. The AttributeValue for a key attribute cannot "+
			"contain an empty string value. Key: %s", key)
	}
	return *wanted.S, nil
}

// filter compiles a filter expression, in which the key must not occur. An empty expression matches every item.
func (p *placeholders) filter(expression, key string) (predicate, error) {
	if expression == "" {
		return func(item) bool { return true }, nil
	}
	const parameter = "FilterExpression"
	tokens, err := tokensOf(parameter, expression)
	if err != nil {
		return nil, err
	}
	parser := &parser{placeholders: p, parameter: parameter, tokens: tokens, key: key}
	parsed, err := parser.or()
	if err == nil && len(parser.tokens) > 0 {
		err = parser.unexpected()
	}
	return parsed, err
}

// projection compiles a projection expression. An empty expression keeps every attribute.
func (p *placeholders) projection(expression string) (func(item) item, error) {
	if expression == "" {
		return func(whole item) item { return whole }, nil
	}
	const parameter = "ProjectionExpression"
	var names []string
	for part := range strings.SplitSeq(expression, ",") {
		name, err := p.name(parameter, strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return func(whole item) item {
		kept := item{}
		for _, name := range names {
			if value, has := whole[name]; has {
				kept[name] = value
			}
		}
		return kept
	}, nil
}

func (p *placeholders) name(parameter, token string) (string, error) {
	if !strings.HasPrefix(token, "#") {
		if !isName(token) {
			return "", invalidf("Invalid %s: Syntax error; token: %q", parameter, token)
		}
		return token, nil
	}
	name, ok := p.names[token]
	if !ok {
		return "", invalidf("Invalid %s: An expression attribute name used in the document path is not defined; "+
			"attribute name: %s", parameter, token)
	}
	p.used[token] = true
	return name, nil
}

func (p *placeholders) value(parameter, token string) (value, error) {
	found, ok := p.values[token]
	if !ok {
		return value{}, invalidf("Invalid %s: An expression attribute value used in expression is not defined; "+
			"attribute value: %s", parameter, token)
	}
	p.used[token] = true
	return found, nil
}

// text returns a string or a number as text, and "" for a value of another type.
func (v value) text() string {
	switch {
	case v.S != nil:
		return *v.S
	case v.N != nil:
		return *v.N
	}
	return ""
}

// compare compares two values of the same type. It returns false for values of different types, which have no order.
func compare(a, b value) (order int, ok bool) {
	switch {
	case a.S != nil && b.S != nil:
		return strings.Compare(*a.S, *b.S), true
	case a.N != nil && b.N != nil:
		x, okX := new(big.Rat).SetString(*a.N)
		y, okY := new(big.Rat).SetString(*b.N)
		if !okX || !okY {
			return 0, false
		}
		return x.Cmp(y), true
	case a.BOOL != nil && b.BOOL != nil:
		return cmp.Compare(asInt(*a.BOOL), asInt(*b.BOOL)), true
	case a.NULL != nil && b.NULL != nil:
		return 0, true
	}
	return 0, false
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (v value) typeName() string {
	switch {
	case v.S != nil:
		return "S"
	case v.N != nil:
		return "N"
	case v.BOOL != nil:
		return "BOOL"
	}
	return "NULL"
}
