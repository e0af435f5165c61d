package insight

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const someImage = "arn:aws:imagebuilder:us-east-1:123456789012:image/base/1.0.0/3"

func TestWhatDecidesIsFoundWhereverItStands(t *testing.T) {
	tests := map[string]struct {
		text string
		want findings
	}{
		"at the top":           {`{"image_build_version_arn": "` + someImage + `", "ami_state": "BUILDING"}`, findings{imageARN: someImage, imageState: "BUILDING"}},
		"far below":            {`{"a": [{"b": {"Payload": {"body": {"image_build_version_arn": "` + someImage + `"}}}}]}`, findings{imageARN: someImage}},
		"in a text":            {`{"body": "{\"task\": {\"image_build_version_arn\": \"` + someImage + `\"}}"}`, findings{imageARN: someImage}},
		"as the SDK writes it": {`{"ImageBuildVersionArn": "` + someImage + `"}`, findings{imageARN: someImage}},
		"as an object":         {`{"ami_state": {"status": "FAILED", "reason": "x"}, "errorMessage": "why"}`, findings{imageState: "FAILED", errorMessage: "why"}},
		"the last counts":      {`{"input": {"scan_status_code": "ACTIVE", "scan_status_reason": "SUCCESSFUL"}, "out": {"scan_status_code": "INACTIVE", "scan_status_reason": "NO_INVENTORY"}}`, findings{scanCode: "INACTIVE", scanReason: "NO_INVENTORY"}},
		"cut in the middle":    {`{"image_build_version_arn": "` + someImage + `", "rest": "and so`, findings{imageARN: someImage}},
		"export":               {`{"export_image_task_status": "active", "active_vmdk_export_tasks": 2}`, findings{export: "active", otherExports: "some"}},
		"no exports":           {`{"active_vmdk_export_tasks": 0}`, findings{otherExports: "none"}},
		"exports in a list":    {`{"active_vmdk_export_tasks": [{"id": "export-ami-1"}]}`, findings{otherExports: "some"}},
		"exports as a text":    {`{"active_vmdk_export_tasks": "1"}`, findings{otherExports: "some"}},
		"a backup":             {`{"ami_backup_state": "Failed"}`, findings{backup: "Failed"}},
		"not an image's ARN":   {`{"image_build_version_arn": "arn:aws:imagebuilder:us-east-1:123456789012:image/base/x.x.x"}`, findings{}},
		"an ARN with more":     {`{"image_build_version_arn": "` + someImage + `\n::error::x"}`, findings{}},
		"wrong types":          {`{"image_build_version_arn": {"x": 1}, "ami_state": 7, "export_image_task_status": [null], "errorMessage": true}`, findings{}},
		"a text":               {`"` + someImage + `"`, findings{}},
		"not JSON":             {`image_build_version_arn`, findings{}},
		"nothing":              {``, findings{}},
		"closed too often":     {`{}}}}`, findings{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got findings
			got.read(test.text)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestHugeAndDeepOutputsAreReadWithinBounds(t *testing.T) {
	for name, text := range map[string]string{
		"deep":          strings.Repeat(`{"a":`, 200_000),
		"deep lists":    strings.Repeat(`[`, 1_000_000),
		"wide":          `{"a": [` + strings.Repeat(`1,`, 400_000) + `1], "ami_state": "FAILED"}`,
		"long":          `{"a": "` + strings.Repeat("x", 2<<20) + `", "ami_state": "FAILED"}`,
		"texts in text": strings.Repeat(`{"a":"{`, 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			var got findings
			got.read(text)
			assert.Empty(t, got)
		})
	}
}

func FuzzOutputs(f *testing.F) {
	f.Add(`{"Payload": {"body": "{\"image_build_version_arn\": \"` + someImage + `\"}"}, "ami_state": {"status": "FAILED"}}`)
	f.Add(`[[{"active_vmdk_export_tasks": [{}, 1]}]]`)
	f.Fuzz(func(t *testing.T, text string) {
		var got findings
		got.read(text)
		if got.imageARN != "" && imageParts(got.imageARN) == nil {
			t.Errorf("not an ARN: %q", got.imageARN)
		}
	})
}
