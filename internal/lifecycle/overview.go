package lifecycle

import "time"

// Overview is a lifecycle in the few facts that a list, a page and a pipeline that fans out need. Its JSON is a member of
// the output lifecycles.
type Overview struct {
	ID       string `json:"id"`
	Product  string `json:"product"`
	Version  string `json:"version"` // of the product
	StackTag string `json:"stack_tag"`
	// SemanticVersion and AMIs, by region, are those of the newest image that is usable; empty while there is none.
	SemanticVersion string            `json:"semantic_version"`
	AMIs            map[string]string `json:"amis"`
	State           Stage             `json:"state"`
	// Event is the documented name of the event that the lifecycle came to last, Status how it stands.
	Event  string `json:"event"`
	Status Status `json:"status"`
	// Next are the operations that the rules allow now.
	Next []Operation `json:"next"`
	// AgeDays is the age of the newest image in whole days; while there is none, that of the lifecycle.
	AgeDays int `json:"age_days"`

	// Latest is Event as the wire has it; Made is when the newest image was made, and Newest its version, usable or not.
	Latest                 Event     `json:"-"`
	Newest                 string    `json:"-"`
	Created, Changed, Made time.Time `json:"-"`
}

// Overview returns the facts of the lifecycle but what the rules allow next. stall is as in [Document.Stage].
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
				o.AMIs[ami.Region] = ami.ID // a region's first image is of the orchestrator's own account
			}
		}
		if version.Image != nil && !version.Image.StatusDate.IsZero() {
			o.Made = version.Image.StatusDate.Time
		}
	}
	if !o.Made.IsZero() { // a date that cannot be read says nothing
		o.AgeDays = max(0, int(now.Sub(o.Made)/(24*time.Hour)))
	}
	return o
}
