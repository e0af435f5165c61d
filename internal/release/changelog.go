package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// changelog returns what the version changes as a section of Markdown: the titles of its commits, newest first. The
// commit of a release is a child of its source's commit and is on no branch, so it is in no later section.
func (r repository) changelog(ctx context.Context, version string) (string, error) {
	versions, err := r.versions(ctx)
	if err != nil {
		return "", err
	}
	return r.section(ctx, version, versions)
}

// changelogs returns the sections of the version and of all before it that have been released.
func (r repository) changelogs(ctx context.Context, version string, released []string) (string, error) {
	text := strings.Builder{}
	text.WriteString("# Changelog\n\nMade of the titles of the commits, at each release.\n")
	versions := []string{version}
	for _, other := range released {
		if semver.Compare(other, version) < 0 {
			versions = append(versions, other)
		}
	}
	slices.SortFunc(versions, func(a, b string) int { return semver.Compare(b, a) })
	for _, one := range versions {
		section, err := r.section(ctx, one, versions)
		if err != nil {
			return "", err
		}
		text.WriteString("\n" + section)
	}
	return text.String(), nil
}

func (r repository) section(ctx context.Context, version string, versions []string) (string, error) {
	commits := "refs/tags/" + version
	if previous := before(version, versions); previous != "" {
		commits = "refs/tags/" + previous + ".." + commits
	}
	date, err := r.git(ctx, "log", "-1", "--format=%cs", "refs/tags/"+version)
	if err != nil {
		return "", err
	}
	releaseCommit := ""
	if action, err := r.git(ctx, "show", version+":action.yml"); err == nil && isReleased([]byte(action)) {
		if releaseCommit, err = r.commitOf(ctx, "refs/tags/"+version); err != nil {
			return "", err
		}
	}
	log, err := r.git(ctx, "log", "--no-merges", "--format=%h %H %s", commits)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("## %s, %s\n\n", version, date)
	for line := range strings.Lines(log) {
		short, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		hash, title, _ := strings.Cut(rest, " ")
		if hash == releaseCommit {
			continue // it says nothing that this section does not
		}
		text += "- " + markdown.Replace(title) + " (" + short + ")\n"
	}
	return text, nil
}

// markdown lets titles be text: a title must not become a tag of HTML, a link or a heading of somebody's release page.
var markdown = strings.NewReplacer(`\`, `\\`, "<", `\<`, ">", `\>`, "[", `\[`, "]", `\]`, "*", `\*`, "_", `\_`, "@", "@\u200b")
