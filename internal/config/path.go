package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pattern"
)

// componentName matches file names that are the same in an S3 key and in a URL. The patch component is stored
// under its file name, and the orchestrator gets its URL (docs/wire-contract.md, "Requests").
var componentName = pattern.Lazy(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)

func isComponentName(name string) bool { return len(name) <= 128 && componentName().MatchString(name) }

func (r *reading) checkPatch(s *Settings) {
	if s.Operation != lifecycle.Patch || s.PatchComponent == "" || r.problems.about(PatchComponent) {
		return
	}
	path, info, err := r.find(s.PatchComponent)
	shown := quoted(s.PatchComponent, shownOfValue)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.faulty(PatchComponent, "is %s, which does not exist%s", shown, r.inWorkspace())
	case errors.Is(err, errOutside):
		r.faulty(PatchComponent, "is %s, which is outside of the checkout: give a path relative to the checkout", shown)
	case err != nil:
		r.faulty(PatchComponent, "is %s, which cannot be read: %s", shown, escaped(withoutPath(err).Error()))
	case !info.Mode().IsRegular():
		r.faulty(PatchComponent, "is %s, which is not a regular file", shown)
	case !isComponentName(filepath.Base(path)):
		r.faulty(PatchComponent, "is %s: the file's name must contain only letters, digits and ._-, because it "+
			"becomes part of a URL", shown)
	default:
		s.PatchComponent = path
	}
}

var errOutside = errors.New("outside of the workspace")

// find returns the path of the component. On a laptop, any path is allowed. In a pipeline, the file must be inside the
// workspace, also after following symbolic links, so that a workflow cannot publish the runner's own files.
func (r *reading) find(path string) (string, fs.FileInfo, error) {
	workspace := r.workspace()
	if workspace == "" {
		info, err := os.Stat(path)
		return path, info, err
	}
	if filepath.IsAbs(path) {
		relative, err := filepath.Rel(workspace, path)
		if err != nil {
			return "", nil, errOutside
		}
		path = relative
	}
	if !filepath.IsLocal(path) {
		return "", nil, errOutside
	}
	root, err := os.OpenRoot(workspace)
	if err != nil {
		return "", nil, err
	}
	defer root.Close()
	info, err := root.Stat(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return filepath.Join(workspace, path), info, err
	}
	// If a link leads out of the root, the error only says that the path escapes, and there is no error value to compare.
	if _, outside := os.Stat(filepath.Join(workspace, path)); outside == nil {
		err = errOutside
	}
	return "", nil, err
}

// workspace returns the directory of the pipeline's checkout, or "" if any path is allowed.
func (r *reading) workspace() string {
	switch r.platform {
	case GitHubAction:
		return r.environment["GITHUB_WORKSPACE"]
	case GitLabComponent:
		return r.environment["CI_PROJECT_DIR"]
	default:
		return ""
	}
}

func (r *reading) inWorkspace() string {
	if r.workspace() == "" {
		return ""
	}
	return " in the checkout (is there a checkout step before this one?)"
}

func withoutPath(err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		return inner.Err
	}
	return err
}

// checkOutputPath refuses a path that can only be a directory. Whether the file can be written is checked
// later, before the operation sends anything.
func checkOutputPath(text string) string {
	if strings.HasSuffix(text, "/") || filepath.Base(text) == "." || filepath.Base(text) == ".." {
		return "must be the path of a file, not of a directory"
	}
	return ""
}
