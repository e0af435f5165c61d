package pipeline_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/pipeline"
)

const (
	hashA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hashB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func TestTheCheckoutImpliesBranchAndCommit(t *testing.T) {
	tests := []struct {
		name                string
		files               map[string]string
		dir                 string
		wantBranch, wantRef string
	}{
		{"no checkout", nil, ".", "", ""},
		{"a branch", map[string]string{".git/HEAD": "ref: refs/heads/Feature/X\n", ".git/refs/heads/Feature/X": hashA + "\n"},
			".", "feature-x", hashA},
		{"from a directory below", map[string]string{".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": hashA, "a/b/c": ""},
			"a/b", "main", hashA},
		{"packed", map[string]string{".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": "# pack-refs\n" +
			hashA + " refs/heads/mainly\n" + hashB + " refs/heads/main\n^" + hashA + "\n"}, ".", "main", hashB},
		{"detached", map[string]string{".git/HEAD": hashB + "\n"}, ".", "", hashB},
		{"no commit yet", map[string]string{".git/HEAD": "ref: refs/heads/main\n"}, ".", "main", ""},
		{"a worktree", map[string]string{"tree/.git": "gitdir: ../.git/worktrees/tree\n", ".git/HEAD": hashA,
			".git/worktrees/tree/HEAD": "ref: refs/heads/side\n", ".git/worktrees/tree/commondir": "../..\n", ".git/refs/heads/side": hashB},
			"tree", "side", hashB},
		{"stored as a table", map[string]string{".git/HEAD": "ref: refs/heads/.invalid\n"}, ".", "", ""},
		{"a reference that leads elsewhere", map[string]string{".git/HEAD": "ref: ../../secret\n", "secret": hashA}, ".", "", ""},
		{"nonsense", map[string]string{".git/HEAD": "\x00\x01", ".git/refs": "x"}, ".", "", ""},
		{"a .git file of nonsense", map[string]string{".git": "nonsense"}, ".", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range test.files {
				path := filepath.Join(dir, name)
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
			}
			implied := pipeline.Detect([]string{"USER=ada"}, pipeline.Options{Dir: filepath.Join(dir, test.dir)}).Implied()
			assert.Equal(t, test.wantBranch, implied.StackTag)
			assert.Equal(t, test.wantRef, implied.CommitRef)
			assert.NotEmpty(t, implied.Owner)
			assert.False(t, strings.ContainsAny(implied.Owner, `\"`))
		})
	}
}

func TestACheckoutOfOddFilesIsNone(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"a FIFO":         func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"without an end": func(path string) error { return os.Symlink("/dev/zero", path) },
		"of several GB":  func(path string) error { return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, 4<<30)) },
		"a directory":    func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			require.NoError(t, os.Mkdir(filepath.Join(p.dir, ".git"), 0o700))
			require.NoError(t, make(filepath.Join(p.dir, ".git", "HEAD")))
			assert.Empty(t, p.Implied().CommitRef)
		})
	}
}
