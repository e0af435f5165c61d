package engine

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// Ending is how an execution ends.
type Ending struct {
	// Status is COMPLETED, FAILED or ERROR.
	Status lifecycle.Status
	// Properties are merged into the usual properties of the result and replace equal keys.
	Properties python.Dict
	// ErrorMessage and StackTrace are those of an ERROR. If they are empty, it gets default texts.
	ErrorMessage, StackTrace string
}

// message returns the message that the state machine sends to its receiver when the execution ends with a result.
func (e *Engine) message(tx *store.Tx, one *store.Lifecycle, execution store.Execution, ending Ending,
	at time.Time) (python.Dict, error) {
	event, input := execution.Event, execution.Input
	secret := createReceiverKey
	if event.Phase() == lifecycle.Patching {
		secret = patchReceiverKey
	}
	value := python.Dict{
		"name": string(event), "status": string(ending.Status), "status_date": date(at),
		"lifecycle_id": one.ID, "api_key": tx.Key(secret),
	}
	properties, err := e.resultProperties(one, execution, ending.Status)
	if err != nil {
		return nil, err
	}
	for key, property := range ending.Properties {
		properties[key] = property
	}
	value["properties"] = properties
	details := python.Dict{"value": value}
	switch event {
	case lifecycle.BuildAMI:
		value["product_ver"], value["product_name"] = input["product_ver"], input["product_name"]
		value["commit_ref"] = input["commit_ref"]
	case lifecycle.PatchAMI:
		value["semver_bump_type"], value["commit_ref"] = input["semver_bump_type"], input["commit_ref"]
	case lifecycle.QACertificationRequest:
	default:
		// These state machines serve both phases and do not wait for a response.
		value["operation_type"] = wirePhase(event.Phase())
		return python.Dict{"task_details": details}, nil
	}
	details["type"] = json.Number("1")
	message := python.Dict{"task_details": details}
	for _, key := range []string{"id", "task_token"} {
		if message[key], err = e.randomText(15, upperCase+digits); err != nil {
			return nil, err
		}
	}
	return message, nil
}

func (e *Engine) resultProperties(one *store.Lifecycle, execution store.Execution, status lifecycle.Status) (python.Dict, error) {
	verdict := "PASSED"
	if status == lifecycle.Failed {
		verdict = "FAILED"
	}
	image := text(execution.Input["ami_id"])
	switch execution.Event {
	case lifecycle.BuildAMI:
		return e.builtProperties("build", one.ID)
	case lifecycle.PatchAMI:
		properties, err := e.builtProperties("patch", one.ID)
		if err == nil {
			properties["imagebuilder_pipeline_arn"] = imageBuilderARN("image-pipeline/dynamic-patch-pipeline")
			properties["imagebuilder_pipeline_name"] = "dynamic-patch-pipeline"
		}
		return properties, err
	case lifecycle.SmokeTestsCreate, lifecycle.SmokeTestsPatch:
		return python.Dict{"task": "SMOKE_TESTS_EVENT_NOTIFIER", "smoke_tests_status": verdict}, nil
	case lifecycle.VulnerabilityScansCreate, lifecycle.VulnerabilityScansPatch:
		return python.Dict{
			"task": "VULNERABILITY_SCANS_EVENT_NOTIFIER", "vulnerability_scans_status": verdict,
			"ami_contains_vulnerabilities": true, "total_vulnerabilities": "3",
			"vulnerability_severities": python.Dict{
				"INFORMATIONAL": "0", "LOW": "1", "MEDIUM": "2", "HIGH": "0", "CRITICAL": "0", "UNTRIAGED": "0",
			},
			"vulnerability_scan_report": python.Dict{"S3Bucket": "vulnerability-reports", "S3Key": "report-1"},
		}, nil
	case lifecycle.QACertificationRequest:
		prefix := "exports/" + one.ID + "/" + image + "/"
		const file = "export-ami-1.vmdk"
		return python.Dict{
			"task": "QA_CERTIFICATION_EVENT_NOTIFIER", "ami_id": image,
			"ami_owner": execution.Input["ami_owner"], "ami_name": execution.Input["ami_name"],
			"ami_region": execution.Input["ami_region"], "export_image_id": file,
			"export_bucket": "vmdk-exports", "export_bucket_prefix": prefix,
			"export_image_path":     "s3://vmdk-exports/" + prefix + file,
			"export_presign_s3_url": "https://vmdk-exports.s3.amazonaws.com/" + prefix + file + "?X-Amz-Expires=604800",
			"export_image_task_id":  strings.TrimSuffix(file, ".vmdk"),
		}, nil
	}
	return python.Dict{
		"task": "MARK_FOR_PRODUCTION_EVENT_NOTIFIER", "s3_bucket": "ami-backups", "s3_object_key": image + ".bin",
		"ami_backup_state": string(status), "approval_status": "APPROVED",
	}, nil
}

// builtProperties returns the properties of the result of a build or a patch, with a new image.
func (e *Engine) builtProperties(kind, lifecycleID string) (python.Dict, error) {
	image, err := e.randomText(17, digits+"abcdef")
	if err != nil {
		return nil, err
	}
	suffix, err := e.randomText(8, lowerCase+digits)
	if err != nil {
		return nil, err
	}
	const made = "2024-01-01T00:00:00.000Z"
	return python.Dict{
		"task": "AMI_" + strings.ToUpper(kind) + "_EVENT_NOTIFIER",
		"ami_details": python.List{python.Dict{
			"region": region, "image": "ami-" + image, "name": kind + "-" + lifecycleID + "-" + suffix,
			"description": kind + " image", "accountId": accountID,
		}},
		"imagebuilder_image_arn":           imageBuilderARN("image/" + kind + "-recipe/1.0.0/1"),
		"imagebuilder_image_name":          kind + "-recipe",
		"imagebuilder_image_creation_date": made,
		"imagebuilder_imagerecipe_arn":     imageBuilderARN("image-recipe/" + kind + "-recipe/1.0.0"),
		"imagebuilder_imagerecipe_name":    kind + "-recipe",
		"imagebuilder_recipe_components": python.List{python.Dict{
			"componentArn": imageBuilderARN("component/" + kind + "-component/1.0.0/1"),
		}},
		"imagebuilder_imagerecipe_creation_date": made,
		"imagebuilder_source_pipeline_name":      imageBuilderARN("image-pipeline/" + kind + "-pipeline"),
	}, nil
}
