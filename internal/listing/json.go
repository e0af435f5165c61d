package listing

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/org/ami-action/internal/outcome"
)

// atOnce is how many documents of a list are formatted at a time, while the ones before them are written.
const atOnce = 64

// WriteJSON writes the server's documents as a list in a JSON object. The redactor has learned the secrets of all of them,
// so none shows a secret of another.
func (l *Listing) WriteJSON(out io.Writer) error {
	if _, err := io.WriteString(out, "{\n  \"lifecycles\": ["); err != nil {
		return err
	}
	separator := "\n    "
	write := func(some *layout) error {
		texts, err := some.wait()
		for i := 0; i < len(texts) && err == nil; i++ {
			if _, err = io.WriteString(out, separator); err == nil {
				_, err = out.Write(texts[i])
			}
			separator = ",\n    "
		}
		return err
	}
	before, next := &layout{}, &layout{}
	for some := range slices.Chunk(l.documents, atOnce) {
		next.begin(l, some)
		if err := write(before); err != nil {
			_, _ = next.wait()
			return err
		}
		before, next = next, before
	}
	if err := write(before); err != nil {
		return err
	}
	end := "]\n}\n"
	if len(l.documents) > 0 {
		end = "\n  " + end
	}
	_, err := io.WriteString(out, end)
	return err
}

// layout is a part of a list that is being formatted. It is reused for one part after another.
type layout struct {
	group errgroup.Group
	texts [atOnce][]byte
	n     int
}

func (l *layout) begin(of *Listing, some []packed) {
	l.group, l.n = errgroup.Group{}, len(some)
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		l.group.Go(func() (err error) {
			for i := int(next.Add(1)) - 1; i < len(some) && err == nil; i = int(next.Add(1)) - 1 {
				l.texts[i], err = of.append(l.texts[i][:0], some[i])
			}
			return err
		})
	}
}

func (l *layout) wait() ([][]byte, error) { return l.texts[:l.n], l.group.Wait() }

// append appends a document of a list, redacted and formatted. It runs in goroutines, where a panic would end the process
// without an error message, so it returns an error instead.
func (l *Listing) append(out []byte, document packed) (text []byte, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = &outcome.Error{
				Kind: outcome.Internal, Reason: fmt.Sprintf("a document of the list cannot be formatted: %v", fault),
				Hint: "nothing was sent; this is a bug in ami-action: please report it",
			}
		}
	}()
	space := spaces.Get().(*[]byte)
	defer spaces.Put(space)
	raw, err := l.packer.unpack(*space, document)
	if err != nil {
		return nil, err
	}
	*space = raw
	return l.redactor.AppendIndented(out, raw, "    ")
}
