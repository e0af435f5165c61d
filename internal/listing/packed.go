package listing

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/klauspost/compress/s2"
)

// packer compresses the documents of a list until they are printed. The order of a list is known only when all of it has
// been read, and a list of 100 MB must not take as much memory: compressed it takes a quarter. The documents contain
// secrets, so they are kept in memory only. A packer is safe for concurrent use.
type packer struct {
	once sync.Once
	// like is a dictionary made of the first document, because the others resemble it. It is nil if that is too short.
	like *s2.Dict
}

// packed is a compressed document that has yet to be printed.
type packed []byte

func (p *packer) pack(document []byte) packed {
	p.once.Do(func() {
		p.like = s2.MakeDict(bytes.Clone(document[:min(len(document), s2.MaxDictSize)]), nil)
	})
	space := spaces.Get().(*[]byte)
	defer spaces.Put(space)
	if need := s2.MaxEncodedLen(len(document)); cap(*space) < need {
		*space = make([]byte, need)
	}
	if p.like == nil { // the first document is too short for a dictionary
		return bytes.Clone(s2.Encode((*space)[:cap(*space)], document))
	}
	return bytes.Clone(p.like.Encode((*space)[:cap(*space)], document))
}

// unpack returns the document. It uses space if that is large enough.
func (p *packer) unpack(space []byte, document packed) (raw []byte, err error) {
	if p.like == nil {
		raw, err = s2.Decode(space[:cap(space)], document)
	} else {
		raw, err = p.like.Decode(space[:cap(space)], document)
	}
	if err != nil {
		return nil, fmt.Errorf("a document of the list cannot be unpacked: %w", err)
	}
	return raw, nil
}

// spaces pools the buffers in which documents are packed and unpacked.
var spaces = sync.Pool{New: func() any { return new([]byte) }}
