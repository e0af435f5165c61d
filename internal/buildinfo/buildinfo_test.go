package buildinfo

import (
	"encoding/json"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func build(version string, settings ...string) *debug.BuildInfo {
	info := &debug.BuildInfo{Main: debug.Module{Version: version}}
	for i := 0; i < len(settings); i += 2 {
		info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
	}
	return info
}

func TestOf(t *testing.T) {
	release := Info{Version: "v1.2.3", Commit: "0123456789abcdef", Date: "2026-11-25T13:00:00Z"}
	for name, test := range map[string]struct {
		build   *debug.BuildInfo
		release Info
		want    Info
	}{
		"go install of a release": {build("v1.2.3"), release, release},
		"go install of a branch that a release is on": {
			build("v1.2.4-0.20261126100000-abcdefabcdef"), release, Info{Version: "v1.2.4-0.20261126100000-abcdefabcdef"},
		},
		"go build in a checkout": {
			build("v1.2.4-0.20261126100000-abcdefabcdef", "vcs.revision", "abcdefabcdef", "vcs.time", "2026-11-26T10:00:00Z"), release,
			Info{Version: "v1.2.4-0.20261126100000-abcdefabcdef", Commit: "abcdefabcdef", Date: "2026-11-26T10:00:00Z"},
		},
		"go build in a changed checkout of a release": {
			build("v1.2.3+dirty", "vcs.revision", "0123", "vcs.time", "2026-11-25T13:00:00Z"), release,
			Info{Version: "v1.2.3+dirty", Commit: "0123", Date: "2026-11-25T13:00:00Z"},
		},
		"a release's files without their repository": {build("(devel)"), release, release},
		"go run": {build(""), Info{}, Info{Version: "(devel)"}},
		"a test's program, which has no build at all": {build(""), release, release},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, of(test.build, test.release)) })
	}
}

func TestString(t *testing.T) {
	assert.Equal(t, "v1.2.3 (commit 0123456789ab, 2026-11-25T13:00:00Z)",
		Info{Version: "v1.2.3", Commit: "0123456789abcdef", Date: "2026-11-25T13:00:00Z"}.String())
	assert.Equal(t, "v1.2.3 (commit 01)", Info{Version: "v1.2.3", Commit: "01"}.String())
	assert.Equal(t, "(devel)", Info{Version: "(devel)"}.String())
}

func TestTheRecordOfAReleaseCanBeRead(t *testing.T) {
	var release Info
	require.NoError(t, json.Unmarshal(released, &release))
}
