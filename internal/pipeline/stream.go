package pipeline

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"syscall"
	"time"
)

const (
	// maxPending is how many bytes wait for a reader that does not read.
	maxPending = 1 << 20
	// readerLimit is how long a write waits for its reader. A reader that takes longer is waited for no more
	// until it has caught up.
	readerLimit = 200 * time.Millisecond
	// flushLimit is how long the last lines wait for their reader once the command has to end.
	flushLimit = time.Second
)

// stream is stdout or stderr. Its reader can stop to read, which must not keep the command from its wait, or
// from its end after a signal: a goroutine writes, and what it cannot write waits. A reader that is gone is
// no reason to fail either: what it would have read is dropped.
type stream struct {
	to io.Writer
	// ending is closed when the command has to end soon.
	ending <-chan struct{}
	// isStory is set for stderr: a part of the story may get lost when nobody reads, a result may not.
	isStory bool

	mu      sync.Mutex
	pending []string
	size    int           // of pending, in bytes
	lost    int           // how many writes were dropped since the last one that was kept
	drained chan struct{} // is closed when all is written; nil when nothing is pending
	stuck   bool          // the reader did not keep up
	closed  bool          // the reader is gone
	err     error         // another reason why nothing more can be written
}

// write writes a text of whole lines. It waits for a slow reader for a moment; a result waits longer where too
// much is pending, until the command has to end.
func (s *stream) write(text string) error {
	s.mu.Lock()
	for s.drained != nil && s.size+len(text) > maxPending {
		if s.isStory {
			s.lost++
			s.mu.Unlock()
			return nil
		}
		drained := s.drained
		s.mu.Unlock()
		select {
		case <-drained:
		case <-s.ending:
			return errors.New("nobody reads the result")
		}
		s.mu.Lock()
	}
	if s.closed || s.err != nil {
		defer s.mu.Unlock()
		return s.err
	}
	if s.lost > 0 {
		text = fmt.Sprintf("[%d lines were left out here: nobody read them in time]\n", s.lost) + text
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

// drain writes what is pending, and ends.
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

// isClosed reports whether the reader of a stream is gone: a pipe's, or the terminal itself.
func isClosed(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EBADF) ||
		errors.Is(err, fs.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}

// flush waits until all is written: for a result as long as it takes, unless the command has to end.
func (s *stream) flush() error {
	s.mu.Lock()
	drained := s.drained
	s.mu.Unlock()
	if drained != nil {
		if !s.isStory {
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

// within reports whether the channel is closed before the time is over.
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
