package lifecycle

import "slices"

// Version is one version of a lifecycle's image: the one from the build, or one from a patch.
type Version struct {
	// Phase is Creation for the version from the build, and Patching for one from a patch.
	Phase Phase
	// Image is the result of the build or patch, and Scan the completed result of the vulnerability scan. Each is nil
	// if there is none.
	Image, Scan *Result

	results []Result
}

// ResultOf returns the newest result of the event for this version, or nil if it has none.
func (v Version) ResultOf(event Event) *Result { return NewestOf(v.results, event) }

// AMIs returns the images of the version, one per region and account.
func (v Version) AMIs() []AMI {
	if v.Image == nil {
		return nil
	}
	return v.Image.AMIs
}

// SemanticVersion returns the semantic version, such as 2.1.0, or "" if there is no image.
func (v Version) SemanticVersion() string {
	if amis := v.AMIs(); len(amis) > 0 {
		return amis[0].SemanticVersion
	}
	return ""
}

// Findings returns the findings of the version's scan, or nil if no scan has completed.
func (v Version) Findings() *Findings {
	if v.Scan == nil {
		return nil
	}
	return v.Scan.Findings
}

// VersionOf returns the version of the phase: that of the build, or that of the current patch. It is empty if there is
// none. A patch that is in progress or ended in an error has no version: until it completes, the document still holds
// the results of the patch before it (docs/wire-contract.md, "Order and versions").
func (d *Document) VersionOf(phase Phase) Version {
	version := Version{Phase: phase}
	if phase == Patching && d.IsPatching() {
		return version
	}
	return versionIn(phase, d.Results(phase))
}

// CurrentVersion returns the lifecycle's newest version that has an image: that of the current patch, else of the
// patch before it, and so on back to the build. It is empty if no version has an image.
func (d *Document) CurrentVersion() Version {
	for _, version := range slices.Backward(d.Versions()) {
		if len(version.AMIs()) > 0 {
			return version
		}
	}
	return Version{Phase: Creation}
}

// Versions returns every version in the document, oldest first.
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

// IsPatching reports whether the latest patch has no result: it is in progress, or it ended in an error.
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
