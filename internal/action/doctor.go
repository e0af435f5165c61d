package action

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/org/ami-action/internal/doctor"
	"github.com/org/ami-action/internal/outcome"
)

// Doctor checks what the operations need.
type Doctor interface {
	Examine(ctx context.Context) []doctor.Finding
}

// examine runs the checks of the doctor, shows the findings, and returns an error if a required check failed.
func (r *run) examine(ctx context.Context) error {
	findings := r.Doctor.Examine(ctx)
	failed, required := 0, 0
	var first doctor.Finding
	for _, finding := range findings {
		if !finding.Required {
			continue
		}
		required++
		if finding.Status != doctor.OK {
			if failed++; failed == 1 {
				first = finding
			}
		}
	}
	r.publisher.putSummary(func() string { return doctor.Markdown(findings) })
	if err := r.printFindings(findings, failed == 0); err != nil || failed == 0 {
		return err
	}
	kind := outcome.Unavailable
	if known := outcome.Of(first.Err); known != nil && known.Kind != outcome.Internal {
		kind = known.Kind
	}
	failure := &outcome.Error{
		Kind:   kind,
		Reason: fmt.Sprintf("%d of %d required checks failed; the first is %s: %s", failed, required, first.Name, first.Detail),
		Hint:   first.Hint,
	}
	if first.Statement != nil {
		failure.Hint += ": " + first.Statement.String()
	}
	return failure
}

func (r *run) printFindings(findings []doctor.Finding, isWell bool) error {
	if !r.printsJSON() {
		_, err := fmt.Fprint(r.Pipeline.Stdout(), doctor.Text(findings))
		return err
	}
	text, err := json.Marshal(doctor.Result{OK: isWell, Checks: findings})
	if err != nil {
		return err
	}
	return r.printDocument(text)
}
