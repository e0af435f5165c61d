package redact

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Placeholder stands where a secret stood.
const Placeholder = "***"

// minSecret is the length in bytes below which a value is no secret: redacting "dev" or "12345" would
// eat ordinary text, and no key of an orchestrator or of AWS is that short.
const minSecret = 8

// maxLearned bounds what hostile answers can make a process remember. A list of statuses is at most
// 1 MB (orchestrator-api.md), which holds far fewer. What is not remembered is still redacted where its
// surroundings show what it is.
const maxLearned = 2000

// Redactor replaces secrets in texts and documents. It is safe for concurrent use.
type Redactor struct {
	mu       sync.Mutex
	secrets  map[string]struct{}
	learned  int               // how many of them an answer has declared
	replacer *strings.Replacer // of secrets in all their forms; nil when they have changed since
}

// New returns a Redactor that knows no secret yet, only how secrets look.
func New() *Redactor { return &Redactor{secrets: map[string]struct{}{}} }

// Add makes the secrets known: from now on they are replaced wherever they appear. Values shorter than
// 8 bytes are ignored.
func (r *Redactor) Add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		r.add(secret)
	}
}

// addLearned is Add for what an answer declares a secret. However much it declares, there is room for what
// [Redactor.Add] is told.
func (r *Redactor) addLearned(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.learned < maxLearned && r.add(secret) {
		r.learned++
	}
}

func (r *Redactor) add(secret string) (added bool) {
	secret = strings.TrimSpace(secret)
	if _, known := r.secrets[secret]; known || len(secret) < minSecret {
		return false
	}
	r.secrets[secret] = struct{}{}
	r.replacer = nil
	return true
}

// Text replaces every secret in s: the known ones in plain, in base64, in any mix of URL, JSON and HTML
// escapes, also where line breaks go through them; and the unknown ones that their surroundings give away.
// Those are known from then on, as far as they look like keys.
func (r *Redactor) Text(s string) string {
	if s == "" {
		return s
	}
	secret := given(patterns, s, lowerCase(s))
	r.learnSpans(s, secret)
	known := r.known()
	for v, layer := viewOf(s), 0; ; layer++ {
		secret = append(secret, v.matches(known)...)
		unfolded, changed := v.unfold()
		if !changed || layer == maxLayers {
			break
		}
		v = unfolded
		secret = append(secret, v.lengthySecrets()...)
	}
	return replaceSpans(s, secret)
}

// The bytes that known puts in place of a secret's: the first one, and each after it.
const (
	firstByte = '\x01'
	laterByte = '\x00'
)

// matches returns where in the original the known secrets are.
func (v view) matches(known *strings.Replacer) []span {
	marked := known.Replace(v.text)
	if marked == v.text {
		return nil
	}
	var found []span
	for i := 0; i < len(marked); {
		begin := i
		i++
		if marked[begin] != firstByte || v.text[begin] == firstByte {
			continue
		}
		for i < len(marked) && marked[i] == laterByte && v.text[i] != laterByte {
			i++
		}
		found = append(found, v.span(begin, i))
	}
	return found
}

// known returns a replacer that marks the known secrets and keeps the length of the text, so that it is
// plain where they were. [strings.Replacer] walks a trie: one pass, however many secrets there are.
func (r *Redactor) known() *strings.Replacer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.replacer == nil {
		forms := map[string]struct{}{}
		for secret := range r.secrets {
			for _, form := range formsOf(secret) {
				forms[form] = struct{}{}
			}
		}
		// Of two that begin at the same place the earlier pair wins: the longest must come first, or a
		// secret that begins with another would lose its beginning only.
		longestFirst := slices.SortedFunc(maps.Keys(forms), func(a, b string) int {
			return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
		})
		pairs := make([]string, 0, 2*len(longestFirst))
		for _, form := range longestFirst {
			pairs = append(pairs, form, string(firstByte)+strings.Repeat(string(laterByte), len(form)-1))
		}
		r.replacer = strings.NewReplacer(pairs...)
	}
	return r.replacer
}
