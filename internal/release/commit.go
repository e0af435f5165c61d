package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/org/ami-action/internal/buildinfo"
)

// made is the result of a release: its commit, the tags other than the version's own that were moved to it, and whether
// it is the newest release.
type made struct {
	commit string
	moved  []string
	latest bool
}

// release makes the commit that users of the action run. It is a child of the tagged commit, and it adds the image to
// action.yml, a record of the version for builds without a repository, and the changelog. release moves the version's
// tag to it, and the tags that follow the version. With a remote, it pushes either all of these tags or none.
//
// The commit depends neither on the time nor on chance: the same image gives the same commit. Before the push nothing
// of the version is public; after it the version's tag never moves again.
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

// The files in which a release commit differs from its parent.
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

// commitFiles commits the files on a detached HEAD and returns the commit's hash.
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

// moveTags moves the tags to the commit, first at the remote if there is one, then in this repository. It fails, and
// moves no tag, if a tag at the remote is not what it is here. So of two releases that move the same tag at the same
// time, one fails, and no tag moves backwards.
func (r repository) moveTags(ctx context.Context, m made, version, remote string) error {
	push := []string{"push", "--quiet", "--atomic", remote}
	tags := append([]string{version}, m.moved...)
	for _, tag := range tags {
		// The remote compares the object of the ref, which for an annotated tag is the tag and not its commit.
		known, err := r.git(ctx, "for-each-ref", "--format=%(objectname)", "refs/tags/"+tag)
		if err != nil {
			return err
		}
		push = append(push, "--force-with-lease=refs/tags/"+tag+":"+known, m.commit+":refs/tags/"+tag)
	}
	if remote != "" {
		if _, err := r.git(ctx, push...); err != nil {
			return fmt.Errorf("no tag was moved: the push failed; if a tag at the remote has changed since this checkout, run the job again: %w", err)
		}
	}
	for _, tag := range tags {
		if _, err := r.git(ctx, "tag", "--force", tag, m.commit); err != nil {
			return err
		}
	}
	return nil
}
