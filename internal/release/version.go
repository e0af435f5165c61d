package main

import (
	"fmt"
	"strings"

	"golang.org/x/mod/semver"
)

// checkVersion wants the form that tags of releases have: v1.2.3, or v1.2.3-rc.1 for one that nobody gets unasked.
func checkVersion(version string) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version {
		return fmt.Errorf("invalid version %q: it must have the form v1.2.3 or v1.2.3-rc.1", version)
	}
	return nil
}

// moving returns the tags that follow the version, such as v1 and v1.2: those for which it is the newest of all
// that are released. A backport moves v1.2 and leaves v1 where it is. A pre-release moves none.
func moving(version string, released []string) []string {
	var tags []string
	for _, tag := range []string{semver.Major(version), semver.MajorMinor(version)} {
		if isNewest(version, within(released, tag)) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// isNewest reports whether the version is no pre-release, and no version of the others is newer. Pre-releases among
// the others do not count.
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

// within returns the versions that a tag such as v1 or v1.2 stands for.
func within(versions []string, tag string) []string {
	var found []string
	for _, version := range versions {
		if strings.HasPrefix(version, tag+".") {
			found = append(found, version)
		}
	}
	return found
}

// before returns the newest of the versions that is older than the version, or "". What a final version changes is
// counted from the last final one.
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
