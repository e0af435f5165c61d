package action

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/klauspost/compress/s2"
)

// packer keeps the documents of a list small until they are printed. The order of a list is known only once all of it
// was read, and a list of 100 MB must not take as much memory: packed it has a quarter of that. The documents hold secrets,
// and wait nowhere but in memory. It is safe for concurrent use.
type packer struct {
	once sync.Once
	// like is the document that was packed first: the others resemble it.
	like *s2.Dict
}

// packed is a document that waits to be printed.
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
	if p.like == nil { // it is too short for that
		return bytes.Clone(s2.Encode((*space)[:cap(*space)], document))
	}
	return bytes.Clone(p.like.Encode((*space)[:cap(*space)], document))
}

// unpack returns the document, in space where that is large enough.
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

// spaces are where documents are packed and unpacked.
var spaces = sync.Pool{New: func() any { return new([]byte) }}
