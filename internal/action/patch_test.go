package action

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAnUploadTellsWhetherAPatchCameAfterIt tests what a re-run relies on. The previous patch may have ended in
// the same second as the upload, so dates do not show which came first.
func TestAnUploadTellsWhetherAPatchCameAfterIt(t *testing.T) {
	first := []string{patchResults("PATCH_AMI", "COMPLETED", "SMOKE_TESTS_AMI_PATCH", "COMPLETED")}
	uploaded := uploadToken(lifecycleWith(t, first...), "job.nonce")
	assert.Regexp(t, `^job\.nonce\.[0-9a-f]{16}\.[0-9a-f]{32}$`, uploaded)
	assert.Empty(t, patchesIn("job.nonce"))

	second := `"inputs_ami_patch": {"events": []}, "outputs_ami_patch": {"patch_history": {
		"current": {"events": [{"name": "PATCH_AMI", "status": "COMPLETED"}]},
		"historical": [{"events": [{"name": "PATCH_AMI", "status": "COMPLETED"}]}]}}`
	for name, c := range map[string]struct {
		document []string
		patched  bool
	}{
		"nothing since":                 {first, false},
		"the first patch's tests since": {[]string{first[0], inProgress("VULNERABILITY_SCANS_AMI_PATCH", "")}, false},
		"a patch is running":            {[]string{first[0], inProgress("PATCH_AMI", "")}, true},
		"a patch ended in an error":     {[]string{first[0], inProgress("PATCH_AMI", "ERROR")}, true},
		"a patch has ended":             {[]string{second}, true},
		"its tests are running":         {[]string{second, inProgress("SMOKE_TESTS_AMI_PATCH", "")}, true},
	} {
		assert.Equal(t, c.patched, patchesOf(lifecycleWith(t, c.document...)) != patchesIn(uploaded), name)
	}

	failedBefore := lifecycleWith(t, first[0], inProgress("PATCH_AMI", "ERROR"))
	assert.Equal(t, patchesOf(failedBefore), patchesIn(uploadToken(failedBefore, "job.nonce")),
		"an error that stood there before is not this job's")
	assert.NotEqual(t, uploadToken(lifecycleWith(t), "job.nonce"), uploaded, "the first patch")
}
