// Package buildinfo returns the version of this repository from which the program was built.
package buildinfo

import (
	_ "embed"
	"encoding/json"
	"runtime/debug"
	"strings"
)

// The linker sets these in builds that cannot read the repository: in the image, and in the archives of a release.
var (
	version string
	commit  string
	date    string
)

// Info is the version from which a program was built. Fields that are unknown are empty.
type Info struct {
	// Version is a tag such as v1.2.3, or a pseudo-version of the go command.
	Version string `json:"version"`
	// Commit is the full hash of the commit.
	Commit string `json:"commit"`
	// Date is the time of the commit in UTC, in the format of RFC 3339.
	Date string `json:"date"`
}

// released is the record of a release, which is part of the release's commit. A program that the go command installs from
// a module proxy knows its version, but neither its commit nor a date. Between two releases, the record is an empty
// object.
//
//go:embed release.json
var released []byte

// Read returns what this program was built from.
func Read() Info {
	if version != "" {
		return Info{Version: version, Commit: commit, Date: date}
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}
	var release Info
	if err := json.Unmarshal(released, &release); err != nil {
		release = Info{}
	}
	return of(build, release)
}

// of returns the version of a build: the release if the go command reports the same version or none at all, otherwise
// what the go command has read from the repository.
func of(build *debug.BuildInfo, release Info) Info {
	var info Info
	for _, setting := range build.Settings {
		switch setting.Key {
		case "vcs.revision":
			info.Commit = setting.Value
		case "vcs.time":
			info.Date = setting.Value
		}
	}
	info.Version = build.Main.Version
	unnamed := (info.Version == "" || info.Version == "(devel)") && info.Commit == ""
	if release.Version != "" && (unnamed || info.Version == release.Version) {
		return release
	}
	if info.Version == "" {
		info.Version = "(devel)"
	}
	return info
}

// shortCommit is how many digits of a commit's hash are shown.
const shortCommit = 12

// String returns the version with its commit and date, as far as they are known, in one line.
func (i Info) String() string {
	var from []string
	if i.Commit != "" {
		from = append(from, "commit "+i.Commit[:min(shortCommit, len(i.Commit))])
	}
	if i.Date != "" {
		from = append(from, i.Date)
	}
	if len(from) == 0 {
		return i.Version
	}
	return i.Version + " (" + strings.Join(from, ", ") + ")"
}
