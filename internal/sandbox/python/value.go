// Package python gives decoded JSON the meaning that it has in Python, for the sandbox's stand-ins of
// handlers that are written in it: what counts as true, how a value is dumped, and the texts of the
// errors that Python raises (docs/wire-contract.md, "Errors").
//
// Values are those of encoding/json with numbers as [json.Number].
package python

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Dict is a JSON object.
type Dict = map[string]any

// List is a JSON array.
type List = []any

// Error is an exception of Python; its text is all that a client sees of it.
type Error string

// Error returns the text of the exception, as str() gives it.
func (e Error) Error() string { return string(e) }

// Errorf makes an exception of the formatted text.
func Errorf(format string, args ...any) error { return Error(fmt.Sprintf(format, args...)) }

// KeyError is the exception for a key that is not there: its text is the key in quotes.
func KeyError(key string) error { return Error("'" + key + "'") }

// ErrDecimal is what dumping a number that came out of DynamoDB raises.
const ErrDecimal = Error("Object of type Decimal is not JSON serializable")

// ErrFloat is what storing a number with a fraction in DynamoDB raises.
const ErrFloat = Error("Float types are not supported. Use Decimal types instead.")

// Loads decodes one JSON text. The error is Python's for a text that is not JSON.
func Loads(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, Errorf("Expecting value: line 1 column 1 (char 0)")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, Errorf("Extra data: line 1 column %d (char %d)", decoder.InputOffset()+1, decoder.InputOffset())
	}
	return value, nil
}

// TypeName is the name of the value's type in Python.
func TypeName(value any) string {
	switch v := value.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case json.Number:
		if isFloat(v) {
			return "float"
		}
		return "int"
	case List:
		return "list"
	case Dict:
		return "dict"
	}
	return "object"
}

func isFloat(n json.Number) bool { return strings.ContainsAny(string(n), ".eE") }

// IsTrue reports whether the value equals True; 1 does, and a text never does.
func IsTrue(value any) bool { return equalsBool(value, true, 1) }

// IsFalse reports whether the value equals False; 0 does.
func IsFalse(value any) bool { return equalsBool(value, false, 0) }

func equalsBool(value any, word bool, number float64) bool {
	switch v := value.(type) {
	case bool:
		return v == word
	case json.Number:
		n, err := v.Float64()
		return err == nil && n == number
	}
	return false
}

// Truthy reports whether an if statement takes the value for true.
func Truthy(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case string:
		return v != ""
	case json.Number:
		return !IsFalse(v)
	case List:
		return len(v) > 0
	case Dict:
		return len(v) > 0
	}
	return false
}

// Len is len(); numbers, booleans and null have none.
func Len(value any) (int, error) {
	switch v := value.(type) {
	case string:
		return len([]rune(v)), nil
	case List:
		return len(v), nil
	case Dict:
		return len(v), nil
	}
	return 0, Errorf("object of type '%s' has no len()", TypeName(value))
}

// Has is the in operator: whether the object has the key, the list the element, the text the part.
func Has(container any, key string) (bool, error) {
	switch v := container.(type) {
	case Dict:
		_, ok := v[key]
		return ok, nil
	case List:
		for _, element := range v {
			if element == any(key) {
				return true, nil
			}
		}
		return false, nil
	case string:
		return strings.Contains(v, key), nil
	}
	return false, Errorf("argument of type '%s' is not iterable", TypeName(container))
}

// Item is container[key] with a text for key.
func Item(container any, key string) (any, error) {
	switch v := container.(type) {
	case Dict:
		if value, ok := v[key]; ok {
			return value, nil
		}
		return nil, KeyError(key)
	case List:
		return nil, Errorf("list indices must be integers or slices, not str")
	case string:
		return nil, Errorf("string indices must be integers, not 'str'")
	}
	return nil, Errorf("'%s' object is not subscriptable", TypeName(container))
}

// Elements is what a for statement yields for the value: an object yields its keys, a text its letters.
func Elements(value any) (List, error) {
	switch v := value.(type) {
	case List:
		return v, nil
	case Dict:
		keys := make(List, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		return keys, nil
	case string:
		letters := make(List, 0, len(v))
		for _, letter := range v {
			letters = append(letters, string(letter))
		}
		return letters, nil
	}
	return nil, Errorf("'%s' object is not iterable", TypeName(value))
}

// Merge is {**first, **second}: where both have a key, the second's value stays.
func Merge(first, second any) (Dict, error) {
	merged := Dict{}
	for _, value := range []any{first, second} {
		object, ok := value.(Dict)
		if !ok {
			return nil, Errorf("'%s' object is not a mapping", TypeName(value))
		}
		for key, member := range object {
			merged[key] = member
		}
	}
	return merged, nil
}
