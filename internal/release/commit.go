package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/org/ami-action/internal/buildinfo"
)

// made is the release of a version: its commit, the tags that were moved to it beside its own, and whether it is the
// newest of all versions.
type made struct {
	commit string
	moved  []string
	latest bool
}

// release makes the commit that users of the action run: a child of the tagged commit whose action.yml names the
// image, which knows its version without a repository, and which holds the changelog. It moves the version's tag to
// it, and the tags that follow the version; with a remote it pushes all of them, or none.
//
// The commit has no time and no chance in it: the same image makes the same commit. Until it is pushed nothing has
// been announced of the version, and afterwards its tag never moves again.
func (r repository) release(ctx context.Context, version, image, remote string) (made, error) {
	if err := r.check(ctx, version); err != nil {
		return made{}, err
	}
	released, err := r.released(ctx)
	if err != nil {
		return made{}, err
	}
	m := made{moved: moving(version, released), latest: isNewest(version, released)}
	source, err := r.commitOf(ctx, "HEAD")
	if err != nil {
		return made{}, err
	}
	date, err := (repository{dir: r.dir, environ: []string{"TZ=UTC"}}).git(ctx, "log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ")
	if err != nil {
		return made{}, err
	}
	if err := r.writeFiles(ctx, image, released, buildinfo.Info{Version: version, Commit: source, Date: date}); err != nil {
		return made{}, err
	}
	if m.commit, err = r.commitFiles(ctx, version, date); err != nil {
		return made{}, err
	}
	return m, r.moveTags(ctx, m, version, remote)
}

// The files that the commit of a release differs in from its source.
const (
	actionFile    = "action.yml"
	recordFile    = "internal/buildinfo/release.json"
	changelogFile = "CHANGELOG.md"
)

func (r repository) writeFiles(ctx context.Context, image string, released []string, record buildinfo.Info) error {
	action, err := os.ReadFile(filepath.Join(r.dir, actionFile))
	if err != nil {
		return err
	}
	if action, err = pinAction(action, image); err != nil {
		return err
	}
	changelog, err := r.changelogs(ctx, record.Version, released)
	if err != nil {
		return err
	}
	encoded, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		actionFile: action, recordFile: append(encoded, '\n'), changelogFile: []byte(changelog),
	} {
		if err := os.WriteFile(filepath.Join(r.dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// commitFiles commits the files on no branch and returns the commit.
func (r repository) commitFiles(ctx context.Context, version, date string) (string, error) {
	r.environ = []string{"GIT_AUTHOR_DATE=" + date, "GIT_COMMITTER_DATE=" + date}
	for _, command := range [][]string{
		{"checkout", "--quiet", "--detach"},
		{"add", "--", actionFile, recordFile, changelogFile},
		{"commit", "--quiet", "--no-verify", "-m", "Release " + version},
	} {
		if _, err := r.git(ctx, command...); err != nil {
			return "", err
		}
	}
	return r.commitOf(ctx, "HEAD")
}

// moveTags moves the tags here, or at the remote and then here. There each is moved from what is known of it here
// only: a release that runs at the same time makes this one fail, and moves nothing backwards.
func (r repository) moveTags(ctx context.Context, m made, version, remote string) error {
	push := []string{"push", "--quiet", "--atomic", remote}
	tags := append([]string{version}, m.moved...)
	for _, tag := range tags {
		// Of a tag with a message it is the tag that is known, not its commit.
		known, err := r.git(ctx, "for-each-ref", "--format=%(objectname)", "refs/tags/"+tag)
		if err != nil {
			return err
		}
		push = append(push, "--force-with-lease=refs/tags/"+tag+":"+known, m.commit+":refs/tags/"+tag)
	}
	if remote != "" {
		if _, err := r.git(ctx, push...); err != nil {
			return fmt.Errorf("no tag was moved, since one of them is not what it was when this checkout was made: %w", err)
		}
	}
	for _, tag := range tags {
		if _, err := r.git(ctx, "tag", "--force", tag, m.commit); err != nil {
			return err
		}
	}
	return nil
}
