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

// maxSecrets bounds what a hostile answer can make a process remember. A list of statuses is at most
// 1 MB (orchestrator-api.md), which holds far fewer. What is not remembered is still redacted where its
// surroundings show what it is.
const maxSecrets = 2000

// Redactor replaces secrets in texts and documents. It is safe for concurrent use.
type Redactor struct {
	mu       sync.Mutex
	secrets  map[string]struct{}
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
		secret = strings.TrimSpace(secret)
		if _, known := r.secrets[secret]; known || len(secret) < minSecret || len(r.secrets) >= maxSecrets {
			continue
		}
		r.secrets[secret] = struct{}{}
		r.replacer = nil
	}
}

// Text replaces every secret in s: the known ones in plain, URL-encoded, JSON-escaped, HTML-escaped and
// base64 form, and the unknown ones that their surroundings give away.
func (r *Redactor) Text(s string) string {
	if s == "" {
		return s
	}
	return replacePatterns(r.known().Replace(s))
}

// known returns the replacer of the known secrets. [strings.Replacer] walks a trie: one pass, however
// many secrets there are.
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
			pairs = append(pairs, form, Placeholder)
		}
		r.replacer = strings.NewReplacer(pairs...)
	}
	return r.replacer
}
