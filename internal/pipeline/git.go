package pipeline

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/org/ami-action/internal/pattern"
)

var commitHash = pattern.Lazy(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// gitHead returns the branch and the commit that are checked out in dir or in a directory above it. Each is empty if it
// is unknown: there is no checkout, no commit yet, no branch, or the references are stored in another format.
func gitHead(dir string) (branch, commit string) {
	gitDir := findGitDir(dir)
	if gitDir == "" {
		return "", ""
	}
	head := firstLine(filepath.Join(gitDir, "HEAD"))
	ref, isRef := strings.CutPrefix(head, "ref: ")
	if !isRef {
		return "", onlyHash(head)
	}
	// The branches of a worktree are in the directory that all worktrees share.
	shared := gitDir
	if common := firstLine(filepath.Join(gitDir, "commondir")); common != "" {
		shared = common
		if !filepath.IsAbs(shared) {
			shared = filepath.Join(gitDir, common)
		}
	}
	branch, _ = strings.CutPrefix(ref, "refs/heads/")
	if branch == ".invalid" { // HEAD contains this if the references are stored in the reftable format
		return "", ""
	}
	if !filepath.IsLocal(ref) {
		return "", ""
	}
	if commit = onlyHash(firstLine(filepath.Join(shared, filepath.FromSlash(ref)))); commit == "" {
		commit = packedRef(filepath.Join(shared, "packed-refs"), ref)
	}
	return branch, commit
}

func findGitDir(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		candidate := filepath.Join(dir, ".git")
		info, err := os.Stat(candidate)
		switch {
		case err == nil && info.IsDir():
			return candidate
		case err == nil:
			// In a worktree and in a submodule, .git is a file that names the directory.
			target, ok := strings.CutPrefix(firstLine(candidate), "gitdir: ")
			if !ok {
				return ""
			}
			if !filepath.IsAbs(target) {
				target = filepath.Join(dir, target)
			}
			return target
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// packedRef returns the commit of a reference in the file of packed references, which has lines "HASH NAME". It returns
// "" if the file does not have it.
func packedRef(path, ref string) string {
	file, err := openRegular(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if hash, name, _ := strings.Cut(strings.TrimSpace(lines.Text()), " "); name == ref {
			return onlyHash(hash)
		}
	}
	return ""
}

// maxGitLine limits how much of a file is read. It is more than a path or a reference can have.
const maxGitLine = 64 << 10

func firstLine(path string) string {
	file, err := openRegular(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxGitLine))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimSpace(line)
}

// openRegular opens a regular file for reading. Any other file is an error: reading a FIFO blocks until another process
// writes to it.
func openRegular(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = file.Close() // nothing was written
		return nil, fs.ErrInvalid
	}
	return file, nil
}

func onlyHash(text string) string {
	if commitHash().MatchString(text) {
		return text
	}
	return ""
}
