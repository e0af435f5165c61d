package lifecycle

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Limits on the members of a document, far above what an orchestrator can store in 400 KB (docs/wire-contract.md,
// "Refused, and done all the same"). They limit the memory that a hostile response takes once it is decoded. The limit
// on its bytes is not enough for that.
const (
	maxResults    = 1000
	maxPatches    = 1000
	maxAMIs       = 1000
	maxProperties = 10_000
	maxCounts     = 100
)

// strictly matches member names exactly, including case. A duplicate member is an error for the whole document,
// because it is unknown which of the two counts. Invalid UTF-8 is not an error: it becomes U+FFFD.
var strictly = json.JoinOptions(
	jsontext.AllowInvalidUTF8(true), json.WithUnmarshalers(unmarshalers),
)

var unmarshalers = json.JoinUnmarshalers(
	bounded[EventSwitch](maxResults), bounded[Result](maxResults), bounded[EventResults](maxPatches), bounded[AMI](maxAMIs),
	json.UnmarshalFromFunc(counts),
)

// withoutProperties is strictly, but skips properties.
var withoutProperties = json.JoinOptions(strictly, json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFromFunc(func(decoder *jsontext.Decoder, _ *Properties) error { return decoder.SkipValue() }), unmarshalers,
)))

// bounded decodes lists of T, and fails for a list that is longer than limit.
func bounded[T any](limit int) *json.Unmarshalers {
	return json.UnmarshalFromFunc(func(decoder *jsontext.Decoder, list *[]T) error {
		if decoder.PeekKind() != '[' {
			return errors.ErrUnsupported // null or another type: left to the default decoding
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

// counts decodes the counts of a scan, and fails if there are more than maxCounts.
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

// Decode decodes one status document as the orchestrator sends it, and keeps data as its Raw. Unknown members are
// kept in Raw only. Data of another form is an error: not an object, no lifecycle id, a member of another type, a
// duplicate member, or more members than the limits allow. The text of the error quotes nothing of data, which may
// contain secrets.
func Decode(data []byte) (*Document, error) { return decode(data, strictly) }

// DecodeWithoutProperties is like [Decode], but leaves the Properties of the document and of its Inputs empty: they are
// most of a document. Use it where only the progress of the lifecycle matters.
func DecodeWithoutProperties(data []byte) (*Document, error) { return decode(data, withoutProperties) }

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

// Split reads a JSON list of status documents and calls take with each one as it arrives, in order, for [Decode]. The
// bytes are valid only until take returns, so no more than one document is in memory at a time. Anything after the
// list is not read. An error is that of take, or says that this is not a list, without quoting what was read.
func Split(list io.Reader, take func(document []byte) error) error {
	// Decode finds duplicate names.
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

// withoutContent reduces a JSON error to its position or to the types involved, and drops the text that was read.
func withoutContent(err error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return errors.New("it has a duplicate member")
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("not JSON at byte %d", syntax.ByteOffset)
	}
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok && wrong.GoType != nil {
		return fmt.Errorf("it has a %s where %s is expected", kinds[wrong.JSONKind], wrong.GoType)
	}
	return errors.New("not JSON of the expected form")
}

// kinds names the types of JSON.
var kinds = map[jsontext.Kind]string{'n': "null", 't': "boolean", 'f': "boolean", '"': "text", '0': "number", '{': "object", '[': "list"}

// UnmarshalJSONFrom decodes an object with values of any type. null and any other type give no properties.
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
