package pipeline

import (
	"bytes"
	"io"
	"sync"
)

// lines hands on what is written to it in whole lines; Close hands on an unfinished one. It is safe for
// concurrent use.
type lines struct {
	mu   sync.Mutex
	to   io.Writer
	line bytes.Buffer // what has no end yet
}

func (w *lines) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := bytes.LastIndexByte(p, '\n') + 1
	w.line.Write(p[:end])
	var err error
	if end > 0 {
		err = w.flush()
	}
	w.line.Write(p[end:])
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *lines) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush()
}

func (w *lines) flush() error {
	if w.line.Len() == 0 {
		return nil
	}
	_, err := w.to.Write(w.line.Bytes())
	w.line.Reset()
	return err
}
