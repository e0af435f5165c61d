package main

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheBinary builds the command as a release does and looks at what is in it. It builds it once, because the linker
// takes longer than everything that is looked at.
func TestTheBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	program := filepath.Join(t.TempDir(), "ami-action")
	const stamped = "github.com/org/ami-action/internal/buildinfo"
	// Apart from those for the linker, these are the flags of the tests, so all packages are already compiled.
	said, err := exec.Command("go", "build", "-race=false", "-buildvcs=false", "-ldflags=-s -w -X "+stamped+".version=v9.8.7 -X "+
		stamped+".commit=fedcba9876543210 -X "+stamped+".date=2026-01-02T03:04:05Z", "-o", program, "../../cmd/ami-action").CombinedOutput()
	require.NoError(t, err, "%s", said)

	// The variables that the linker sets must exist: the linker ignores others without a message.
	t.Run("is stamped with its version", func(t *testing.T) {
		const version = " v9.8.7 (commit fedcba987654, 2026-01-02T03:04:05Z)\n"
		sandbox := filepath.Join(filepath.Dir(program), "ami-sandbox") // its other name in the container image
		require.NoError(t, os.Link(program, sandbox))
		for _, name := range []string{program, sandbox} {
			said, err := exec.Command(name, "--version").Output()
			require.NoError(t, err)
			assert.Equal(t, filepath.Base(name)+version, string(said))
		}
	})

	// The modules of a binary are known from its own build information.
	t.Run("has the license of each of its modules", func(t *testing.T) {
		directory := filepath.Join(t.TempDir(), "out", "licenses")
		require.NoError(t, gatherLicenses(t.Context(), "../..", directory))
		assert.FileExists(t, filepath.Join(directory, "LICENSE"))
		assert.FileExists(t, filepath.Join(directory, "go", "LICENSE"))
		made, err := buildinfo.ReadFile(program)
		require.NoError(t, err)
		require.NotEmpty(t, made.Deps)
		for _, module := range made.Deps {
			files, err := os.ReadDir(filepath.Join(directory, filepath.FromSlash(module.Path+"@"+module.Version)))
			if assert.NoError(t, err) {
				assert.NotEmpty(t, files, module.Path)
			}
		}
	})

	// A library that calls methods by their names (html/template, text/template) makes the linker keep every
	// exported method of every type: all operations of all AWS services, 11 MB of them.
	t.Run("has only the operations of AWS that are called", func(t *testing.T) {
		content, err := os.ReadFile(program)
		require.NoError(t, err)
		for _, service := range []struct{ name, called, never string }{
			{"s3", "PutObject", "CreateBucket"},
			{"sfn", "DescribeExecution", "StartExecution"},
			{"imagebuilder", "GetImage", "CreateImage"},
			{"cloudwatchlogs", "GetLogEvents", "CreateLogGroup"},
		} {
			// The runtime needs the names of all functions for its stack traces. A NUL ends each of them.
			client := "github.com/aws/aws-sdk-go-v2/service/" + service.name + ".(*Client)."
			assert.True(t, bytes.Contains(content, []byte(client+service.called+"\x00")), service.called)
			assert.False(t, bytes.Contains(content, []byte(client+service.never+"\x00")), service.never)
		}
	})
}
