package redact

import (
	"encoding/json"
	"net/url"
	"strings"
)

// maxNesting is how many JSON texts within JSON texts are opened. The state machines' inputs are two deep.
const maxNesting = 8

// Learn finds the secrets inside a document that a server sent and makes them known: the values of members
// whose names say so at any depth, the keys and signatures in URLs, also where a text is a document itself.
// The document may be of any form; what is not JSON is searched as text.
func (r *Redactor) Learn(document []byte) {
	var root any
	if json.Unmarshal(document, &root) != nil {
		r.learnText(string(document))
		return
	}
	r.learn(root, false, 0)
}

func (r *Redactor) learn(node any, secret bool, nesting int) {
	switch node := node.(type) {
	case map[string]any:
		for name, member := range node {
			// Everything below an api_key is one: DynamoDB's own form is {"S": "..."}.
			r.learn(member, secret || isSecretName(name), nesting)
		}
	case []any:
		for _, element := range node {
			r.learn(element, secret, nesting)
		}
	case string:
		if secret {
			r.declared(node)
			return
		}
		var inner any
		if nesting < maxNesting && looksLikeJSON(node) && json.Unmarshal([]byte(node), &inner) == nil {
			r.learn(inner, false, nesting+1)
			return
		}
		r.learnText(node)
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

func looksLikeJSON(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	return s != "" && strings.ContainsRune(`{["`, rune(s[0]))
}
