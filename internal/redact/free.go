package redact

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// Most texts of a document are free of all that redaction looks for, and a list has millions of them. What follows tells
// that of a text at a glance: at about a nanosecond a byte, a hundredth of what a look takes. Where it is not sure, it
// says no.

// What a byte can be a part of.
const (
	// folds: an escape, a line break, or what is not shown. Such a text may mean something else than it says.
	folds byte = 1 << iota
	// assigns: what stands between a name and its value, in any way to write that, or begins a query.
	assigns
)

var classes = func() (class [256]byte) {
	for b := range class {
		if b < ' ' || b >= 0x7f || strings.IndexByte(`%\&`, byte(b)) >= 0 {
			class[b] |= folds
		}
	}
	for _, b := range []byte(`=:"'\%&>?`) {
		class[b] |= assigns
	}
	return class
}()

// classesIn returns the classes of which the text has a byte.
func classesIn(text []byte) (found byte) {
	for _, b := range text {
		found |= classes[b]
	}
	return found
}

// isFree reports whether [Redactor.Text] would surely leave the text as it is.
func (k *known) isFree(text []byte) bool {
	found := classesIn(text)
	if found&folds != 0 || found&assigns != 0 && hasStem(text) {
		return false
	}
	for _, word := range k.words {
		if bytes.Contains(text, []byte(word)) {
			return false
		}
	}
	return !k.parts.mayOccur(text)
}

// mayName reports whether a secret may stand in the text that its name gives away.
func mayName(text []byte) bool { return classesIn(text)&assigns != 0 && hasStem(text) }

// stemsByFirst are the stems by their first letter.
var stemsByFirst = func() (by [256][]string) {
	for _, stem := range stems {
		by[stem[0]] = append(by[stem[0]], stem)
	}
	return by
}()

// hasStem reports whether the text has a part of a secret's name, in any case.
func hasStem(text []byte) bool {
	for i, b := range text {
		for _, stem := range stemsByFirst[b|0x20] {
			if beginsWith(text[i:], stem) {
				return true
			}
		}
	}
	return false
}

// beginsWith reports whether a text begins with a word of small letters, in any case. |0x20 makes a letter a small one, and
// no other byte a letter.
func beginsWith(text []byte, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		if text[i]|0x20 != word[i] {
			return false
		}
	}
	return true
}

func isASCII(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// parts tells texts in which none of the known secrets can be. Wherever in a text a secret is, every stride bytes there
// stands one of the parts near its beginning: the first look is for those (a Bloom filter of one hash), the second, where
// it found something, for the beginning itself.
type parts struct {
	shift      int
	bits       []uint64
	beginnings map[[beginning]byte]struct{}
}

const (
	partLength = 4
	// beginning is as long as the shortest secret that is looked for anywhere.
	beginning = shortSecret
	stride    = beginning - partLength + 1
	// bitsPerPart makes one of a hundred other parts look like one of a secret.
	bitsPerPart = 100
	maxBits     = 23 // 1 MB
)

// partsOf returns the parts of texts of at least beginning bytes each.
func partsOf(texts []string) parts {
	if len(texts) == 0 {
		return parts{}
	}
	log := min(bits.Len(uint(bitsPerPart*stride*len(texts))), maxBits) //nolint:gosec // not negative
	p := parts{shift: 32 - log, bits: make([]uint64, 1<<max(log-6, 0)), beginnings: map[[beginning]byte]struct{}{}}
	for _, text := range texts {
		p.beginnings[[beginning]byte([]byte(text[:beginning]))] = struct{}{}
		for i := range stride {
			at := p.place([]byte(text[i : i+partLength]))
			p.bits[at/64] |= 1 << (at % 64)
		}
	}
	return p
}

func (p parts) place(part []byte) uint32 {
	return binary.LittleEndian.Uint32(part) * 2654435769 >> p.shift // Knuth's multiplicative hash
}

// mayOccur is false only if none of the texts is in this one.
func (p parts) mayOccur(text []byte) bool {
	if p.bits == nil {
		return false
	}
	for i := 0; i+partLength <= len(text); i += stride {
		if at := p.place(text[i:]); p.bits[at/64]&(1<<(at%64)) != 0 && p.beginsAround(text, i) {
			return true
		}
	}
	return false
}

// beginsAround reports whether one of the texts may begin at a place or less than stride before it.
func (p parts) beginsAround(text []byte, place int) bool {
	for i := max(0, place-stride+1); i <= place && i+beginning <= len(text); i++ {
		if _, is := p.beginnings[[beginning]byte(text[i:])]; is {
			return true
		}
	}
	return false
}
