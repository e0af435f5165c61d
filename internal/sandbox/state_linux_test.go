package sandbox_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

func TestAFullDiskIsNamedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	dir := filepath.Join(disk, "state")
	box := start(t, sandbox.Options{Dir: dir, Manual: true})
	id := box.create(nil)

	filler, err := os.Create(filepath.Join(disk, "filler"))
	require.NoError(t, err)
	for _, size := range []int{64 << 10, 4 << 10, 1} {
		for {
			if _, err := filler.Write(bytes.Repeat([]byte("x"), size)); err != nil {
				break
			}
		}
	}
	require.NoError(t, filler.Close())
	var refused response
	accepted := 1
	for range 100 { // The database still has a few free pages.
		if refused = box.tryCreate(with{"properties": map[string]any{"A": string(bytes.Repeat([]byte("y"), 20<<10))}}); refused.Status != http.StatusOK {
			break
		}
		accepted++
	}
	requireRefused(t, refused, "the disk with the sandbox's state in "+dir+" is full and nothing was stored: free some space")
	require200(t, box.status(id))
	assert.Len(t, box.statuses().Body, accepted)

	_, err = sandbox.Start(t.Context(), sandbox.Options{Dir: filepath.Join(disk, "other")})
	assert.ErrorContains(t, err, "is full")

	require.NoError(t, os.Remove(filler.Name()))
	require200(t, box.tryCreate(nil))
}

func TestWhatTheSandboxLeavesBelongsToTheOwnerOfItsPlace(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	workspace := t.TempDir()
	require.NoError(t, os.Chown(workspace, 12345, 23456))
	dir := filepath.Join(workspace, "deep", "state")
	box := start(t, sandbox.Options{Dir: dir, Manual: true})
	box.create(nil)
	seen := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(workspace, "deep"), func(path string, _ os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := os.Stat(path)
		require.NoError(t, err)
		owner := info.Sys().(*syscall.Stat_t)
		assert.Equal(t, []uint32{12345, 23456}, []uint32{owner.Uid, owner.Gid}, path)
		assert.NotZero(t, info.Mode().Perm()&0o600, path)
		seen++
		return nil
	}))
	assert.Equal(t, 4, seen, "two directories, the database and the .gitignore")
}
