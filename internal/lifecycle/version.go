package lifecycle

import "slices"

// Version is one version of a lifecycle's image: the one that was built, or one that a patch made of it.
type Version struct {
	// Phase says what made it: Creation for the build, Patching for a patch.
	Phase Phase
	// Image is the result that made it, Scan that of its vulnerability scan; nil where there is none.
	Image, Scan *Result

	results []Result
}

// ResultOf returns the newest result that the event has for this version, or nil where it has none.
func (v Version) ResultOf(event Event) *Result { return NewestOf(v.results, event) }

// AMIs returns the images of the version, one a region and account.
func (v Version) AMIs() []AMI {
	if v.Image == nil {
		return nil
	}
	return v.Image.AMIs
}

// SemanticVersion returns the version's number, such as 2.1.0, or "" while there is no image.
func (v Version) SemanticVersion() string {
	if amis := v.AMIs(); len(amis) > 0 {
		return amis[0].SemanticVersion
	}
	return ""
}

// Findings returns what the version's scan found, or nil where no scan has completed.
func (v Version) Findings() *Findings {
	if v.Scan == nil {
		return nil
	}
	return v.Scan.Findings
}

// VersionOf returns the version that the phase has made: the build's, or the current patch's. It is empty
// while there is none. A patch that is in progress, or that ended in an error, has made none yet: until it
// completes, the results of the patch before it stand in the document (docs/wire-contract.md, "Order and
// versions").
func (d *Document) VersionOf(phase Phase) Version {
	version := Version{Phase: phase}
	if phase == Patching && d.IsPatching() {
		return version
	}
	return versionIn(phase, d.Results(phase))
}

// CurrentVersion returns the lifecycle's newest version that has an image: the current patch's, else that of
// the patch before it, else the build's.
func (d *Document) CurrentVersion() Version {
	for _, version := range slices.Backward(d.Versions()) {
		if len(version.AMIs()) > 0 {
			return version
		}
	}
	return Version{Phase: Creation}
}

// Versions returns every version that the document knows, oldest first.
func (d *Document) Versions() []Version {
	versions := []Version{versionIn(Creation, d.Results(Creation))}
	if d == nil {
		return versions
	}
	for _, patch := range d.PatchOutputs.History.Historical {
		versions = append(versions, versionIn(Patching, patch.Events))
	}
	if current := d.PatchOutputs.History.Current; current != nil {
		versions = append(versions, versionIn(Patching, current.Events))
	}
	return versions
}

// IsPatching reports whether a patch was started whose result is not there: it is in progress, or it ended
// in an error.
func (d *Document) IsPatching() bool {
	return d != nil && d.Running != nil && d.Running.Name == PatchAMI
}

func versionIn(phase Phase, results []Result) Version {
	version := Version{Phase: phase, results: results}
	for i := range results {
		result := &results[i]
		switch {
		case result.Name == BuildAMI || result.Name == PatchAMI:
			version.Image = result
		case result.Name.IsScan() && result.Status == Completed:
			version.Scan = result
		}
	}
	return version
}
