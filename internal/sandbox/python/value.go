// Package python gives decoded JSON the behaviour that it has in Python, in which the orchestrator's handlers are
// written: truth, the format of json.dumps, and the texts of exceptions (docs/wire-contract.md, "Errors").
//
// Values are those of encoding/json, with numbers as [json.Number].
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

// Error is a Python exception. A client sees only its text.
type Error string

// Error returns the text of the exception, as str() does in Python.
func (e Error) Error() string { return string(e) }

// Errorf returns an exception with the formatted text.
func Errorf(format string, args ...any) error { return Error(fmt.Sprintf(format, args...)) }

// KeyError returns the exception for a missing key. Its text is the key in quotes.
func KeyError(key string) error { return Error("'" + key + "'") }

// ErrDecimal is the exception for dumping a number that was read from DynamoDB.
const ErrDecimal = Error("Object of type Decimal is not JSON serializable")

// ErrFloat is the exception for storing a float in DynamoDB.
const ErrFloat = Error("Float types are not supported. Use Decimal types instead.")

// Loads decodes one JSON text. For a text that is not JSON the error has the wording of Python's, but not always its
// position.
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

// TypeName returns the name of the value's type in Python.
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

// IsTrue reports whether the value equals True, as 1 does in Python. A string never does.
func IsTrue(value any) bool { return equalsBool(value, true, 1) }

// IsFalse reports whether the value equals False, as 0 does in Python.
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

// Truthy reports whether the value is true as the condition of an if statement.
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

// Len returns len(value). Numbers, booleans and null have no length.
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

// Has returns key in container: whether the object has the key, the list the element, or the string the substring.
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

// Item returns container[key] for a string key.
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

// Elements returns what a for statement iterates over: the elements of a list, the keys of an object in no defined
// order, or the characters of a string.
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

// Merge returns {**first, **second}: if both have a key, the value of second counts.
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
