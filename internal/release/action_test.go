package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

var image = "ghcr.io/org/ami-action@sha256:" + strings.Repeat("0f", 32)

func repositorysAction(t *testing.T) []byte {
	t.Helper()
	action, err := os.ReadFile("../../action.yml")
	require.NoError(t, err)
	return action
}

func TestTheActionOfAReleaseDiffersByItsImageOnly(t *testing.T) {
	action := repositorysAction(t)
	pinned, err := pinAction(action, image)
	require.NoError(t, err)
	var before, after map[string]any
	require.NoError(t, yaml.Unmarshal(action, &before))
	require.NoError(t, yaml.Unmarshal(pinned, &after))
	assert.Equal(t, map[string]any{"using": "docker", "image": "docker://" + image}, after["runs"])
	after["runs"].(map[string]any)["image"] = "Dockerfile"
	assert.Equal(t, before, after)
	assert.True(t, isReleased(pinned))
	assert.False(t, isReleased(action))
}

func TestAnActionIsPinnedByADigestOnly(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0f", 32)
	for _, image := range []string{"127.0.0.1:5000/ami-action" + digest, "registry.example.com:443/a/b_c/d.e-f" + digest} {
		_, err := pinAction(repositorysAction(t), image)
		assert.NoError(t, err, image)
	}
	for _, image := range []string{
		"", "ghcr.io/org/ami-action:1.2.3", "ghcr.io/org/ami-action", "ghcr.io/org/ami-action" + digest[:70], digest,
		"ghcr.io/Org/ami-action" + digest, "docker://ghcr.io/org/ami-action" + digest, "ghcr.io/org/ami-action" + digest + "\n  args: [x]",
		"ami-action" + digest, "ghcr.io/org/ami-action@sha256:" + strings.Repeat("0F", 32),
	} {
		_, err := pinAction(repositorysAction(t), image)
		assert.ErrorContains(t, err, "REGISTRY/NAME@sha256:DIGEST", image)
	}
}

func TestAnActionThatIsNotAsExpectedIsNotPinned(t *testing.T) {
	pinned, err := pinAction(repositorysAction(t), image)
	require.NoError(t, err)
	for action, want := range map[string]string{
		string(pinned): "already names an image",
		"runs:\n  using: docker\n  image: Containerfile\n":                    "has it 0 times",
		"runs:\n  image: Dockerfile\nother:\n  image: Dockerfile\n":           "has it 2 times",
		"runs:\n  using: node24\n  main: x.js\nother:\n  image: Dockerfile\n": "not its runs.image",
	} {
		_, err := pinAction([]byte(action), image)
		assert.ErrorContains(t, err, want)
	}
}
