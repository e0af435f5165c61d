package action

import (
	"encoding/json"
	"io"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

// showDryRun prints the request that the operation sends without --dryRun, without its key, and sends nothing.
func (r *run) showDryRun(request orchestrator.Request) error {
	r.dryRun = true
	r.progress.Say("Dry run: nothing is sent.")
	preview, err := orchestrator.PreviewOf(request)
	if err != nil {
		return err
	}
	text, err := json.Marshal(struct {
		DryRun    bool                `json:"dry_run"`
		Operation lifecycle.Operation `json:"operation"`
		orchestrator.Preview
	}{true, r.Settings.Operation, preview})
	if err != nil {
		return err
	}
	return r.printDocument(text)
}

// printDocument prints JSON of the server or of this command, redacted.
func (r *run) printDocument(raw []byte) error {
	r.printed = true
	r.Redactor.Learn(raw)
	text, err := r.Redactor.AppendIndented(nil, raw, "")
	if err != nil {
		return err
	}
	_, err = r.Pipeline.Stdout().Write(append(text, '\n'))
	return err
}

// atOnce is how many documents of a list are formatted at a time, while the ones before them are written.
const atOnce = 64

// printList prints the server's documents as a list in a JSON object. The redactor has learned the secrets of all of them,
// so none shows a secret of another.
func (r *run) printList(documents []packed) error {
	r.printed = true
	out := r.Pipeline.Stdout()
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
	for some := range slices.Chunk(documents, atOnce) {
		next.begin(r, some)
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
	if len(documents) > 0 {
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

func (l *layout) begin(r *run, some []packed) {
	l.group, l.n = errgroup.Group{}, len(some)
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		l.group.Go(func() (err error) {
			for i := int(next.Add(1)) - 1; i < len(some) && err == nil; i = int(next.Add(1)) - 1 {
				l.texts[i], err = r.appendPacked(l.texts[i][:0], some[i])
			}
			return err
		})
	}
}

func (l *layout) wait() ([][]byte, error) { return l.texts[:l.n], l.group.Wait() }

// appendPacked appends a document of a list, redacted and formatted.
func (r *run) appendPacked(out []byte, document packed) ([]byte, error) {
	space := spaces.Get().(*[]byte)
	defer spaces.Put(space)
	raw, err := r.packer.unpack(*space, document)
	if err != nil {
		return nil, err
	}
	*space = raw
	return r.Redactor.AppendIndented(out, raw, "    ")
}
