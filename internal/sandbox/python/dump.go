package python

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// Member is a member of an object whose members have an order.
type Member struct {
	Key   string
	Value any
}

// Dumps returns the value as json.dumps(value, sort_keys=True) does: ASCII only, with a space after each comma and colon.
func Dumps(value any) string {
	var text strings.Builder
	dump(&text, value, ", ", ": ")
	return text.String()
}

// DumpsCompact returns the object with the members in this order, as json.dumps(…, separators=(",", ":")) does.
func DumpsCompact(members []Member) string {
	var text strings.Builder
	text.WriteByte('{')
	for i, member := range members {
		if i > 0 {
			text.WriteByte(',')
		}
		dumpText(&text, member.Key)
		text.WriteByte(':')
		dump(&text, member.Value, ",", ":")
	}
	text.WriteByte('}')
	return text.String()
}

func dump(text *strings.Builder, value any, comma, colon string) {
	switch v := value.(type) {
	case nil:
		text.WriteString("null")
	case bool:
		fmt.Fprint(text, v)
	case json.Number:
		text.WriteString(v.String())
	case string:
		dumpText(text, v)
	case List:
		text.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				text.WriteString(comma)
			}
			dump(text, element, comma, colon)
		}
		text.WriteByte(']')
	case Dict:
		text.WriteByte('{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				text.WriteString(comma)
			}
			dumpText(text, key)
			text.WriteString(colon)
			dump(text, v[key], comma, colon)
		}
		text.WriteByte('}')
	}
}

var shortEscapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`,
}

func dumpText(text *strings.Builder, value string) {
	text.WriteByte('"')
	for _, letter := range value {
		switch escape, ok := shortEscapes[letter]; {
		case ok:
			text.WriteString(escape)
		case letter > 0xffff:
			high, low := utf16.EncodeRune(letter)
			fmt.Fprintf(text, `\u%04x\u%04x`, high, low)
		case letter < 0x20 || letter > 0x7e:
			fmt.Fprintf(text, `\u%04x`, letter)
		default:
			text.WriteRune(letter)
		}
	}
	text.WriteByte('"')
}

// Dumpable returns [ErrDecimal] if a value read from DynamoDB has a number anywhere in it. DynamoDB returns every number
// as a Decimal, which json.dumps refuses.
func Dumpable(value any) error {
	return findNumber(value, func(json.Number) error { return ErrDecimal })
}

// Storable returns [ErrFloat] if a value to be stored in DynamoDB has a float anywhere in it: a number with a decimal
// point or an exponent.
func Storable(value any) error {
	return findNumber(value, func(n json.Number) error {
		if isFloat(n) {
			return ErrFloat
		}
		return nil
	})
}

func findNumber(value any, found func(json.Number) error) error {
	switch v := value.(type) {
	case json.Number:
		return found(v)
	case List:
		for _, element := range v {
			if err := findNumber(element, found); err != nil {
				return err
			}
		}
	case Dict:
		for _, member := range v {
			if err := findNumber(member, found); err != nil {
				return err
			}
		}
	}
	return nil
}
