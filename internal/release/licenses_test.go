package main

import (
	"os"
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
