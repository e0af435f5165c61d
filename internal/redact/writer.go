package redact

import (
	"bytes"
	"io"
	"sync"
)

// Writer returns a writer that redacts text and writes it to w. It collects whole lines, so that a secret split over
// several writes is still found. Each write to w has whole lines; Close writes an incomplete last line. Close does not
// close w. The writer is safe for concurrent use.
func (r *Redactor) Writer(w io.Writer) io.WriteCloser { return &lineWriter{redactor: r, to: w} }

type lineWriter struct {
	mu       sync.Mutex
	redactor *Redactor
	to       io.Writer
	line     bytes.Buffer // the incomplete last line
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := bytes.LastIndexByte(p, '\n') + 1
	if end == 0 {
		return w.line.Write(p)
	}
	w.line.Write(p[:end])
	err := w.flush()
	w.line.Write(p[end:])
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *lineWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush()
}

func (w *lineWriter) flush() error {
	if w.line.Len() == 0 {
		return nil
	}
	text := w.redactor.Text(w.line.String())
	w.line.Reset()
	_, err := io.WriteString(w.to, text)
	return err
}
