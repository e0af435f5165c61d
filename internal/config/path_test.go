package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
)

func TestAPatchComponentInAPipelineStaysInTheCheckout(t *testing.T) {
	workspace, outside := t.TempDir(), t.TempDir()
	write := func(path string) string {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte("schemaVersion: 1.0\n"), 0o600))
		return path
	}
	inside := write(filepath.Join(workspace, "patches", "httpd.yaml"))
	write(filepath.Join(workspace, "patches", "with blank.yaml"))
	write(filepath.Join(workspace, "patches", `quo"te.yaml`))
	secret := write(filepath.Join(outside, "secret.yaml"))
	require.NoError(t, os.Symlink(secret, filepath.Join(workspace, "leads-out.yaml")))
	require.NoError(t, os.Symlink(outside, filepath.Join(workspace, "leads-out")))
	require.NoError(t, os.Symlink(filepath.Join("patches", "httpd.yaml"), filepath.Join(workspace, "leads-in.yaml")))

	const outOf = ", which is outside of the checkout: give a path relative to the checkout"
	rows := []struct{ name, path, want, fault string }{
		{"relative", "patches/httpd.yaml", inside, ""},
		{"with dots", "./patches/../patches/httpd.yaml", inside, ""},
		{"absolute", inside, inside, ""},
		{"a link that stays inside", "leads-in.yaml", filepath.Join(workspace, "leads-in.yaml"), ""},
		{"up and out", "../" + filepath.Base(outside) + "/secret.yaml", "", outOf},
		{"absolute elsewhere", "/etc/hostname", "", outOf},
		{"a link out", "leads-out.yaml", "", outOf},
		{"a linked directory out", "leads-out/secret.yaml", "", outOf},
		{"missing", "patches/none.yaml", "", ", which does not exist in the checkout (is there a checkout step before this one?)"},
		{"a directory", "patches", "", ", which is not a regular file"},
		{"a blank in its name", "patches/with blank.yaml", "", ": the file's name must contain only letters, digits and ._-, because it becomes part of a URL"},
		{"a quote in its name", `patches/quo"te.yaml`, "", ": the file's name must contain only letters, digits and ._-, because it becomes part of a URL"},
	}
	for _, platform := range []config.Platform{config.GitHubAction, config.GitLabComponent} {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				environ := append(patchVariables(), "GITHUB_WORKSPACE="+workspace, "CI_PROJECT_DIR="+workspace,
					"INPUT_PATCH_COMPONENT="+row.path)
				settings, err := config.Load(nil, environ, config.Implied{}, platform)
				if row.fault == "" {
					require.NoError(t, err)
					assert.Equal(t, row.want, settings.PatchComponent)
					return
				}
				require.ErrorContains(t, err, "input patch_component is ")
				assert.ErrorContains(t, err, row.fault)
			})
		}
	}
}

func TestAPatchComponentOnALaptopIsAnyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "patch.yaml")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	settings, err := config.Load([]string{"--patchComponent", path}, append(patchVariables(), "GITHUB_WORKSPACE=/nowhere"),
		config.Implied{}, config.CommandLine)
	require.NoError(t, err)
	assert.Equal(t, path, settings.PatchComponent)

	_, err = config.Load([]string{"--patchComponent", path + "x"}, patchVariables(), config.Implied{}, config.CommandLine)
	assert.ErrorContains(t, err, ", which does not exist")
}

func TestAPropertyThatCarriesThePatchItselfIsReserved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "patch.yaml")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	for _, key := range []string{"patch_component_url", "patch_change_description", "semver_bump_type"} {
		_, err := config.Load([]string{"--patchComponent", path, "--properties", key + "::x"}, patchVariables(),
			config.Implied{}, config.CommandLine)
		assert.EqualError(t, err, "--properties must not have the key "+key+", which carries the patch itself: use another key")
	}
	load(t, append([]string{"--properties", "semver_bump_type::x"}, certify()...))
}

// patchVariables returns the variables that a patch requires, except for its component.
func patchVariables() []string {
	return []string{
		"AMI_OPERATION=AMI_PATCH", "AMI_LIFECYCLE_ID=a1b2c3d4", "AMI_EVENTS=AMI_PATCH_ONLY", "AMI_OWNER=me",
		"AMI_STACK_TAG=main", "AMI_NOTIFICATIONS=EMAIL::a@b.c", "AMI_COMMIT_REF=c",
		"AMI_PATCH_CHANGE_DESCRIPTION=why", "AMI_SEMVER_BUMP_TYPE=MINOR",
	}
}
