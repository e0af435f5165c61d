package redact

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"strings"
)

// maxNesting is the number of levels of JSON within JSON strings that are read. The inputs of state machines have two.
const maxNesting = 8

// Learn finds the secrets in a document from a server and adds them: the values of members with secret names at any
// depth, and the keys and signatures in URLs. It also reads strings that are documents themselves. A document that is
// not JSON is searched as text. JSON is read token by token, so that the memory does not grow with the document.
func (r *Redactor) Learn(document []byte) {
	if !r.learnJSON(document, 0) {
		r.learnText(string(document))
	}
}

// learnJSON reports whether the document is JSON.
func (r *Redactor) learnJSON(document []byte, nesting int) bool {
	decoder := decoderOf(document)
	// Everything inside an api_key is secret: DynamoDB writes {"S": "..."}.
	secretBelow := -1 // depth from which everything is secret, or -1
	isSecret := false // whether the next value is secret
	for {
		if decoder.PeekKind() == '"' {
			quoted, err := decoder.ReadValue()
			if err != nil {
				return false
			}
			text, isLiteral := literal(quoted)
			if !isLiteral {
				text = []byte(unquoted(quoted))
			}
			if in, count := decoder.StackIndex(decoder.StackDepth()); in == '{' && count%2 == 1 {
				isSecret = isSecretName(text)
				continue
			}
			switch {
			case isSecret || secretBelow >= 0:
				r.declared(string(text))
			case nesting == maxNesting || !looksLikeJSON(text) || !r.learnJSON(bytes.Clone(text), nesting+1):
				if mayName(text) {
					r.learnText(string(text))
				}
			}
			isSecret = false
			continue
		}
		token, err := decoder.ReadToken()
		if err != nil {
			return errors.Is(err, io.EOF) && decoder.InputOffset() > 0
		}
		depth := decoder.StackDepth()
		if secretBelow >= 0 && depth < secretBelow {
			secretBelow = -1
		}
		if kind := token.Kind(); (kind == '{' || kind == '[') && isSecret && secretBelow < 0 {
			secretBelow = depth
		}
		isSecret = false
	}
}

// learnText and learnSpans add the values that a name identifies as secrets and that look like keys. A text may also
// say "password": "is not set", and these words are not a secret in other texts.
func (r *Redactor) learnText(s string) { r.learnSpans(s, named(s)) }

func (r *Redactor) learnSpans(s string, spans []span) {
	for _, at := range spans {
		secret := s[at.begin:at.end]
		if looksRandom(secret) {
			r.declared(secret)
		}
		// The query of a presigned URL is added as a whole. Its signature is also added on its own.
		for part := range strings.SplitSeq(secret, "&") {
			name, value, _ := strings.Cut(part, "=")
			if name = strings.ToLower(name); name == "x-amz-signature" || name == "x-amz-security-token" {
				r.declared(value)
			}
		}
	}
}

// declared adds a value that a response declares as a secret. Values of a public form are left out: if a server sends an
// id or a status in the place of a key, it must not be hidden everywhere.
func (r *Redactor) declared(secret string) {
	if isPublic(secret) || len(secret) < shortSecret {
		return
	}
	r.addLearned(secret)
	if decoded, err := url.QueryUnescape(secret); err == nil && decoded != secret {
		r.addLearned(decoded)
	}
}

func looksLikeJSON[T []byte | string](s T) bool {
	for i := range len(s) {
		switch s[i] {
		case ' ', '\t', '\r', '\n':
		case '{', '[', '"':
			return true
		default:
			return false
		}
	}
	return false
}
