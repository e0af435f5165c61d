package pipeline

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// maxPending is how many bytes are kept for a reader that has stopped reading.
	maxPending = 1 << 20
	// readerLimit is how long a write waits for the reader. If that is not enough, later writes do not wait until the
	// reader has caught up.
	readerLimit = 200 * time.Millisecond
	// flushLimit is how long the last lines wait for the reader once the command has to end.
	flushLimit = time.Second
)

// stream is stdout or stderr. The reader of the stream may stop reading, but that must not block the wait of the command,
// nor its end after a signal. So a goroutine does the writing, and text that cannot be written yet is kept. If the reader
// has closed the stream, the text is dropped, which is not an error.
type stream struct {
	to io.Writer
	// ending is closed when the command has to end soon.
	ending <-chan struct{}
	// isProgress is set for stderr. Text on stderr may be dropped if it is not read, but a result may not.
	isProgress bool

	mu      sync.Mutex
	pending []string
	size    int           // the size of pending in bytes
	lost    int           // how many lines were dropped since the last write that was kept
	drained chan struct{} // closed when everything is written; nil if nothing is pending
	stuck   bool          // the reader did not keep up
	closed  bool          // the reader has closed the stream
	err     error         // another error, after which nothing can be written
}

// write writes whole lines. It waits a moment for a slow reader. If too much is pending, text on stderr is dropped, but a
// result waits until there is room or the command has to end.
func (s *stream) write(text string) error {
	s.mu.Lock()
	for s.drained != nil && s.size+len(text) > maxPending {
		if s.isProgress {
			s.lost += strings.Count(text, "\n")
			s.mu.Unlock()
			return nil
		}
		drained := s.drained
		s.mu.Unlock()
		select {
		case <-drained:
		case <-s.ending:
			return errors.New("the reader of stdout has stopped reading")
		}
		s.mu.Lock()
	}
	if s.closed || s.err != nil {
		defer s.mu.Unlock()
		return s.err
	}
	if s.lost > 0 {
		text = fmt.Sprintf("[%d lines were dropped: the reader was too slow]\n", s.lost) + text
		s.lost = 0
	}
	s.pending, s.size = append(s.pending, text), s.size+len(text)
	if s.drained == nil {
		s.drained = make(chan struct{})
		go s.drain(s.drained)
	}
	drained, stuck := s.drained, s.stuck
	s.mu.Unlock()
	if !stuck && !within(drained, readerLimit) {
		s.mu.Lock()
		s.stuck = s.drained != nil
		s.mu.Unlock()
	}
	return s.failure()
}

// drain writes what is pending, and then returns.
func (s *stream) drain(drained chan struct{}) {
	defer close(drained)
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.pending) > 0 && !s.closed && s.err == nil {
		text := s.pending[0]
		s.mu.Unlock()
		_, err := io.WriteString(s.to, text)
		s.mu.Lock()
		s.pending, s.size = s.pending[1:], s.size-len(text)
		s.closed = isClosed(err)
		if err != nil && !s.closed {
			s.err = err
		}
	}
	s.pending, s.size, s.stuck, s.drained = nil, 0, false, nil
}

// isClosed reports whether err means that the reader of the stream is gone: a pipe was closed, or the terminal.
func isClosed(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EBADF) ||
		errors.Is(err, fs.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}

// flush waits until everything is written: on stderr at most for flushLimit, and for a result as long as it takes, but
// at most for flushLimit once the command has to end.
func (s *stream) flush() error {
	s.mu.Lock()
	drained := s.drained
	s.mu.Unlock()
	if drained != nil {
		if !s.isProgress {
			select {
			case <-drained:
			case <-s.ending:
			}
		}
		within(drained, flushLimit)
	}
	return s.failure()
}

func (s *stream) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// within waits until done is closed, at most for limit, and reports whether it was closed.
func within(done <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
