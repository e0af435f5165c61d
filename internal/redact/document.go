package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/org/ami-action/internal/pattern"
)

// JSON returns the document without its secrets, compact, its members in their order: the value of an
// api_key and a presigned URL become "***", other URLs lose their api_key parameter, and every other text passes
// [Redactor.Value]; a text that is a document itself is redacted as one. Numbers and the names of members stay
// as they are written, but for a name that is more than a word. The error says where the document is not JSON
// and quotes nothing of it.
func (r *Redactor) JSON(document []byte) ([]byte, error) {
	r.Learn(document)
	w := documentWriter{redactor: r}
	if err := w.write(document); err != nil {
		return nil, err
	}
	return w.out, nil
}

// AppendIndented appends the document to out as [Redactor.JSON] redacts it, each member on a line of its own. Lines after
// the first begin with prefix. The document must have been given to [Redactor.Learn]: a list is learned from as a
// whole, before any of its documents is written. Where it is not JSON, out is returned as it was.
func (r *Redactor) AppendIndented(out, document []byte, prefix string) ([]byte, error) {
	w := documentWriter{redactor: r, out: out, isIndented: true, prefix: prefix}
	if err := w.write(document); err != nil {
		return out, err
	}
	return w.out, nil
}

// documentWriter writes one document, redacted.
type documentWriter struct {
	redactor   *Redactor
	out        []byte
	isIndented bool
	prefix     string
	nesting    int // how many texts around it are documents, too
}

// decoderOf returns a decoder that takes whatever a server may call JSON.
func decoderOf(document []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(document), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// write writes the whole document. After an error a part of it has been written.
func (w *documentWriter) write(document []byte) error {
	decoder := decoderOf(document)
	if err := w.value(decoder, shown); err != nil { // the decoder bounds how deep this recurses
		return withoutContent(err)
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return withoutContent(err)
	}
	return nil
}

// value writes the next value of decoder.
func (w *documentWriter) value(decoder *jsontext.Decoder, of secrecy) error {
	switch decoder.PeekKind() {
	case '{', '[':
		return w.composite(decoder, of)
	case '"':
		quoted, err := decoder.ReadValue()
		if err != nil {
			return err
		}
		w.text(quoted, of)
		return nil
	}
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	if value.Kind() == '0' && of == secret {
		w.string(Placeholder)
	} else {
		w.out = append(w.out, value...) // a number, true, false or null
	}
	return nil
}

// composite writes an object or an array. Everything below a secret member is secret.
func (w *documentWriter) composite(decoder *jsontext.Decoder, of secrecy) error {
	open, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	kind := open.Kind()
	w.out = append(w.out, byte(kind))
	isEmpty := true
	for ; ; isEmpty = false {
		if next := decoder.PeekKind(); next == '}' || next == ']' {
			break
		}
		if !isEmpty {
			w.out = append(w.out, ',')
		}
		w.line(decoder.StackDepth())
		member := of
		if kind == '{' {
			name, err := decoder.ReadValue()
			if err != nil {
				return err
			}
			if of == shown {
				member = w.name(name)
			} else {
				w.name(name)
			}
		}
		if err := w.value(decoder, member); err != nil {
			return err
		}
	}
	closing, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	if !isEmpty {
		w.line(decoder.StackDepth())
	}
	w.out = append(w.out, byte(closing.Kind()))
	return nil
}

// line begins a new line at a depth.
func (w *documentWriter) line(depth int) {
	if !w.isIndented {
		return
	}
	w.out = append(w.out, '\n')
	w.out = append(w.out, w.prefix...)
	for range depth {
		w.out = append(w.out, "  "...)
	}
}

// name writes the name of a member, and returns what that says of its value.
func (w *documentWriter) name(quoted jsontext.Value) secrecy {
	inner, isLiteral := literal(quoted)
	if !isLiteral {
		name := unquoted(quoted)
		w.string(w.redactor.memberName(name))
		w.colon()
		return secrecyOf([]byte(name))
	}
	of := secrecyOf(inner)
	if w.redactor.known().isFree(inner) {
		w.out = append(w.out, quoted...)
	} else {
		w.string(w.redactor.memberName(string(inner)))
	}
	w.colon()
	return of
}

func (w *documentWriter) colon() {
	w.out = append(w.out, ':')
	if w.isIndented {
		w.out = append(w.out, ' ')
	}
}

// memberName redacts the name of a member. A plain word is one that the server, or we, gave to a member: a dummy
// key that happens to be that word must not rename it.
func (r *Redactor) memberName(name string) string {
	if len(name) <= 64 && plainName().MatchString(name) {
		return name
	}
	return r.Value(name)
}

var plainName = pattern.Lazy(`^(?:[a-z]+(?:_[a-z0-9]+)*|[A-Z]+(?:_[A-Z0-9]+)*|[a-z]+[A-Z][a-z]+|S3[A-Z][a-z]+)$`)

// text writes a text. Most hold nothing that redaction could be about, and are copied.
func (w *documentWriter) text(quoted jsontext.Value, of secrecy) {
	inner, isLiteral := literal(quoted)
	switch {
	case of != shown:
		w.string(Placeholder)
	case isLiteral && bytes.IndexByte(inner, '?') < 0 && !looksLikeJSON(inner) && w.redactor.known().isFree(inner):
		w.out = append(w.out, quoted...)
	default:
		w.string(w.shownText(unquoted(quoted)))
	}
}

func (w *documentWriter) shownText(text string) string {
	if isPresignedURL(text) {
		return Placeholder
	}
	if w.nesting < maxNesting && looksLikeJSON(text) {
		inner := documentWriter{redactor: w.redactor, nesting: w.nesting + 1}
		if inner.write([]byte(text)) == nil {
			return string(inner.out)
		}
	}
	return w.redactor.Value(withoutKey(text))
}

// literal returns what stands between the quotes of a text of JSON. isLiteral is set where that is what it says: where
// nothing of it is escaped, and all of it ASCII.
func literal(quoted jsontext.Value) (inner []byte, isLiteral bool) {
	inner = quoted[1 : len(quoted)-1]
	return inner, classesIn(inner)&folds == 0
}

// unquoted returns what a text of JSON says. Bytes that are not UTF-8 are replaced.
func unquoted(quoted jsontext.Value) string {
	text, _ := jsontext.AppendUnquote(nil, quoted)
	return string(text)
}

func isPresignedURL(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.IsAbs() && strings.Contains(strings.ToLower(parsed.RawQuery), "x-amz-")
}

// withoutKey drops the api_key parameter of a URL: what remains is the page's address.
func withoutKey(text string) string {
	parsed, err := url.Parse(text)
	if err != nil || !parsed.IsAbs() || parsed.RawQuery == "" {
		return text
	}
	parts := strings.Split(parsed.RawQuery, "&")
	kept := slices.DeleteFunc(slices.Clone(parts), func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		return isSecretName([]byte(name))
	})
	if len(kept) == len(parts) {
		return text
	}
	parsed.RawQuery = strings.Join(kept, "&")
	return parsed.String()
}

// string writes a text that has been redacted.
func (w *documentWriter) string(s string) {
	if isPlain(s) {
		w.out = append(w.out, '"')
		w.out = append(w.out, s...)
		w.out = append(w.out, '"')
		return
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s)                               // a string always encodes
	w.out = append(w.out, out.Bytes()[:out.Len()-1]...) // without the newline that Encode adds
}

// isPlain reports whether the text stands in JSON as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}

func withoutContent(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("not JSON at byte %d", syntax.ByteOffset)
	}
	return errors.New("not JSON")
}
