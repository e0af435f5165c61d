package main

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func put(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

// The modules of a binary are known from its own build information.
func TestEachModuleOfABinaryHasItsLicense(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "out", "licenses")
	require.NoError(t, gatherLicenses(t.Context(), "../..", directory))
	assert.FileExists(t, filepath.Join(directory, "LICENSE"))
	assert.FileExists(t, filepath.Join(directory, "go", "LICENSE"))
	program := filepath.Join(t.TempDir(), "ami-action")
	said, err := exec.Command("go", "build", "-race=false", "-ldflags=-w", "-o", program, "../../cmd/ami-action").CombinedOutput()
	require.NoError(t, err, string(said))
	made, err := buildinfo.ReadFile(program)
	require.NoError(t, err)
	require.NotEmpty(t, made.Deps)
	for _, module := range made.Deps {
		files, err := os.ReadDir(filepath.Join(directory, filepath.FromSlash(module.Path+"@"+module.Version)))
		if assert.NoError(t, err) {
			assert.NotEmpty(t, files, module.Path)
		}
	}
}

func TestThePartsOfAModuleHaveTheirOwnLicenses(t *testing.T) {
	module := t.TempDir()
	put(t, filepath.Join(module, "LICENSE.txt"), "the module's")
	put(t, filepath.Join(module, "NOTICE"), "to be handed on")
	put(t, filepath.Join(module, "README.md"), "")
	put(t, filepath.Join(module, "internal", "borrowed", "COPYING"), "another's")
	put(t, filepath.Join(module, "internal", "other", "LICENSE"), "of what is not used")
	files, err := licensesOf("example.com/m@v1.0.0", module, filepath.Join(module, "internal", "borrowed"))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"example.com/m@v1.0.0/LICENSE.txt":               filepath.Join(module, "LICENSE.txt"),
		"example.com/m@v1.0.0/NOTICE":                    filepath.Join(module, "NOTICE"),
		"example.com/m@v1.0.0/internal/borrowed/COPYING": filepath.Join(module, "internal", "borrowed", "COPYING"),
	}, files)
}

func TestAModuleWithoutALicenseIsNotHandedOn(t *testing.T) {
	module := t.TempDir()
	put(t, filepath.Join(module, "NOTICE"), "")
	put(t, filepath.Join(module, "license.go"), "package license")
	put(t, filepath.Join(module, "licenses_test.go"), "package license")
	_, err := licensesOf("example.com/m@v1.0.0", module, module)
	assert.ErrorContains(t, err, "no license was found for example.com/m@v1.0.0")
}
