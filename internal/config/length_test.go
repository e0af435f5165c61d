package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
)

func TestNamesAreTakenUpToTheirLength(t *testing.T) {
	dir := t.TempDir()
	component := func(length int) string {
		path := filepath.Join(dir, strings.Repeat("a", length))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		return path
	}
	refusal := func(arg string) string {
		args := []string{"--operation=AMI_PATCH", "--stackTag=main", "--owner=me", "--notifications=EMAIL::a@b.c",
			"--events=AMI_PATCH_ONLY", "--patchChangeDescription=x", "--semverBumpType=MINOR", "--commitRef=c", arg}
		if !strings.HasPrefix(arg, "--lifecycleId=") {
			args = append(args, "--lifecycleId=a1b2c3d4")
		}
		if !strings.HasPrefix(arg, "--patchComponent=") {
			args = append(args, "--patchComponent="+component(1))
		}
		_, err := config.Load(args, nil, config.Implied{}, config.CommandLine)
		if err != nil {
			return err.Error()
		}
		return ""
	}
	for _, row := range []struct{ longest, longer, fault string }{
		{"--lifecycleId=" + strings.Repeat("a", 128), "--lifecycleId=" + strings.Repeat("a", 129), "must be a lifecycle id"},
		{"--stackName=" + strings.Repeat("a", 128), "--stackName=" + strings.Repeat("a", 129), "must be the name or the ARN of a CloudFormation stack"},
		{"--patchComponent=" + component(128), "--patchComponent=" + component(129), "only letters, digits and ._-"},
	} {
		assert.Empty(t, refusal(row.longest))
		assert.Contains(t, refusal(row.longer), row.fault)
	}
	assert.Empty(t, refusal("--stackName=arn:aws:cloudformation:eu-central-1:123456789012:stack/"+strings.Repeat("a", 128)+"/x"))
}
