package redact

import (
	"cmp"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// Placeholder stands where a secret stood.
const Placeholder = "***"

const (
	// shortSecret is the length in bytes from which a secret is replaced anywhere in a text. A shorter one, down
	// to minSecret, is replaced where it stands as a word of its own: "dev" must not eat "device".
	shortSecret, minSecret = 8, 3
	// maxLearned bounds what hostile answers can make a process remember, maxLength how long one of these may be.
	// What is not remembered is still redacted where its name shows what it is.
	maxLearned, maxLength = 2000, 2048
	// maxBlock is how much of a text is looked at in one piece, in bytes.
	maxBlock = 1 << 20
)

// Redactor replaces secrets in texts and documents. It is safe for concurrent use.
type Redactor struct {
	mu      sync.Mutex
	secrets map[string]struct{}
	words   map[string]struct{} // short secrets
	learned int                 // how many of them an answer has declared
	// latest is what is looked for; nil when the secrets have changed since.
	latest atomic.Pointer[known]
}

// known are the secrets of a moment, in the forms in which texts are searched for them.
type known struct {
	// marker marks them and keeps the length of the text, so that it is plain where they were. [strings.Replacer]
	// walks a trie: one pass, however many secrets there are.
	marker *strings.Replacer
	parts  parts
	words  []string
}

// New returns a Redactor that does not know any secrets yet, only how secrets are named.
func New() *Redactor {
	return &Redactor{secrets: map[string]struct{}{}, words: map[string]struct{}{}}
}

// Add makes the secrets known: from now on they are replaced wherever they appear, those of fewer than 8 bytes
// where they stand as a word. Values shorter than 3 bytes are ignored.
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
	if r.learned < maxLearned && len(secret) <= maxLength && r.add(secret) {
		r.learned++
	}
}

func (r *Redactor) add(secret string) (added bool) {
	secret = strings.TrimSpace(secret)
	set := r.secrets
	if len(secret) < shortSecret {
		set = r.words
	}
	if _, known := set[secret]; known || len(secret) < minSecret {
		return false
	}
	set[secret] = struct{}{}
	r.latest.Store(nil)
	return true
}

// Text replaces every secret in s: the known ones in plain, in base64, in any mix of URL, JSON and HTML
// escapes, also where line breaks go through them; and the unknown ones that their names give away. Those are
// known from then on, as far as they look like keys.
func (r *Redactor) Text(s string) string {
	var out strings.Builder
	for len(s) > maxBlock {
		end := strings.LastIndexByte(s[:maxBlock], '\n') + 1
		if end == 0 {
			end = maxBlock
		}
		out.WriteString(r.block(s[:end]))
		s = s[end:]
	}
	if out.Len() == 0 {
		return r.block(s)
	}
	return out.String() + r.block(s)
}

func (r *Redactor) block(s string) string {
	if s == "" || r.known().isFree([]byte(s)) {
		return s
	}
	return r.search(s)
}

// search replaces what is found by a thorough look.
func (r *Redactor) search(s string) string {
	secret := named(s)
	r.learnSpans(s, secret)
	known := r.known()
	secret = append(secret, wordsIn(s, known.words)...)
	v := viewOf(s)
	for layer := 0; ; layer++ {
		secret = append(secret, v.matches(known)...)
		unfolded, changed := v.unfold()
		if !changed || layer == maxLayers {
			break
		}
		v = unfolded
		secret = append(secret, v.fixedLength()...)
	}
	return replace(s, secret)
}

// Value redacts one value of a result. What has the form of an id, a region, a version or a status stays whole.
func (r *Redactor) Value(s string) string {
	if r.known().isFree([]byte(s)) || isPublic(s) {
		return s
	}
	return r.Text(s)
}

// wordsIn returns where the short secrets stand as words.
func wordsIn(s string, words []string) (found []span) {
	isWord := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }
	for _, word := range words {
		for from := 0; ; {
			at := strings.Index(s[from:], word)
			if at < 0 {
				break
			}
			begin, end := from+at, from+at+len(word)
			before, _ := utf8.DecodeLastRuneInString(s[:begin])
			after, _ := utf8.DecodeRuneInString(s[end:])
			if (begin == 0 || !isWord(before)) && (end == len(s) || !isWord(after)) {
				found = append(found, span{begin, end})
			}
			from = end
		}
	}
	return found
}

// The bytes that known puts in place of a secret's: the first one, and each after it.
const (
	firstByte = '\x01'
	laterByte = '\x00'
)

// matches returns where in the original the known secrets are.
func (v view) matches(known *known) (found []span) {
	if !known.parts.mayOccur(v.text) {
		return nil
	}
	text := string(v.text)
	marked := known.marker.Replace(text)
	if marked == text {
		return nil
	}
	for i := 0; i < len(marked); {
		begin := i
		i++
		if marked[begin] != firstByte || text[begin] == firstByte {
			continue
		}
		for i < len(marked) && marked[i] == laterByte && text[i] != laterByte {
			i++
		}
		found = append(found, v.original(begin, i))
	}
	return found
}

// known returns what is known by now.
func (r *Redactor) known() *known {
	if k := r.latest.Load(); k != nil {
		return k
	}
	r.mu.Lock()
	defer r.mu.Unlock()
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
	k := &known{marker: strings.NewReplacer(pairs...), parts: partsOf(longestFirst), words: slices.Collect(maps.Keys(r.words))}
	r.latest.Store(k)
	return k
}

// formsOf returns the ways in which a secret is written by what does not escape it letter by letter: itself, with
// a query's plus signs for spaces, and in base64. base64 writes 3 bytes as 4 characters, so a secret looks
// different by where it begins within the 3, and the characters at its ends also hold bits of its neighbours.
func formsOf(secret string) []string {
	forms := []string{secret, strings.ReplaceAll(secret, " ", "+")}
	for offset := range 3 {
		shifted := append(make([]byte, offset, offset+len(secret)), secret...)
		first, last := (8*offset+5)/6, 8*len(shifted)/6
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			forms = append(forms, encoding.EncodeToString(shifted)[first:last])
		}
	}
	return forms
}
