package lifecycle

import "time"

// Overview is a summary of a lifecycle, for lists, for pages, and for pipelines that start a job for each lifecycle. Its
// JSON is an item of the output lifecycles.
type Overview struct {
	ID       string `json:"id"`
	Product  string `json:"product"`
	Version  string `json:"version"` // of the product
	StackTag string `json:"stack_tag"`
	// SemanticVersion and AMIs are those of the newest image. AMIs maps a region to an image id. Both are empty while
	// there is no image, or if an id or a region of it is invalid.
	SemanticVersion string            `json:"semantic_version"`
	AMIs            map[string]string `json:"amis"`
	State           Stage             `json:"state"`
	// Event is the documented name of the latest event, and Status is its status. See [Document.Latest].
	Event  string `json:"event"`
	Status Status `json:"status"`
	// Next lists the operations that the rules allow now.
	Next []Operation `json:"next"`
	// AgeDays is the age of the newest image in whole days, or of the lifecycle if there is no usable image.
	AgeDays int `json:"age_days"`

	// Latest is the latest event by its name on the wire. Made is when the newest image was made, or the lifecycle if
	// there is no usable image. Newest is the semantic version of the newest image, usable or not.
	Latest                 Event     `json:"-"`
	Newest                 string    `json:"-"`
	Created, Changed, Made time.Time `json:"-"`
}

// Overview returns the overview of the lifecycle at now. Next is left empty: the rules are in a higher package.
// stall is as in [Document.Stage].
func (d *Document) Overview(now time.Time, stall time.Duration) Overview {
	event, status := d.Latest()
	o := Overview{
		ID: d.ID, Product: d.ProductName, Version: d.ProductVer, StackTag: d.StackTag,
		AMIs: map[string]string{}, State: d.Stage(now, stall), Event: event.String(), Latest: event, Status: status, Next: []Operation{},
		Created: d.Created.Time, Changed: d.Changed(), Made: d.Created.Time,
	}
	version := d.CurrentVersion()
	o.Newest = version.SemanticVersion()
	if version.Image.Contradiction() == "" {
		o.SemanticVersion = o.Newest
		for _, ami := range version.AMIs() {
			if _, known := o.AMIs[ami.Region]; !known {
				o.AMIs[ami.Region] = ami.ID // the first image of a region is in the orchestrator's own account
			}
		}
		if version.Image != nil && !version.Image.StatusDate.IsZero() {
			o.Made = version.Image.StatusDate.Time
		}
	}
	if !o.Made.IsZero() { // a zero time is a date that cannot be read
		o.AgeDays = max(0, int(now.Sub(o.Made)/(24*time.Hour)))
	}
	return o
}
