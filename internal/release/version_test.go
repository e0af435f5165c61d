package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAVersionHasTheFormOfATag(t *testing.T) {
	for _, version := range []string{"v0.1.0", "v1.2.3", "v10.20.30", "v1.2.3-rc.1"} {
		assert.NoError(t, checkVersion(version), version)
	}
	for _, version := range []string{"", "1.2.3", "v1", "v1.2", "v1.2.3.4", "v01.2.3", "v1.2.3+build", "v1.2.x", "v1.2.3 ", "V1.2.3", "latest"} {
		assert.Error(t, checkVersion(version), version)
	}
}

func TestMovingTagsNeverMoveBackwards(t *testing.T) {
	for name, test := range map[string]struct {
		version  string
		released []string
		want     []string
	}{
		"the first of all":                   {"v1.0.0", nil, []string{"v1", "v1.0"}},
		"the next patch":                     {"v1.2.4", []string{"v1.2.3"}, []string{"v1", "v1.2"}},
		"a backport":                         {"v1.2.4", []string{"v1.2.3", "v1.3.0"}, []string{"v1.2"}},
		"a backport to an old major version": {"v1.9.1", []string{"v1.9.0", "v2.0.0"}, []string{"v1", "v1.9"}},
		"ten is more than nine":              {"v1.10.0", []string{"v1.9.0"}, []string{"v1", "v1.10"}},
		"nine is less than ten":              {"v1.9.1", []string{"v1.10.0", "v1.9.0"}, []string{"v1.9"}},
		"a version beside a newer patch":     {"v1.2.3", []string{"v1.2.4"}, nil},
		"v1 is no beginning of v10":          {"v1.0.1", []string{"v10.0.0", "v1.0.0"}, []string{"v1", "v1.0"}},
		"v1.2 is no beginning of v1.20":      {"v1.2.1", []string{"v1.2.0", "v1.20.0"}, []string{"v1.2"}},
		"a pre-release":                      {"v1.3.0-rc.1", []string{"v1.2.3"}, nil},
		"after a pre-release of a later one": {"v1.2.4", []string{"v1.2.3", "v1.3.0-rc.1"}, []string{"v1", "v1.2"}},
		"the same once more":                 {"v1.2.3", []string{"v1.2.3"}, []string{"v1", "v1.2"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, moving(test.version, test.released)) })
	}
}

func TestBefore(t *testing.T) {
	released := []string{"v1.2.3", "v1.10.0", "v1.9.0", "v1.3.0-rc.1", "v2.0.0"}
	for version, want := range map[string]string{
		"v1.2.4": "v1.2.3", "v1.10.1": "v1.10.0", "v1.3.0": "v1.2.3", "v1.3.0-rc.2": "v1.3.0-rc.1", "v1.0.0": "", "v3.0.0": "v2.0.0",
	} {
		assert.Equal(t, want, before(version, released), version)
	}
}
