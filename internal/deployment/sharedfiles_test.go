//go:build !windows

package deployment

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFilesOfTheSDKThatNeverEndEndNothing(t *testing.T) {
	for name, c := range map[string]struct {
		make func(path string) error
		says string
	}{
		"an endless device": {func(path string) error { return os.Symlink("/dev/zero", path) }, "is a device"},
		"a huge file": {func(path string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(path, 1<<30)
		}, "is larger than 1 MB"},
		"the null device": {func(path string) error { return os.Symlink(os.DevNull, path) }, ""},
	} {
		for _, variable := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
			t.Run(name+" as "+variable, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "file")
				require.NoError(t, c.make(path))
				t.Setenv("AWS_CONFIG_FILE", os.DevNull)
				t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
				t.Setenv("AWS_REGION", "eu-west-1")
				t.Setenv(variable, path)
				finder, err := New(Options{StackName: "AmiLifecycle"})
				require.NoError(t, err)
				_, err = finder.Region(t.Context())
				if c.says == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, c.says)
				assert.ErrorContains(t, err, "the AWS configuration")
				assert.ErrorContains(t, err, "~/.aws/config")
			})
		}
	}
}

func TestAnInterruptEndsTheReadingOfAFileOfTheSDK(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	t.Setenv("AWS_CONFIG_FILE", fifo)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	finder, err := New(Options{StackName: "AmiLifecycle"})
	require.NoError(t, err)
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = finder.Region(interrupted)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "the AWS configuration")

	writer, err := os.OpenFile(fifo, os.O_WRONLY, 0) // the reader that is left behind finds its end
	require.NoError(t, err)
	require.NoError(t, writer.Close())
}
