package action

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// packed is a document that waits to be printed. The order of a list is known only once all of it was read, and a list of
// 100 MB must not take as much memory: packed it has a third of that. It is kept nowhere but there, since it holds secrets.
type packed []byte

// codec returns what packs and unpacks, made when it is used first: its tables have a megabyte.
var codec = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) {
	processors := runtime.GOMAXPROCS(0)
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(processors),
		zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(64<<10))
	if err != nil {
		panic("action: the options of zstd contradict each other: " + err.Error())
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(processors), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic("action: the options of zstd contradict each other: " + err.Error())
	}
	return encoder, decoder
})

func pack(document []byte) packed {
	encoder, _ := codec()
	return append(packed{}, encoder.EncodeAll(document, make([]byte, 0, len(document)/2))...)
}

func (p packed) unpack() ([]byte, error) {
	_, decoder := codec()
	document, err := decoder.DecodeAll(p, nil)
	if err != nil {
		return nil, fmt.Errorf("a document of the list cannot be unpacked: %w", err)
	}
	return document, nil
}
