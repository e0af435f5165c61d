package main

import (
	"fmt"
	"strings"

	"golang.org/x/mod/semver"
)

// checkVersion returns an error unless the version has the form of a release's tag: v1.2.3, or v1.2.3-rc.1 for a
// pre-release, which no moving tag follows.
func checkVersion(version string) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version {
		return fmt.Errorf("invalid version %q: it must have the form v1.2.3 or v1.2.3-rc.1", version)
	}
	return nil
}

// moving returns the tags that move to the version: v1 if it is the newest v1.x release, v1.2 if it is the newest v1.2.x
// release. So a backport moves v1.2 and not v1, and a pre-release moves no tag.
func moving(version string, released []string) []string {
	var tags []string
	for _, tag := range []string{semver.Major(version), semver.MajorMinor(version)} {
		if isNewest(version, within(released, tag)) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// isNewest reports whether the version is not a pre-release and no release among the others is newer. Pre-releases
// among the others do not count.
func isNewest(version string, others []string) bool {
	if semver.Prerelease(version) != "" {
		return false
	}
	for _, other := range others {
		if semver.Prerelease(other) == "" && semver.Compare(other, version) > 0 {
			return false
		}
	}
	return true
}

// within returns those versions that a tag such as v1 or v1.2 covers.
func within(versions []string, tag string) []string {
	var found []string
	for _, version := range versions {
		if strings.HasPrefix(version, tag+".") {
			found = append(found, version)
		}
	}
	return found
}

// before returns the newest of the versions that is older than the given one, or "". For a final version, pre-releases
// do not count: its changes are those since the last final version.
func before(version string, versions []string) string {
	newest := ""
	for _, other := range versions {
		if semver.Prerelease(version) == "" && semver.Prerelease(other) != "" {
			continue
		}
		if semver.Compare(other, version) < 0 && (newest == "" || semver.Compare(other, newest) > 0) {
			newest = other
		}
	}
	return newest
}
