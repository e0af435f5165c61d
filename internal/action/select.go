package action

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/selection"
)

// Images is the look-up table of images.
type Images interface {
	// Images returns all images of a stack tag that the table lists, in no particular order. The table's data may be wrong.
	Images(ctx context.Context, stackTag string) ([]deployment.Image, error)
}

// selectImage outputs the best image that has completed the required event.
func (r *run) selectImage(ctx context.Context) error {
	hasKeys, err := r.readsDocuments(ctx)
	if err != nil {
		return err
	}
	images, err := r.Images.Images(ctx, r.Settings.StackTag)
	if err != nil {
		return err
	}
	selector := selection.Selector{Settings: r.Settings, Progress: r.progress}
	if hasKeys {
		selector.Documents = r.Orchestrator
	}
	selected, err := selector.Select(ctx, images)
	if err != nil {
		return err
	}
	r.handOn(selected.Matches)
	taken := selected.Matches[0]
	if !hasKeys {
		selected.Warnings = append(selected.Warnings, "Only the look-up table was checked. "+config.TableRisk)
	}
	r.selection = &report.Selection{
		AMIID: taken.AMIID, Region: taken.Region, SemanticVersion: taken.SemanticVersion, LifecycleID: taken.LifecycleID,
		Product: strings.TrimSpace(taken.ProductName + " " + taken.ProductVer), Warnings: selected.Warnings, PassedOver: selected.PassedOver,
		Redactor: r.Redactor,
	}
	return nil
}

// readsDocuments reports whether the status documents can be read. If they cannot, it returns an error, unless the
// settings say to trust the table.
func (r *run) readsDocuments(ctx context.Context) (bool, error) {
	if r.Settings.RoleARN != "" {
		r.progress.Warn("Only the look-up table is read, with %s. %s", config.RoleARN.On(r.Settings.Platform), config.TableRisk)
		return false, nil
	}
	err := r.prefetch(ctx)
	if _, isMissing := errors.AsType[*deployment.Error](err); err == nil || !isMissing {
		return err == nil, err
	}
	failure := *outcome.Of(err)
	if r.Settings.TrustTable {
		r.progress.Warn("The status documents cannot be read, so only the look-up table counts: %v. %s", &failure, config.TableRisk)
		return false, nil
	}
	if failure.Kind == outcome.Unavailable {
		failure.Hint = strings.TrimPrefix(fmt.Sprintf("%s; if the API keys are not available, %s trusts the look-up table, which lists refused AMIs as approved",
			failure.Hint, config.TrustTable.On(r.Settings.Platform)), "; ")
	}
	return false, &failure
}

// handOn sets the outputs to the first of the images. The others of its version are in other regions, or in other
// lifecycles.
func (r *run) handOn(fits []selection.Match) {
	taken := fits[0]
	least, _ := lifecycle.ParseMinEvent(r.Settings.MinEvent)
	r.document = taken.Document
	r.record.LifecycleID, r.record.Event = taken.LifecycleID, least.String()
	r.record.SemanticVersion, r.record.AMIID, r.record.AMIRegion = taken.SemanticVersion, taken.AMIID, taken.Region
	if taken.Document != nil {
		r.record.TakeVersion(taken.Version)
		ami := taken.Version.AMIs()[taken.Position()]
		r.record.AMIID, r.record.AMIName, r.record.AMIRegion = ami.ID, ami.Name, ami.Region
	} else {
		for _, other := range fits {
			if other.LifecycleID == taken.LifecycleID {
				r.record.AMIs = append(r.record.AMIs, lifecycle.AMI{ID: other.AMIID, Region: other.Region, SemanticVersion: other.SemanticVersion})
			}
		}
	}
	r.outputs.SetRecord(&r.record)
	if !r.printsJSON() {
		fmt.Fprintln(r.Pipeline.Stdout(), r.record.AMIID)
	}
	r.progress.Say("Selected %s.", taken)
}
