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

// JSON returns the document without its secrets, in compact form, with the members in their order:
//   - The value of a secret member, such as api_key, and a presigned URL become "***".
//   - Other URLs lose their secret parameters, such as api_key.
//   - A string that is itself a document is redacted as a document.
//   - Every other string passes through [Redactor.Value].
//   - Numbers elsewhere keep their notation, and names that are plain words do not change.
//
// If the document is not JSON, the error says at which byte. It quotes nothing of the document.
func (r *Redactor) JSON(document []byte) ([]byte, error) {
	r.Learn(document)
	w := documentWriter{redactor: r}
	if err := w.write(document); err != nil {
		return nil, err
	}
	return w.out, nil
}

// AppendIndented appends the document to out, redacted as by [Redactor.JSON], with each member on its own line. Lines
// after the first begin with prefix. The document must have been passed to [Redactor.Learn] before. For the documents of
// a list, learn the whole list first. If the document is not JSON, AppendIndented returns out unchanged and an error.
func (r *Redactor) AppendIndented(out, document []byte, prefix string) ([]byte, error) {
	w := documentWriter{redactor: r, out: out, isIndented: true, prefix: prefix}
	if err := w.write(document); err != nil {
		return out, err
	}
	return w.out, nil
}

// documentWriter writes one redacted document.
type documentWriter struct {
	redactor   *Redactor
	out        []byte
	isIndented bool
	prefix     string
	nesting    int // number of documents whose strings enclose this one
}

// decoderOf returns a lenient decoder: it accepts duplicate names and invalid UTF-8, which servers may send.
func decoderOf(document []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(document), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// write writes the whole document. After an error, a part of it may have been written.
func (w *documentWriter) write(document []byte) error {
	decoder := decoderOf(document)
	if err := w.value(decoder, shown); err != nil { // the decoder limits the depth of the recursion
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

// line begins a new line, indented by depth, if the document is indented.
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

// name writes the name of a member and returns what the name says about its value.
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

// memberName redacts the name of a member. A plain word is not redacted, because it comes from the server's code or ours:
// a dummy key that happens to be the same word must not rename the member.
func (r *Redactor) memberName(name string) string {
	if len(name) <= 64 && plainName().MatchString(name) {
		return name
	}
	return r.Value(name)
}

var plainName = pattern.Lazy(`^(?:[a-z]+(?:_[a-z0-9]+)*|[A-Z]+(?:_[A-Z0-9]+)*|[a-z]+[A-Z][a-z]+|S3[A-Z][a-z]+)$`)

// text writes a string. Most strings pass the fast check and are copied.
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

// literal returns the bytes between the quotes of a JSON string. isLiteral reports whether they are the value of the
// string: it contains no escapes and only ASCII.
func literal(quoted jsontext.Value) (inner []byte, isLiteral bool) {
	inner = quoted[1 : len(quoted)-1]
	return inner, classesIn(inner)&folds == 0
}

// unquoted returns the value of a JSON string. Invalid UTF-8 is replaced.
func unquoted(quoted jsontext.Value) string {
	text, _ := jsontext.AppendUnquote(nil, quoted)
	return string(text)
}

func isPresignedURL(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.IsAbs() && strings.Contains(strings.ToLower(parsed.RawQuery), "x-amz-")
}

// withoutKey removes the secret parameters, such as api_key, from a URL. Any other text is returned unchanged.
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

// string writes a redacted text as a JSON string.
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

// isPlain reports whether the text can be written in JSON without escapes.
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
