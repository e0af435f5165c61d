// Package buildinfo says which version of this repository a program was built from.
package buildinfo

import (
	_ "embed"
	"encoding/json"
	"runtime/debug"
	"strings"
)

// The linker stamps these where the build has no repository to read: in the image, and in a release's archives.
var (
	version string
	commit  string
	date    string
)

// Info is what a program was built from. Whatever is unknown is empty.
type Info struct {
	// Version is a tag such as v1.2.3, or a pseudo-version of the go command.
	Version string `json:"version"`
	// Commit is the hash of the commit, in full.
	Commit string `json:"commit"`
	// Date is the time of the commit, in UTC, as RFC 3339 has it.
	Date string `json:"date"`
}

// released is what the commit of a release says about itself: the go command tells a program that it installs from
// a module proxy its version, but neither its commit nor a date. Between two releases it is an empty object.
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

// of tells what a build is of: the release, where the go command names the same version or none at all, and else
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

// shortCommit is how much of a commit's hash a person needs.
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
