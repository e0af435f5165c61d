package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// changelog returns the changes of the version as a section of Markdown: the titles of its commits, newest first. A
// release commit is a child of the tagged commit and on no branch, so later sections do not list it.
func (r repository) changelog(ctx context.Context, version string) (string, error) {
	versions, err := r.versions(ctx)
	if err != nil {
		return "", err
	}
	return r.section(ctx, version, versions)
}

// changelogs returns the whole changelog: the sections of the version and of all released versions before it.
func (r repository) changelogs(ctx context.Context, version string, released []string) (string, error) {
	text := strings.Builder{}
	text.WriteString("# Changelog\n\nGenerated from the commit titles at each release.\n")
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
			continue // the release commit itself is no change
		}
		text += "- " + markdown.Replace(title) + " (" + short + ")\n"
	}
	return text, nil
}

// markdown escapes titles, so that a title cannot put HTML, links, emphasis or mentions of users into a release page.
var markdown = strings.NewReplacer(`\`, `\\`, "<", `\<`, ">", `\>`, "[", `\[`, "]", `\]`, "*", `\*`, "_", `\_`, "@", "@\u200b")
