package redact

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"strings"
)

// maxNesting is how many JSON texts within JSON texts are opened. The state machines' inputs are two deep.
const maxNesting = 8

// Learn finds the secrets inside a document that a server sent and makes them known: the values of members
// whose names say so at any depth, the keys and signatures in URLs, also where a text is a document itself.
// The document may be of any form; what is not JSON is searched as text. It is read token by token: what it
// takes of memory does not grow with it.
func (r *Redactor) Learn(document []byte) {
	if !r.learnJSON(document, 0) {
		r.learnText(string(document))
	}
}

// learnJSON reports whether the document is JSON.
func (r *Redactor) learnJSON(document []byte, nesting int) bool {
	decoder := decoderOf(document)
	// Everything below an api_key is one: DynamoDB's own form is {"S": "..."}.
	secretBelow := -1 // the depth from which on everything is secret
	isSecret := false // the value that comes next
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

// learnText and learnSpans learn what stands where a secret does and looks like one: a text may also say that
// the "password": "is not set", and those words are not a secret elsewhere.
func (r *Redactor) learnText(s string) { r.learnSpans(s, named(s)) }

func (r *Redactor) learnSpans(s string, spans []span) {
	for _, at := range spans {
		secret := s[at.begin:at.end]
		if looksRandom(secret) {
			r.declared(secret)
		}
		// The query of a presigned URL is known as a whole; its signature must be known alone too.
		for part := range strings.SplitSeq(secret, "&") {
			name, value, _ := strings.Cut(part, "=")
			if name = strings.ToLower(name); name == "x-amz-signature" || name == "x-amz-security-token" {
				r.declared(value)
			}
		}
	}
}

// declared makes a value known that an answer declares a secret. A server that puts an id or a status where a
// key belongs must not make us hide it everywhere.
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
