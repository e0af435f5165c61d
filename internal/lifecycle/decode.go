package lifecycle

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of what a document may hold, far above what an orchestrator can store in 400 KB (docs/wire-contract.md,
// "Refused, and done all the same"): what a hostile answer becomes in memory is bounded by them, and not by its
// bytes alone.
const (
	maxResults    = 1000
	maxPatches    = 1000
	maxAMIs       = 1000
	maxProperties = 10_000
	maxCounts     = 100
)

// strictly decodes members by their exact names. A member that stands there twice makes the whole document
// unusable: which of the two would count is anybody's guess. Bytes that are not UTF-8 are shown as such.
var strictly = json.JoinOptions(
	jsontext.AllowInvalidUTF8(true), json.WithUnmarshalers(unmarshalers),
)

var unmarshalers = json.JoinUnmarshalers(
	bounded[EventSwitch](maxResults), bounded[Result](maxResults), bounded[EventResults](maxPatches), bounded[AMI](maxAMIs),
	json.UnmarshalFromFunc(counts),
)

// withoutProperties is strictly, and passes over properties.
var withoutProperties = json.JoinOptions(strictly, json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFromFunc(func(decoder *jsontext.Decoder, _ *Properties) error { return decoder.SkipValue() }), unmarshalers,
)))

// bounded decodes lists of T that are not longer than limit.
func bounded[T any](limit int) *json.Unmarshalers {
	return json.UnmarshalFromFunc(func(decoder *jsontext.Decoder, list *[]T) error {
		if decoder.PeekKind() != '[' {
			return errors.ErrUnsupported // null, or another type: not for us
		}
		if _, err := decoder.ReadToken(); err != nil {
			return err
		}
		*list = []T{}
		for decoder.PeekKind() != ']' {
			if len(*list) == limit {
				return fmt.Errorf("a list has more than %d members", limit)
			}
			var item T
			if err := json.UnmarshalDecode(decoder, &item); err != nil {
				return err
			}
			*list = append(*list, item)
		}
		_, err := decoder.ReadToken()
		return err
	})
}

// counts decodes the counts of a scan, which are not many.
func counts(decoder *jsontext.Decoder, members *map[string]jsontext.Value) error {
	if decoder.PeekKind() != '{' {
		return errors.ErrUnsupported
	}
	*members = map[string]jsontext.Value{}
	_, err := decoder.ReadToken()
	for err == nil && decoder.PeekKind() != '}' {
		var name jsontext.Token
		if name, err = decoder.ReadToken(); err != nil {
			break
		}
		key := name.String()
		var value jsontext.Value
		if value, err = decoder.ReadValue(); err == nil {
			(*members)[key] = value.Clone()
		}
		if len(*members) > maxCounts {
			return fmt.Errorf("an object has more than %d members", maxCounts)
		}
	}
	if err == nil {
		_, err = decoder.ReadToken()
	}
	return err
}

// Decode reads one status document as the orchestrator sends it, and keeps data as its Raw. Members that it does not
// know are kept there only. An answer of another shape (no object, no lifecycle id, a member of another type, a member
// that is there twice) is an error whose text quotes nothing of it, since it may hold secrets.
func Decode(data []byte) (*Document, error) { return decode(data, strictly) }

// DecodeStanding is [Decode] of a document that is only asked how it stands: it has no Properties, which are most of it.
func DecodeStanding(data []byte) (*Document, error) { return decode(data, withoutProperties) }

func decode(data []byte, options json.Options) (*Document, error) {
	var document Document
	if err := json.Unmarshal(data, &document, options); err != nil {
		return nil, fmt.Errorf("not a status document: %w", withoutContent(err))
	}
	if document.ID == "" {
		return nil, errors.New("not a status document: it has no lifecycle_id")
	}
	document.Raw = data
	return &document, nil
}

// Split reads a list of status documents and gives each to take as it arrives, in their order, for [Decode]: until take
// returns. No more than one is in memory at a time. What follows the list is not read. The errors are those of Decode
// about a list, and those of take.
func Split(list io.Reader, take func(document []byte) error) error {
	// What is there twice is found by Decode.
	decoder := jsontext.NewDecoder(list, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if decoder.PeekKind() != '[' {
		return errors.New("not a list of status documents")
	}
	if _, err := decoder.ReadToken(); err != nil {
		return fmt.Errorf("not a list of status documents: %w", withoutContent(err))
	}
	for decoder.PeekKind() != ']' {
		document, err := decoder.ReadValue()
		if err != nil {
			return fmt.Errorf("not a list of status documents: %w", withoutContent(err))
		}
		if err := take(document); err != nil {
			return err
		}
	}
	if _, err := decoder.ReadToken(); err != nil {
		return fmt.Errorf("not a list of status documents: %w", withoutContent(err))
	}
	return nil
}

// withoutContent keeps of a JSON error where it was and what was expected, and drops what stood there.
func withoutContent(err error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return errors.New("a member is there twice")
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("not JSON at byte %d", syntax.ByteOffset)
	}
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok && wrong.GoType != nil {
		return fmt.Errorf("it has a %s where %s is expected", kinds[wrong.JSONKind], wrong.GoType)
	}
	return errors.New("not JSON of the expected form")
}

// kinds name the types of JSON, as [jsontext.Kind] has them.
var kinds = map[jsontext.Kind]string{'n': "null", 't': "boolean", 'f': "boolean", '"': "text", '0': "number", '{': "object", '[': "list"}

// UnmarshalJSONFrom reads an object of any values; null and any other type read as no properties.
func (p *Properties) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	*p = Properties{}
	if decoder.PeekKind() != '{' {
		return decoder.SkipValue()
	}
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	for decoder.PeekKind() != '}' {
		if len(*p) == maxProperties {
			return fmt.Errorf("an object has more than %d members", maxProperties)
		}
		key, err := decoder.ReadToken()
		if err != nil {
			return err
		}
		name := key.String()
		value, err := decoder.ReadValue()
		if err != nil {
			return err
		}
		text := string(value)
		if value.Kind() == '"' {
			if err := json.Unmarshal(value, &text, strictly); err != nil {
				return err
			}
		}
		(*p)[name] = text
	}
	_, err := decoder.ReadToken()
	return err
}
