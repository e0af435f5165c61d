package watch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// images holds the image of each phase that the wait is about, as soon as it is known. Another job may start a new patch
// during the wait, and a build that was requested twice ends twice. The results after that are those of another image,
// so they do not answer the request. The zero images is ready for use.
type images map[lifecycle.Phase]string

// check compares the image of each phase with the one that was known before. If it is another one, the first requested
// event of the phase becomes Errored. before is the document just before the events were requested, or nil.
func (i *images) check(before, now *lifecycle.Document, judged Judgements) {
	for at := range judged {
		phase := judged[at].Event.Phase()
		if phase == "" || slices.ContainsFunc(judged[:at], func(j Judgement) bool { return j.Event.Phase() == phase }) {
			continue
		}
		builder := phase.Order()[0] // the build or the patch, which makes the image
		current := imageOf(now, phase)
		known, isKnown := (*i)[phase]
		if !isKnown {
			switch made := judged.Of(builder); {
			case made != nil && made.State == Completed:
				known = current
			case made == nil:
				known = cmp.Or(imageOf(before, phase), current)
			}
		}
		if known == "" {
			continue
		}
		if *i == nil {
			*i = images{}
		}
		(*i)[phase] = known
		if current != "" && current != known {
			judged[at].State = Errored
			judged[at].Reason = fmt.Sprintf("its image was %s, but another %s has replaced it with %s", known, builder, current)
		}
	}
}

// imageOf returns the ids of the images of the phase in the document, or "" if a build or a patch has not made any.
func imageOf(document *lifecycle.Document, phase lifecycle.Phase) string {
	version := document.VersionOf(phase)
	if version.Image == nil || version.Image.Status != lifecycle.Completed {
		return ""
	}
	var ids []string
	for _, ami := range version.AMIs() {
		ids = append(ids, ami.ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}
