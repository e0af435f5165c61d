package documents_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
)

const migrating = "docs/migrating.md"

// oldFlags are the flags of api-cli.py in its documentation.
var oldFlags = []string{
	"--mode", "--operation", "--events", "--owner", "--stackTag", "--productVer", "--productName", "--lifecycleId",
	"--notifications", "--properties", "--certificationStatus", "--approvalStatusAmiCreation", "--approvalStatusAmiPatch",
	"--patchComponent", "--patchChangeDescription", "--semverBumpType", "--help",
}

func TestEveryOldFlagIsDocumented(t *testing.T) {
	t.Parallel()
	var documented []string
	for _, row := range cells(section(t, migrating, "## Flags")) {
		documented = append(documented, strings.Trim(row[0], "`"))
	}
	assert.ElementsMatch(t, oldFlags, documented)
}

// oldCommands are command lines of api-cli.py in the forms of its documentation. The test adds the owner and the
// notifications to every operation, as the documentation does even where they have no effect.
var oldCommands = map[string]string{
	"create":         `--operation "AMI_CREATE" --events "AMI_BUILD_ONLY" --productVer "1.0.0" --productName "My Product Name"`,
	"update":         `--operation "AMI_CREATE_UPDATE" --lifecycleId "` + anID + `" --events "SMOKE_TESTS" --events "VULNERABILITY_SCANS" --events "QA_CERTIFICATION_REQUEST"`,
	"patch":          `--operation "AMI_PATCH" --lifecycleId "` + anID + `" --events "AMI_PATCH_ONLY" --patchComponent "/path/sample_component.yaml" --patchChangeDescription "Adds Apache Httpd." --semverBumpType "MINOR"`,
	"patch update":   `--operation "AMI_PATCH_UPDATE" --lifecycleid "` + anID + `" --events "VULNERABILITY_SCANS" --events "SMOKE_TESTS"`,
	"status":         `--operation "AMI_GET_STATUS_BY_LIFECYCLE_ID" --lifecycleId "` + anID + `"`,
	"statuses":       `--operation "AMI_GET_STATUSES"`,
	"timeline":       `--operation "AMI_TIMELINE_CREATE" --lifecycleId "` + anID + `"`,
	"patch timeline": `--operation "AMI_TIMELINE_PATCH" --lifecycleId "` + anID + `"`,
	"certification":  `--operation "AMI_QA_CERTIFICATION" --lifecycleId "` + anID + `" --certificationStatus "CERTIFIED"`,
	"approval":       `--operation "AMI_APPROVAL_CREATE" --lifecycleId "` + anID + `" --approvalStatusAmiCreation "APPROVED"`,
	"patch approval": `--operation "AMI_APPROVAL_PATCH" --lifecycleId "` + anID + `" --approvalStatusAmiPatch "FAILED"`,
}

// TestTheOldCommandLinesWorkAfterTheDocumentedReplacement converts command lines of the old client with the documented
// sed command, and checks that ami-action accepts the result.
func TestTheOldCommandLinesWorkAfterTheDocumentedReplacement(t *testing.T) {
	t.Parallel()
	sed, err := exec.LookPath("sed")
	if err != nil {
		t.Skip("there is no sed")
	}
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	line := regexp.MustCompile(`(?m)^sed -E -i\.bak '(.+)' pipeline\.sh$`).FindStringSubmatch(read(t, migrating))
	require.NotNil(t, line)
	for name, old := range oldCommands {
		for _, program := range []string{"python api-cli.py", "python3 api-cli.py", "python3  tools/cli/api-cli.py"} {
			t.Run(name+" by "+program, func(t *testing.T) {
				t.Parallel()
				replace := exec.CommandContext(t.Context(), sed, "-E", line[1])
				replace.Stdin = strings.NewReader("set -e\n" + program + ` --mode "BATCH" --stacktag "main" --owner "ownername" --notifications "EMAIL::user@domain.com" ` + old + "\n")
				script, err := replace.Output()
				require.NoError(t, err)

				calls := runs(t, shell, string(script))
				require.Len(t, calls, 1)
				require.Equal(t, "ami-action", calls[0][0])
				_, err = config.Load(inRoot(calls[0][1:]), []string{"AMI_COMMIT_REF=4f2a9c1"}, config.Implied{}, config.CommandLine)
				assert.NoError(t, err)
			})
		}
	}
}
