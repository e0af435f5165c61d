package pipeline

import (
	"bytes"
	"io"
	"sync"
)

// lines passes what is written to it on in whole lines. Close passes on an unfinished line. It is safe for concurrent
// use.
type lines struct {
	mu   sync.Mutex
	to   io.Writer
	line bytes.Buffer // the unfinished line
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
