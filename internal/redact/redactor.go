package redact

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// Placeholder replaces each secret.
const Placeholder = "***"

const (
	// Secrets of at least shortSecret bytes are replaced anywhere in a text. Shorter ones, of at least minSecret bytes,
	// are replaced only as whole words: the secret "dev" must not change "device".
	shortSecret, minSecret = 8, 3
	// maxLearned is the largest number of secrets that are learned from responses, and maxLength their largest length in
	// bytes, so that a hostile response cannot fill the memory. A secret beyond these limits is still redacted if a name
	// identifies it.
	maxLearned, maxLength = 2000, 2048
	// maxBlock is the largest part of a text that is searched at once, in bytes.
	maxBlock = 1 << 20
)

// Redactor replaces secrets in texts and documents. It is safe for concurrent use.
type Redactor struct {
	mu      sync.Mutex
	secrets map[string]origin
	words   map[string]origin // secrets shorter than shortSecret
	learned int               // number of secrets that came from responses
	// latest is made from the secrets when it is needed, and is nil after the secrets have changed.
	latest atomic.Pointer[known]
}

// origin says where a secret comes from.
type origin int

const (
	fromResponse origin = iota
	ofProcess           // a key or a credential that this process uses
)

// known holds the known secrets in the forms that texts are searched for.
type known struct {
	// marker overwrites each secret with marker bytes. The text keeps its length, so that the marks show the positions.
	// A [strings.Replacer] uses a trie: it needs one pass for any number of secrets.
	marker *strings.Replacer
	parts  parts
	words  []string
}

// New returns a Redactor without known secrets. It redacts only the secrets that a name identifies.
func New() *Redactor {
	return &Redactor{secrets: map[string]origin{}, words: map[string]origin{}}
}

// Add adds secrets. From then on they are replaced everywhere, or only as whole words if they are shorter than 8 bytes.
// Values shorter than 3 bytes are ignored. The lines of a secret and the strings in a secret that is JSON are secrets too.
func (r *Redactor) Add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		r.add(secret, ofProcess)
		for _, part := range partsOfSecret(secret) {
			if len(part) >= shortSecret && !isPublic(part) {
				r.add(part, ofProcess)
			}
		}
	}
}

// partsOfSecret returns the parts of a secret that may be shown on their own: the lines of a text, and the strings of a
// JSON document, as Secrets Manager keeps pairs of keys and values.
func partsOfSecret(secret string) (parts []string) {
	if looksLikeJSON(secret) {
		decoder := decoderOf([]byte(secret))
		for token, err := decoder.ReadToken(); err == nil; token, err = decoder.ReadToken() {
			if in, count := decoder.StackIndex(decoder.StackDepth()); token.Kind() == '"' && (in != '{' || count%2 == 0) {
				parts = append(parts, token.String())
			}
		}
	}
	if strings.ContainsAny(secret, "\r\n") {
		parts = append(parts, strings.FieldsFunc(secret, func(r rune) bool { return r == '\n' || r == '\r' })...)
	}
	return parts
}

// addLearned adds a secret from a response, within the limits for those. The limits do not apply to [Redactor.Add].
func (r *Redactor) addLearned(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.learned < maxLearned && len(secret) <= maxLength && r.add(secret, fromResponse) {
		r.learned++
	}
}

func (r *Redactor) add(secret string, from origin) (added bool) {
	secret = strings.TrimSpace(secret)
	set := r.secrets
	if len(secret) < shortSecret {
		set = r.words
	}
	before, isKnown := set[secret]
	if isKnown && before >= from || len(secret) < minSecret {
		return false
	}
	set[secret] = from
	r.latest.Store(nil)
	return !isKnown
}

// Text returns s with every secret replaced by [Placeholder]. It finds known secrets in plain text, in base64, in hex and
// in any mix of URL, JSON and HTML escapes, even if line breaks or terminal escapes split them. It also finds unknown secrets that a name
// identifies; of these, the ones that look like keys are known from then on.
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

// search replaces the secrets that a full scan of the text finds.
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

// Value redacts one value of a result. A value with the form of an id, a region, a version or a status is not changed.
func (r *Redactor) Value(s string) string {
	if r.known().isFree([]byte(s)) || isPublic(s) {
		return s
	}
	return r.Text(s)
}

// wordsIn returns where words, the short secrets, occur as whole words in s.
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

// The bytes with which known.marker overwrites a secret: its first byte, and every later one.
const (
	firstByte = '\x01'
	laterByte = '\x00'
)

// matches returns where the known secrets are, as parts of the original text.
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

// known returns the secrets that are known now, prepared for searching.
func (r *Redactor) known() *known {
	if k := r.latest.Load(); k != nil {
		return k
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	forms := map[string]struct{}{}
	for secret, from := range r.secrets {
		for _, form := range formsOf(secret, from) {
			forms[form] = struct{}{}
		}
	}
	// If two secrets begin at the same place, the Replacer uses the pair that comes first. The longest must come
	// first: otherwise, only the beginning of a secret that starts with another one is replaced.
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

// formsOf returns the written forms of a secret that undoing escapes does not reveal: the secret itself, with plus signs
// for spaces as in a query, in hex, in base64 and, for a secret of this process, in base64 of base64.
func formsOf(secret string, from origin) []string {
	inHex := hex.EncodeToString([]byte(secret))
	forms := []string{secret, strings.ReplaceAll(secret, " ", "+"), inHex, strings.ToUpper(inHex)}
	for _, once := range base64FormsOf(secret) {
		forms = append(forms, once)
		if from == ofProcess {
			forms = append(forms, base64FormsOf(once)...)
		}
	}
	return forms
}

// base64FormsOf returns the forms of a text in base64. base64 writes 3 bytes as 4 characters. The encoding of a text
// therefore depends on its position within the 3 bytes, and the characters at its ends are left out, because they also
// contain bits of the neighbouring bytes.
func base64FormsOf(text string) (forms []string) {
	for offset := range 3 {
		shifted := append(make([]byte, offset, offset+len(text)), text...)
		first, last := (8*offset+5)/6, 8*len(shifted)/6
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			forms = append(forms, encoding.EncodeToString(shifted)[first:last])
		}
	}
	return forms
}
