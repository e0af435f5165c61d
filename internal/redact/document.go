package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	var out bytes.Buffer
	if err := r.writeJSON(&out, document, 0); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (r *Redactor) writeJSON(out *bytes.Buffer, document []byte, nesting int) error {
	// The whole is checked before anything is written of it; what follows recurses, and the check bounds its depth.
	if err := json.Unmarshal(document, new(json.RawMessage)); err != nil {
		return withoutContent(err)
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(document), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return r.writeValue(out, decoder, "", nesting)
}

// writeValue copies the next value of decoder, which is that of the member name.
func (r *Redactor) writeValue(out *bytes.Buffer, decoder *jsontext.Decoder, name string, nesting int) error {
	token, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	switch kind := token.Kind(); kind {
	case '{', '[':
		return r.writeComposite(out, decoder, kind, name, nesting)
	case '"':
		writeString(out, r.stringValue(name, token.String(), nesting))
	case '0':
		if isSecretName(name) {
			writeString(out, Placeholder)
			return nil
		}
		out.WriteString(token.String())
	default:
		out.WriteString(token.String()) // true, false or null
	}
	return nil
}

// writeComposite copies the rest of an object or an array. Everything below a secret member is secret.
func (r *Redactor) writeComposite(
	out *bytes.Buffer, decoder *jsontext.Decoder, open jsontext.Kind, name string, nesting int,
) error {
	out.WriteByte(byte(open))
	isBelowSecret := isSecretName(name) || isPresignedName(name)
	for first := true; ; first = false {
		if kind := decoder.PeekKind(); kind == '}' || kind == ']' {
			break
		}
		if !first {
			out.WriteByte(',')
		}
		member := name
		if open == '{' {
			token, err := decoder.ReadToken()
			if err != nil {
				return err
			}
			key := token.String()
			writeString(out, r.memberName(key))
			out.WriteByte(':')
			if !isBelowSecret {
				member = key
			}
		}
		if err := r.writeValue(out, decoder, member, nesting); err != nil {
			return err
		}
	}
	closing, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	out.WriteString(closing.String())
	return nil
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

func (r *Redactor) stringValue(name, text string, nesting int) string {
	if isSecretName(name) || isPresignedName(name) || isPresignedURL(text) {
		return Placeholder
	}
	if nesting < maxNesting && looksLikeJSON(text) {
		var inner bytes.Buffer
		if r.writeJSON(&inner, []byte(text), nesting+1) == nil {
			return inner.String()
		}
	}
	return r.Value(withoutKey(text))
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
		return isSecretName(name)
	})
	if len(kept) == len(parts) {
		return text
	}
	parsed.RawQuery = strings.Join(kept, "&")
	return parsed.String()
}

func writeString(out *bytes.Buffer, s string) {
	if isPlain(s) {
		out.WriteByte('"')
		out.WriteString(s)
		out.WriteByte('"')
		return
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s)       // a string always encodes
	out.Truncate(out.Len() - 1) // the newline that Encode adds
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
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON at byte %d", syntax.Offset)
	}
	return errors.New("not JSON")
}
