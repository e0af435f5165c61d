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

// hasAny reports whether the text has a byte of the class.
func hasAny(text []byte, class byte) bool {
	var found byte
	for _, b := range text {
		found |= classes[b]
	}
	return found&class != 0
}

// isFree reports whether [Redactor.Text] would surely leave the text as it is.
func (k *known) isFree(text []byte) bool {
	var found byte
	for _, b := range text {
		found |= classes[b]
	}
	if found&folds != 0 || found&assigns != 0 && hasStem(text) {
		return false
	}
	for _, word := range k.words {
		if bytes.Contains(text, []byte(word)) {
			return false
		}
	}
	return !k.parts.mayOccur(text) || k.marked(string(text)) == string(text)
}

// mayName reports whether a secret may stand in the text that its name gives away.
func mayName(text []byte) bool { return hasAny(text, assigns) && hasStem(text) }

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

// parts is a set of short parts of the known secrets: wherever in a text a secret is, every stride bytes there stands
// one of them. It may say so of others, too (a Bloom filter of one hash).
type parts struct {
	stride int
	shift  int
	bits   []uint64
}

const (
	partLength = 4
	maxStride  = 8
	// bitsPerPart makes one of a hundred other parts look like one of a secret.
	bitsPerPart = 100
	maxBits     = 23 // 1 MB
)

// partsOf returns the set for texts of at least partLength bytes each.
func partsOf(texts []string) parts {
	if len(texts) == 0 {
		return parts{}
	}
	shortest := len(texts[0])
	for _, text := range texts {
		shortest = min(shortest, len(text))
	}
	stride := min(shortest-partLength+1, maxStride)
	log := min(bits.Len(uint(bitsPerPart*stride*len(texts))), maxBits) //nolint:gosec // not negative
	p := parts{stride: stride, shift: 32 - log, bits: make([]uint64, 1<<max(log-6, 0))}
	for _, text := range texts {
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
	if p.stride == 0 {
		return false
	}
	for i := 0; i+partLength <= len(text); i += p.stride {
		if at := p.place(text[i:]); p.bits[at/64]&(1<<(at%64)) != 0 {
			return true
		}
	}
	return false
}
