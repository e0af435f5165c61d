package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxNesting is how many JSON texts within JSON texts are opened. The state machines' inputs are two
// deep (recordings: "statemachine_input").
const maxNesting = 8

// Learn finds the secrets inside a document that a server sent and makes them known: the values of
// api_key members at any depth, the keys and signatures in URLs, also where a text is a document itself.
// The document may be of any form; what is no JSON is searched as text.
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
			r.learn(member, secret || isSecretMember(name), nesting)
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

// learnText and learnSpans learn what stands where a secret does and looks like one: a text may also say that the
// "password": "is not set", and those words are no secret elsewhere.
func (r *Redactor) learnText(s string) { r.learnSpans(s, given(patterns, s, lowerCase(s))) }

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

func looksRandom(s string) bool {
	return len(s) >= 12 && strings.ContainsAny(s, "0123456789") && !strings.ContainsAny(s, " \t\r\n")
}

// publicForm is what no answer can declare a secret: a lifecycle's id, an AMI's id, and the words of the
// lifecycle. A server that puts one of them where a key belongs must not make us hide it everywhere.
var publicForm = regexp.MustCompile(`^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|ami-[0-9a-f]+|[A-Z_]+)$`)

// declared makes a value known that an answer declares a secret.
func (r *Redactor) declared(secret string) {
	if publicForm.MatchString(secret) {
		return
	}
	r.addLearned(secret)
	if decoded, err := url.QueryUnescape(secret); err == nil && decoded != secret {
		r.addLearned(decoded)
	}
}

// secretNames are the ends of the names, without hyphens and underscores, of what holds a secret: the
// orchestrator's own (orchestrator-api.md, "Finding it"), AWS's, and those that such members have anywhere.
// An unknown member may appear in any document.
var secretNames = []string{
	"apikey", "certificationkey", "forproductionkey", "receiverkey", "recevierkey",
	"secretaccesskey", "sessiontoken", "securitytoken", "tasktoken",
	"password", "passwd", "passphrase", "secret", "secretkey", "privatekey", "secretstring", "authorization",
	"accesstoken", "authtoken", "bearertoken", "refreshtoken", "idtoken", "jobtoken",
}

// isSecretMember reports whether a member of that name holds a secret, in any spelling of the name.
func isSecretMember(name string) bool {
	name = strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
	return slices.ContainsFunc(secretNames, func(end string) bool { return strings.HasSuffix(name, end) })
}

func isPresignedMember(name string) bool { return strings.Contains(strings.ToLower(name), "presign") }

func looksLikeJSON(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	return s != "" && strings.ContainsRune(`{["`, rune(s[0]))
}

// JSON returns the document without its secrets, compact, its members in their order: the value of an
// api_key and a presigned URL become "***", other URLs lose their api_key parameter, and every text and
// name passes [Redactor.Text]; a text that is a document itself is redacted as one. Numbers stay as they
// are written. The error says where the document is no JSON and quotes nothing of it.
func (r *Redactor) JSON(document []byte) ([]byte, error) {
	r.Learn(document)
	var out bytes.Buffer
	if err := r.writeJSON(&out, document, 0); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (r *Redactor) writeJSON(out *bytes.Buffer, document []byte, nesting int) error {
	// A decoder of tokens takes any depth, and what follows recurses: this check bounds the depth.
	var whole json.RawMessage
	if err := json.Unmarshal(document, &whole); err != nil {
		return withoutContent(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(whole))
	decoder.UseNumber()
	return r.writeValue(out, decoder, "", nesting)
}

// writeValue copies the next value of decoder, which is that of the member name.
func (r *Redactor) writeValue(out *bytes.Buffer, decoder *json.Decoder, name string, nesting int) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case json.Delim:
		return r.writeComposite(out, decoder, token, name, nesting)
	case string:
		writeString(out, r.stringValue(name, token, nesting))
	case json.Number:
		if isSecretMember(name) {
			writeString(out, Placeholder)
			return nil
		}
		out.WriteString(r.Text(token.String()))
	case bool:
		fmt.Fprint(out, token)
	default:
		out.WriteString("null")
	}
	return nil
}

// writeComposite copies the rest of an object or an array. Everything below a secret member is secret.
func (r *Redactor) writeComposite(
	out *bytes.Buffer, decoder *json.Decoder, open json.Delim, name string, nesting int,
) error {
	out.WriteString(open.String())
	for first := true; decoder.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		member := name
		if open == '{' {
			token, err := decoder.Token()
			if err != nil {
				return err
			}
			key, _ := token.(string)
			writeString(out, r.Text(key))
			out.WriteByte(':')
			if !isSecretMember(name) && !isPresignedMember(name) {
				member = key
			}
		}
		if err := r.writeValue(out, decoder, member, nesting); err != nil {
			return err
		}
	}
	closing, err := decoder.Token()
	if err != nil {
		return err
	}
	fmt.Fprint(out, closing)
	return nil
}

func (r *Redactor) stringValue(name, text string, nesting int) string {
	if isSecretMember(name) || isPresignedMember(name) || isPresignedURL(text) {
		return Placeholder
	}
	if nesting < maxNesting && looksLikeJSON(text) {
		var inner bytes.Buffer
		if r.writeJSON(&inner, []byte(text), nesting+1) == nil {
			return inner.String()
		}
	}
	return r.Text(withoutKey(text))
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
		return isSecretMember(name)
	})
	if len(kept) == len(parts) {
		return text
	}
	parsed.RawQuery = strings.Join(kept, "&")
	return parsed.String()
}

func writeString(out *bytes.Buffer, s string) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s)       // a string always encodes
	out.Truncate(out.Len() - 1) // the newline that Encode adds
}

func withoutContent(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("no JSON at byte %d", syntax.Offset)
	}
	return errors.New("no JSON")
}
