package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/buildinfo"
)

// project is a small project's repository. Releases are made in clones of it and pushed to it.
type project struct {
	repository

	t *testing.T
}

func newProject(t *testing.T) *project {
	t.Helper()
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_SYSTEM": os.DevNull,
		"GIT_AUTHOR_NAME": "somebody", "GIT_AUTHOR_EMAIL": "somebody@example.com",
		"GIT_COMMITTER_NAME": "somebody", "GIT_COMMITTER_EMAIL": "somebody@example.com",
		// Git's automatic maintenance is off, because it starts a process after each commit, fetch and push.
		"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "maintenance.auto", "GIT_CONFIG_VALUE_0": "false",
		"GIT_CONFIG_KEY_1": "receive.autogc", "GIT_CONFIG_VALUE_1": "false",
		"GIT_TEMPLATE_DIR": t.TempDir(), // without the samples of hooks
		"GIT_AUTHOR_DATE":  "2026-11-25T14:00:00+01:00", "GIT_COMMITTER_DATE": "2026-11-25T14:00:00+01:00",
	} {
		t.Setenv(name, value)
	}
	p := &project{repository: repository{dir: t.TempDir()}, t: t}
	p.run("init", "--quiet", "--initial-branch", "main")
	put(t, filepath.Join(p.dir, actionFile), string(repositorysAction(t)))
	put(t, filepath.Join(p.dir, recordFile), "{}\n")
	return p
}

func (p *project) run(args ...string) string {
	p.t.Helper()
	said, err := p.git(p.t.Context(), args...)
	require.NoError(p.t, err)
	return said
}

// commit adds a commit to the branch that is checked out.
func (p *project) commit(title string) {
	p.t.Helper()
	put(p.t, filepath.Join(p.dir, "file"), title)
	p.run("add", "--all")
	p.run("commit", "--quiet", "-m", title)
}

// tag tags HEAD with the version, as a maintainer does.
func (p *project) tag(version string) {
	p.t.Helper()
	p.run("tag", "--annotate", "-m", version, version)
}

// clone returns a new clone in which the tagged version is checked out.
func (p *project) clone(version string) repository {
	p.t.Helper()
	checkout := repository{dir: p.t.TempDir()}
	_, err := checkout.git(p.t.Context(), "clone", "--quiet", "--branch", version, p.dir, ".")
	require.NoError(p.t, err)
	return checkout
}

// release releases a tagged version as the workflow does: in a new clone.
func (p *project) release(version, image string) (made, error) {
	p.t.Helper()
	return p.clone(version).release(p.t.Context(), version, image, "origin")
}

// publish tags HEAD and releases it.
func (p *project) publish(version string) made {
	p.t.Helper()
	p.tag(version)
	m, err := p.release(version, image)
	require.NoError(p.t, err)
	return m
}

// points returns the version of the release that the tag points to.
func (p *project) points(tag string) string {
	p.t.Helper()
	var record buildinfo.Info
	require.NoError(p.t, json.Unmarshal([]byte(p.run("show", tag+":"+recordFile)), &record))
	return record.Version
}

func TestAReleaseIsACommitWhoseActionNamesItsImage(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	source := p.run("rev-parse", "HEAD")
	m := p.publish("v1.2.3")
	assert.Equal(t, []string{"v1", "v1.2"}, m.moved)
	assert.True(t, m.latest)
	for _, tag := range []string{"v1.2.3", "v1.2", "v1"} {
		assert.Equal(t, m.commit, p.run("rev-parse", tag+"^{commit}"), tag)
	}
	assert.Equal(t, source, p.run("rev-parse", "v1^"), "its only parent is what was tagged")
	assert.Equal(t, "CHANGELOG.md\naction.yml\ninternal/buildinfo/release.json", p.run("diff", "--name-only", "v1^", "v1"))
	assert.Contains(t, p.run("show", "v1:action.yml"), "\n  image: docker://"+image)
	assert.JSONEq(t, `{"version": "v1.2.3", "commit": "`+source+`", "date": "2026-11-25T13:00:00Z"}`, p.run("show", "v1:"+recordFile))
	assert.Equal(t, source, p.run("rev-parse", "main"), "the branch stays where it is")
}

func TestABackportMovesNoTagBackwards(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	p.publish("v1.2.0")
	p.run("checkout", "--quiet", "-b", "release-1.2")
	p.run("checkout", "--quiet", "main")
	p.commit("Add what is new")
	p.publish("v1.3.0")
	p.run("checkout", "--quiet", "release-1.2")
	p.commit("Fix what is old")
	m := p.publish("v1.2.1")
	assert.Equal(t, []string{"v1.2"}, m.moved)
	assert.False(t, m.latest)
	for tag, want := range map[string]string{"v1": "v1.3.0", "v1.3": "v1.3.0", "v1.2": "v1.2.1", "v1.2.0": "v1.2.0"} {
		assert.Equal(t, want, p.points(tag), tag)
	}
	assert.NotContains(t, p.run("show", "v1.2.1:CHANGELOG.md"), "Add what is new")
}

func TestATagWhoseReleaseFailedHoldsNothingBack(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	p.tag("v1.3.0")
	p.commit("Fix the release")
	assert.Equal(t, []string{"v1", "v1.2"}, p.publish("v1.2.1").moved)
}

func TestAReleasedVersionNeverChanges(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	first := p.publish("v1.0.0")
	other := strings.Replace(image, "0f", "1f", 1)
	_, err := p.release("v1.0.0", other)
	assert.ErrorContains(t, err, "v1.0.0 is released, and a released version never changes")
	assert.Equal(t, first.commit, p.run("rev-parse", "v1.0.0"))
	assert.Equal(t, first.commit, p.run("rev-parse", "v1"))
}

// Two releases run at once: the clone of the first was made before the second moved the tags.
func TestATagThatHasMovedMeanwhileIsNotMoved(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	p.publish("v1.0.0")
	p.commit("Go on")
	p.tag("v1.0.1")
	late := p.clone("v1.0.1")
	p.commit("Go on still")
	newest := p.publish("v1.1.0")
	_, err := late.release(t.Context(), "v1.0.1", image, "origin")
	assert.ErrorContains(t, err, "no tag was moved")
	assert.Equal(t, newest.commit, p.run("rev-parse", "v1"))
	assert.Equal(t, "v1.0.0", p.points("v1.0"), "all move, or none")
}

func TestTheSameImageMakesTheSameCommit(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	p.tag("v1.0.0")
	tagged := p.run("rev-parse", "v1.0.0^{commit}")
	var commits []string
	for range 2 {
		m, err := p.clone("v1.0.0").release(t.Context(), "v1.0.0", image, "")
		require.NoError(t, err)
		commits = append(commits, m.commit)
	}
	assert.Equal(t, commits[0], commits[1])
	assert.NotEqual(t, commits[0], tagged)
	assert.Equal(t, tagged, p.run("rev-parse", "v1.0.0^{commit}"), "nothing is pushed unasked")
}

func TestWhatCannotBeReleasedIsSaidBeforeAnythingIsMade(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	p.run("tag", "v1.0.0")
	assert.NoError(t, p.check(t.Context(), "v1.0.0"))
	assert.ErrorContains(t, p.check(t.Context(), "1.0.0"), "form v1.2.3")
	assert.ErrorContains(t, p.check(t.Context(), "v1.0.1"), "the tag v1.0.1 was not found")
	put(t, filepath.Join(p.dir, "file"), "changed")
	assert.ErrorContains(t, p.check(t.Context(), "v1.0.0"), "changes that are not committed")
	p.commit("Go on")
	assert.ErrorContains(t, p.check(t.Context(), "v1.0.0"), "check the tag out")
}

func TestTheChangelogIsMadeOfTheTitles(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	p.publish("v1.0.0")
	p.commit("Fix <script> in [a](link) of @somebody")
	p.commit("Add another")
	p.publish("v1.1.0")
	p.commit("Go on")
	p.run("tag", "v1.2.0")
	short := func(revision string) string { return p.run("log", "-1", "--format=%h", revision) }
	var out bytes.Buffer
	t.Chdir(p.dir)
	require.NoError(t, run(t.Context(), []string{"changelog", "v1.2.0"}, &out))
	assert.Equal(t, "## v1.2.0, 2026-11-25\n\n- Go on ("+short("main")+")\n", out.String())
	assert.Equal(t, "# Changelog\n\nGenerated from the commit titles at each release.\n\n"+
		"## v1.1.0, 2026-11-25\n\n- Add another ("+short("main~1")+")\n"+
		"- Fix \\<script\\> in \\[a\\](link) of @\u200bsomebody ("+short("main~2")+")\n\n"+
		"## v1.0.0, 2026-11-25\n\n- Begin ("+short("main~3")+")", p.run("show", "v1.1.0:CHANGELOG.md"))
}

func TestTheCommandSaysWhatTheWorkflowNeeds(t *testing.T) {
	p := newProject(t)
	p.commit("Begin")
	p.tag("v1.0.0")
	t.Chdir(p.clone("v1.0.0").dir)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"check", "v1.0.0"}, &out))
	assert.Empty(t, out.String())
	require.NoError(t, run(t.Context(), []string{"commit", "--push", "origin", "v1.0.0", image}, &out))
	assert.Equal(t, "commit="+p.run("rev-parse", "v1.0.0")+"\nmoved=v1 v1.0\nlatest=true\n", out.String())
	out.Reset()
	p.run("tag", "v1.1.0")
	t.Chdir(p.dir)
	require.NoError(t, run(t.Context(), []string{"moving", "v1.0.0"}, &out))
	assert.Equal(t, "v1.0\n", out.String())
	assert.ErrorContains(t, run(t.Context(), []string{"moving", "1.0"}, &out), "form v1.2.3")
	for _, wrong := range [][]string{nil, {"check"}, {"commit", "v1.0.0"}, {"other", "v1.0.0"}, {"check", "--push", "origin", "v1.0.0"}} {
		assert.ErrorIs(t, run(t.Context(), wrong, &out), errUsage, wrong)
	}
}
