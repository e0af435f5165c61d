//go:build !windows

package workspace_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/workspace"
)

// tree creates a workspace with every kind of file and link in it, and a file outside of it, and returns its path.
func tree(t *testing.T) (root string) {
	t.Helper()
	outer, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	root = filepath.Join(outer, "workspace")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "reports"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "old.html"), []byte("old"), 0o640))
	require.NoError(t, os.WriteFile(filepath.Join(outer, "outside.txt"), []byte("outside"), 0o644))
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "fifo"), 0o644))
	for link, target := range map[string]string{
		"inside": "old.html", "absolute": filepath.Join(root, "old.html"), "out": "../outside.txt", "away": outer, "stderr": "/dev/stderr",
		"nothing": "not-there", "loop": "loop", "to-fifo": "fifo", "to-new": "../new.txt",
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(root, link)))
	}
	return root
}

// names returns the paths of everything below a directory.
func names(t *testing.T, directory string) (all []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(directory, func(path string, _ fs.DirEntry, err error) error {
		all = append(all, path)
		return err
	}))
	return all
}

func TestWhatCannotBeWrittenInAPipelineIsRefusedBeforeAndWhenItIsWritten(t *testing.T) {
	for _, c := range []struct{ path, says string }{
		{"reports", "is a directory"},
		{"reports/", "is a directory"},
		{"new/", "is a directory"},
		{".", "is a directory"},
		{"old.html/r.html", "not a directory"},
		{"fifo", "is not a regular file"},
		{"to-fifo", "is not a regular file"},
		{"nothing", "is a broken symbolic link"},
		{"loop", "cannot be written"},
		{"out", "is outside the workspace"},
		{"to-new", "is outside the workspace"},
		{"absolute", "is outside the workspace"},
		{"stderr", "is outside the workspace"},
		{"away/r.html", "is outside the workspace"},
		{"away/new/r.html", "is outside the workspace"},
		{"../r.html", "is outside the workspace"},
		{"/etc/r.html", "is outside the workspace"},
		{"/dev/stdout", "is outside the workspace"},
		{"reports/../../r.html", "is outside the workspace"},
		{strings.Repeat("n", 300), "file name too long"},
		{"new/" + strings.Repeat("n", 300) + "/r.html", "file name too long"},
		{"nul\x00.html", "invalid argument"},
	} {
		t.Run(c.path[:min(20, len(c.path))], func(t *testing.T) {
			root := tree(t)
			before := names(t, filepath.Dir(root))
			w := workspace.New(root, root)
			f := workspace.File{Setting: "input report_file", Path: c.path}
			for what, err := range map[string]error{"check": w.Check(f), "write": w.Write(f, []byte("new"))} {
				refused, ok := errors.AsType[*workspace.Error](err)
				require.True(t, ok, "%s: %v", what, err)
				assert.Contains(t, err.Error(), "input report_file is ")
				assert.Contains(t, err.Error(), c.says, what)
				assert.NotEmpty(t, refused.Hint)
			}
			if c.says != "file name too long" {
				assert.Equal(t, before, names(t, filepath.Dir(root)), "nothing was made")
			}
			assert.Equal(t, "outside", read(t, filepath.Join(filepath.Dir(root), "outside.txt")))
		})
	}
}

func TestACheckLeavesNothingBehindAndSaysThatAWriteWillDo(t *testing.T) {
	for _, path := range []string{"r.html", "old.html", "inside", "new/deep/r.html", "reports/r.html", "$ROOT/r.html", "./reports/../r.html"} {
		t.Run(path, func(t *testing.T) {
			root := tree(t)
			before := names(t, root)
			w := workspace.New(root, root)
			f := workspace.File{Setting: "input report_file", Path: strings.ReplaceAll(path, "$ROOT", root)}
			require.NoError(t, w.Check(f))
			assert.Equal(t, before, names(t, root))
			assert.Equal(t, "old", read(t, filepath.Join(root, "old.html")))

			require.NoError(t, w.Write(f, []byte("new")))
			assert.Equal(t, "new", read(t, filepath.Join(root, w.Relative(f.Path))))
			require.NoError(t, w.Check(f), "and again")
			require.NoError(t, w.Write(f, []byte("newer")))
			content, err := w.Read(f, 5)
			require.NoError(t, err)
			assert.Equal(t, "newer", string(content))
			for _, name := range names(t, root) {
				assert.False(t, strings.HasPrefix(filepath.Base(name), "."), "no temporary file stays: %s", name)
			}
		})
	}
}

func TestAFileKeepsItsPermissionsAndANewOneIsReadByEverybody(t *testing.T) {
	root := tree(t)
	w := workspace.New(root, root)
	for name, mode := range map[string]fs.FileMode{"old.html": 0o640, "new.html": 0o644} {
		require.NoError(t, w.Write(workspace.File{Path: name}, []byte("x")))
		info, err := os.Stat(filepath.Join(root, name))
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode())
	}
}

func TestWhatRootMakesBelongsToTheOwnerOfTheWorkspace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	root := tree(t)
	require.NoError(t, os.Chown(root, 1234, 1235))
	require.NoError(t, workspace.New(root, root).Write(workspace.File{Path: "new/deep/r.html"}, []byte("x")))
	for _, name := range []string{"new", "new/deep", "new/deep/r.html"} {
		info, err := os.Stat(filepath.Join(root, name))
		require.NoError(t, err)
		owner := info.Sys().(*syscall.Stat_t)
		assert.Equal(t, []uint32{1234, 1235}, []uint32{owner.Uid, owner.Gid}, name)
	}
}

func TestOnALaptopAnyPathIsFineThatItsUserMayWrite(t *testing.T) {
	root := tree(t)
	w := workspace.New("", root)
	outer := filepath.Dir(root)
	for path, at := range map[string]string{
		"r.html": root + "/r.html", "../r.html": outer + "/r.html", "new/r.html": root + "/new/r.html", outer + "/a/b": outer + "/a/b",
		"out": outer + "/outside.txt", "away/c": outer + "/c", "absolute": root + "/old.html",
	} {
		f := workspace.File{Setting: "--reportFile", Path: path}
		require.NoError(t, w.Check(f), path)
		require.NoError(t, w.Write(f, []byte(path)))
		assert.Equal(t, path, read(t, at))
		assert.Equal(t, path, w.Relative(path))
	}
	link, err := os.Lstat(filepath.Join(root, "out"))
	require.NoError(t, err)
	assert.NotZero(t, link.Mode()&fs.ModeSymlink, "the user's link stays one")

	require.NoError(t, w.Write(workspace.File{Path: os.DevNull}, []byte("x")))
	info, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	assert.False(t, info.Mode().IsRegular(), "a device is written to and not replaced")

	for path, says := range map[string]string{"reports": "is a directory", "fifo": "cannot be written", "old.html/x": "not a directory"} {
		f := workspace.File{Setting: "--reportFile", Path: path}
		assert.ErrorContains(t, w.Check(f), says)
		assert.ErrorContains(t, w.Write(f, nil), says)
	}
}

func TestAPathIsHandedOnRelativeToTheWorkspace(t *testing.T) {
	root := tree(t)
	link := filepath.Join(filepath.Dir(root), "link")
	require.NoError(t, os.Symlink(root, link))
	for _, c := range []struct{ root, dir, path, want string }{
		{root, root, "r.html", "r.html"},
		{root, root, "./a//r.html", "a/r.html"},
		{root, root, root + "/a/r.html", "a/r.html"},
		{root, root + "/reports", "r.html", "reports/r.html"},
		{root, root + "/reports", "../r.html", "r.html"},
		{root, "/", "r.html", "r.html"},
		{link, root, link + "/r.html", "r.html"},
		{link, link, root + "/r.html", "r.html"},
		{root, root, "/elsewhere/r.html", "/elsewhere/r.html"},
	} {
		assert.Equal(t, c.want, workspace.New(c.root, c.dir).Relative(c.path), "%+v", c)
	}
}

func TestOnlyRegularFilesOfTheWorkspaceAreRead(t *testing.T) {
	root := tree(t)
	w := workspace.New(root, root)
	content, err := w.Read(workspace.File{Path: "inside"}, 3)
	require.NoError(t, err)
	assert.Equal(t, "old", string(content))
	for path, says := range map[string]string{
		"fifo": "is not a regular file", "reports": "is a directory", "out": "is outside the workspace", "stderr": "is outside the workspace",
		"missing": "does not exist", "old.html/x": "not a directory", "/etc/passwd": "is outside the workspace",
	} {
		_, err := w.Read(workspace.File{Setting: "input patch_component", Path: path}, 3)
		assert.ErrorContains(t, err, says, path)
		assert.ErrorContains(t, err, "input patch_component")
	}
	_, err = w.Read(workspace.File{Path: "old.html"}, 2)
	assert.ErrorContains(t, err, "larger than 2 bytes")
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

func TestAFileOfTheCommandItselfIsRefusedUnderEveryPath(t *testing.T) {
	root := tree(t)
	w := workspace.New(root, filepath.Join(root, "reports"))
	for _, own := range []workspace.File{
		{Setting: "the outputs", Path: filepath.Join(root, "old.html")}, {Setting: "the summary", Path: filepath.Join(root, "new.md")},
		{Setting: "GITHUB_ENV", Path: ""},
	} {
		w.Reserve(own)
	}
	require.NoError(t, os.Link(filepath.Join(root, "old.html"), filepath.Join(root, "hard")))
	for path, own := range map[string]string{
		"../old.html": "the outputs", filepath.Join(root, "old.html"): "the outputs", "../reports/./../old.html": "the outputs",
		"../hard": "the outputs", "../new.md": "the summary",
	} {
		file := workspace.File{Setting: "input report_file", Path: path}
		for _, err := range []error{w.Check(file), w.Write(file, []byte("report"))} {
			refusal, ok := errors.AsType[*workspace.Error](err)
			require.True(t, ok, path)
			assert.Equal(t, "is also "+own, refusal.Reason)
			assert.NotEmpty(t, refusal.Hint)
		}
	}
	content, err := os.ReadFile(filepath.Join(root, "old.html"))
	require.NoError(t, err)
	assert.Equal(t, "old", string(content))
	assert.NoError(t, w.Write(workspace.File{Path: "old.html"}, []byte("in reports")), "a file of that name in another directory")
	assert.NoError(t, w.Write(workspace.File{Path: "../inside"}, []byte("report")), "a link is replaced, not what it points to")
}
