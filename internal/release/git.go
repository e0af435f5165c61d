package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// repository is a git repository with a work tree.
type repository struct {
	dir string
	// environ is added to the environment of each git command.
	environ []string
}

// git runs a git command and returns its output without the line breaks at the end. The error has what git printed to
// stderr.
func (r repository) git(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...)
	command.Dir = r.dir
	command.Env = append(os.Environ(), r.environ...)
	said, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimRight(string(said), "\n"), nil
}

// commitOf returns the hash of the commit of a revision.
func (r repository) commitOf(ctx context.Context, revision string) (string, error) {
	return r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
}

// versions returns all tags that have the form of a version.
func (r repository) versions(ctx context.Context) ([]string, error) {
	said, err := r.git(ctx, "tag", "--list", "v*")
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, tag := range strings.Fields(said) {
		if checkVersion(tag) == nil {
			versions = append(versions, tag)
		}
	}
	return versions, nil
}

// released returns the versions that have been released, which are those whose action names an image. A tag alone is not
// a release, because its release may have failed.
func (r repository) released(ctx context.Context) ([]string, error) {
	versions, err := r.versions(ctx)
	if err != nil {
		return nil, err
	}
	var released []string
	for _, version := range versions {
		action, err := r.git(ctx, "show", version+":action.yml")
		if err == nil && isReleased([]byte(action)) {
			released = append(released, version)
		}
	}
	return released, ctx.Err()
}

// check returns an error unless the checkout is the commit tagged with the version, has no changes, and the version has
// not been released.
func (r repository) check(ctx context.Context, version string) error {
	if err := checkVersion(version); err != nil {
		return err
	}
	tagged, err := r.commitOf(ctx, "refs/tags/"+version)
	if err != nil {
		return fmt.Errorf("the tag %s was not found in this repository: %w", version, err)
	}
	action, err := r.git(ctx, "show", tagged+":action.yml")
	if err != nil {
		return err
	}
	if isReleased([]byte(action)) {
		return fmt.Errorf("%s is released, and a released version never changes: tag the next version", version)
	}
	head, err := r.commitOf(ctx, "HEAD")
	if err != nil {
		return err
	}
	if head != tagged {
		return fmt.Errorf("the checkout is at %s, and %s at %s: check the tag out", head, version, tagged)
	}
	changed, err := r.git(ctx, "status", "--porcelain")
	if err != nil {
		return err
	}
	if changed != "" {
		return fmt.Errorf("the checkout has changes that are not committed:\n%s", changed)
	}
	return nil
}
