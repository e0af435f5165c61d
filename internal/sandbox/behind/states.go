package behind

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/store"
)

// state is a task of a state machine, or a loop of a wait, a task that polls and a choice.
type state struct {
	name string
	// until is the part of the run that is done when the state ends.
	until float64
	// wait and choice are the names of the states before and after a task that polls. every is the time between polls.
	wait, choice string
	every        time.Duration
	// output returns the body of the task's payload at a time. nil means that the task has no payload.
	output func(v View, at time.Time) map[string]any
}

// statesOf returns the states of the event's state machine, in order, as in the reference deployment
// (docs/behind-the-document.md, "The states, in order").
func statesOf(event lifecycle.Event) []state {
	switch event {
	case lifecycle.BuildAMI:
		return []state{
			{name: "Start Image Builder pipeline", until: 0.02, output: started},
			{name: "Poll AMI status", until: 0.95, wait: "Wait for AMI", choice: "Is AMI available?", every: 3 * time.Minute, output: imageState},
			{name: "Get AMI details", until: 0.98, output: started},
			{name: "Notify", until: 1},
		}
	case lifecycle.PatchAMI:
		return []state{
			{name: "Gather patch details", until: 0.01},
			{name: "Create patch component", until: 0.02},
			{name: "Create patch recipe", until: 0.03},
			{name: "Create patch pipeline", until: 0.04},
			{name: "Start patch pipeline", until: 0.05, output: started},
			{name: "Poll AMI status", until: 0.95, wait: "Wait for AMI", choice: "Is AMI available?", every: 3 * time.Minute, output: imageState},
			{name: "Get AMI details", until: 0.96, output: started},
			{name: "Delete dynamic resources", until: 0.98},
			{name: "Notify", until: 1},
		}
	case lifecycle.SmokeTestsCreate, lifecycle.SmokeTestsPatch:
		return []state{
			{name: "Prepare smoke tests", until: 0.1},
			{name: "Execute smoke tests", until: 0.8},
			{name: "Wait for logs", until: 0.9},
			{name: "Terminate instance", until: 0.95},
			{name: "Notify", until: 1},
		}
	case lifecycle.VulnerabilityScansCreate, lifecycle.VulnerabilityScansPatch:
		return []state{
			{name: "Prepare scan", until: 0.05},
			{name: "Launch instance", until: 0.2},
			{name: "Poll Inspector status", until: 0.8, wait: "Wait for Inspector", choice: "Is scan complete?", every: time.Minute, output: scanState},
			{name: "Get findings", until: 0.9},
			{name: "Publish metrics", until: 0.93},
			{name: "Terminate instance", until: 0.97},
			{name: "Notify", until: 1},
		}
	case lifecycle.QACertificationRequest:
		return []state{
			{name: "Start QA request", until: 0.05},
			{name: "Poll image status", until: 0.1, wait: "Wait for image", choice: "Is image available?", every: 3 * time.Minute},
			{name: "Export to VMDK", until: 0.15, output: exportState},
			{name: "Poll export status", until: 0.9, wait: "Wait for export", choice: "Is export complete?", every: 3 * time.Minute, output: exportState},
			{name: "Get download URL", until: 0.95},
			{name: "Tell QA", until: 0.98},
			{name: "Notify", until: 1},
		}
	}
	return []state{
		{name: "Start approval", until: 0.05},
		{name: "Back up AMI", until: 0.1, output: backupState},
		{name: "Poll backup status", until: 0.95, wait: "Wait for backup", choice: "Is backup complete?", every: 3 * time.Minute, output: backupState},
		{name: "Notify", until: 1},
	}
}

// atTime returns the view of the same run at another time.
func (v View) atTime(at time.Time) View { return View{v.run, at} }

func started(v View, _ time.Time) map[string]any {
	return map[string]any{"image_build_version_arn": v.ImageARN()}
}

func imageState(v View, at time.Time) map[string]any {
	image := v.atTime(at).Image()
	return map[string]any{"image_build_version_arn": image.ARN, "ami_state": image.Status}
}

func scanState(v View, at time.Time) map[string]any {
	v = v.atTime(at)
	said := map[string]any{"scan_status_code": "INACTIVE", "scan_status_reason": "PENDING_INITIAL_SCAN"}
	switch {
	case v.run.Fate == store.ScanUnsupported && v.isStruck():
		said["scan_status_reason"] = "UNSUPPORTED_OS"
	case v.done() >= 0.75:
		said["scan_status_code"], said["scan_status_reason"] = "ACTIVE", "SUCCESSFUL"
	}
	return said
}

func exportState(v View, at time.Time) map[string]any {
	v = v.atTime(at)
	said := map[string]any{"export_image_task_status": "active", "active_vmdk_export_tasks": 0}
	switch {
	case v.run.Fate == store.ExportFails && v.isStruck():
		said["export_image_task_status"] = "deleted"
		said["errorMessage"] = "ClientError: The image has an unsupported volume layout."
	case v.done() >= 0.88:
		said["export_image_task_status"] = "completed"
	}
	return said
}

func backupState(v View, at time.Time) map[string]any {
	v = v.atTime(at)
	said := map[string]any{"ami_backup_state": "InProgress"}
	switch {
	case v.run.Fate == store.BackupFails && v.isStruck():
		said["ami_backup_state"] = "Failed"
		said["errorMessage"] = "ClientError: The bucket for backups denies access."
	case v.done() >= 0.93:
		said["ami_backup_state"] = "Completed"
	}
	return said
}
