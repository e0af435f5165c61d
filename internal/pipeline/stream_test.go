package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reader is the destination of a stream. Its writes block until open is closed.
type reader struct {
	mu   sync.Mutex
	text bytes.Buffer
	open chan struct{}
}

func newReader() *reader { return &reader{open: make(chan struct{})} }

func (r *reader) Write(p []byte) (int, error) {
	<-r.open
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func TestAReaderThatStopsHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReader()
		s := &stream{to: r, isProgress: true}
		begun := time.Now()
		var said strings.Builder
		for i := range 100 {
			line := fmt.Sprintf("line %d\n", i)
			said.WriteString(line)
			require.NoError(t, s.write(line))
		}
		assert.Equal(t, readerLimit, time.Since(begun), "it is waited for once")
		close(r.open)
		require.NoError(t, s.flush())
		assert.Equal(t, said.String(), r.text.String(), "in order, and whole")
	})
}

func TestAStoryThatNobodyReadsIsBoundedAndSaysWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReader()
		s := &stream{to: r, isProgress: true}
		line := strings.Repeat(strings.Repeat("x", 511)+"\n", 2)
		for range 3 * maxPending / len(line) {
			require.NoError(t, s.write(line))
		}
		assert.LessOrEqual(t, s.size, maxPending)
		begun := time.Now()
		require.NoError(t, s.flush())
		assert.Equal(t, flushLimit, time.Since(begun), "nobody is waited for at the end")
		close(r.open)
		synctest.Wait()
		require.NoError(t, s.write("after\n"))
		assert.Contains(t, r.text.String(), "4096 lines were dropped")
		assert.True(t, strings.HasSuffix(r.text.String(), "\nafter\n"))
	})
}

func TestAResultWaitsForItsReaderUntilTheCommandHasToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ending := newReader(), make(chan struct{})
		s := &stream{to: r, ending: ending}
		result := strings.Repeat("r", maxPending)
		require.NoError(t, s.write(result))
		go func() {
			time.Sleep(time.Hour)
			close(r.open)
		}()
		require.NoError(t, s.write("more\n"), "an hour later")
		require.NoError(t, s.flush())
		assert.Equal(t, result+"more\n", r.text.String())

		stuck := &stream{to: newStuck(t), ending: ending}
		require.NoError(t, stuck.write(result))
		go func() {
			time.Sleep(time.Minute)
			close(ending)
		}()
		begun := time.Now()
		require.Error(t, stuck.write("more\n"))
		require.NoError(t, stuck.flush())
		assert.Equal(t, time.Minute+flushLimit, time.Since(begun))
	})
}

// newStuck returns a destination whose writes block until the test is over.
func newStuck(t *testing.T) io.Writer {
	r := newReader()
	t.Cleanup(func() { close(r.open) })
	return r
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestAReaderThatIsGoneIsNoFailureAndAFullDiskIs(t *testing.T) {
	for _, gone := range []error{syscall.EPIPE, syscall.EIO, io.ErrClosedPipe} {
		s := &stream{to: failing{fmt.Errorf("write: %w", gone)}}
		for range 3 {
			require.NoError(t, s.write("x\n"))
		}
		require.NoError(t, s.flush())
	}
	s := &stream{to: failing{syscall.ENOSPC}}
	require.ErrorIs(t, s.write("x\n"), syscall.ENOSPC)
	require.ErrorIs(t, errors.Join(s.write("x\n"), s.flush()), syscall.ENOSPC)
}
