package action

import (
	"encoding/json"
	"io"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

// showDryRun shows the very request that would go out, without its key, and sends nothing.
func (r *run) showDryRun(request orchestrator.Request) error {
	r.dryRun = true
	r.story.Say("Dry run: nothing is sent.")
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

// printDocument prints the server's own JSON, or ours, redacted.
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

// atOnce is how many documents of a list are laid out before they are written: those of a list are many.
const atOnce = 64

// printList prints the server's own documents as the list of an object. All of them have been learned from, so that none
// shows a secret of another.
func (r *run) printList(found []*listed) error {
	r.printed = true
	out := r.Pipeline.Stdout()
	if _, err := io.WriteString(out, "{\n  \"lifecycles\": ["); err != nil {
		return err
	}
	var texts [atOnce][]byte
	end, separator := "", "\n    "
	for some := range slices.Chunk(found, atOnce) {
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for i, one := range some {
			group.Go(func() (err error) {
				texts[i], err = r.appendPacked(texts[i][:0], one.document)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for i := range some {
			if _, err := io.WriteString(out, separator); err != nil {
				return err
			}
			if _, err := out.Write(texts[i]); err != nil {
				return err
			}
			separator, end = ",\n    ", "\n  "
		}
	}
	_, err := io.WriteString(out, end+"]\n}\n")
	return err
}

// appendPacked appends a document of a list, redacted and laid out.
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
