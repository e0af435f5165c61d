package behind

import (
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/store"
)

// Image is the image that Image Builder makes for a build or a patch.
type Image struct {
	ARN, Name, Version string
	Status, Reason     string
	Created            time.Time
}

// imageStages are the statuses of an image in order. from is the part of the run that is done when a status begins.
var imageStages = []struct {
	status string
	from   float64
}{
	{"PENDING", 0}, {"CREATING", 0.03}, {"BUILDING", 0.05}, {"TESTING", 0.7}, {"DISTRIBUTING", 0.84}, {"AVAILABLE", 0.9},
}

// ImageARN returns the ARN of the run's image, or "" if the run makes no image.
func (v View) ImageARN() string {
	if !v.makesImage() {
		return ""
	}
	name, version := strings.ToLower(v.imageName()), v.imageVersion()
	return v.arn("imagebuilder", "image/"+name+"/"+version)
}

func (v View) imageName() string {
	if v.run.Event == lifecycle.BuildAMI {
		return "build-recipe"
	}
	version, _ := v.run.Input["semantic_version_dash"].(string)
	return "AMI-PATCH-LC-" + v.run.LifecycleID + "-" + version + "-" + v.id("image")[:8]
}

// imageVersion returns the version and the build number of the image: VERSION/NUMBER. All builds have one recipe, so
// the number of a build is derived from its execution.
func (v View) imageVersion() string {
	number := uint32(1)
	if v.run.Event == lifecycle.BuildAMI {
		number = crc32.ChecksumIEEE([]byte(v.run.ARN))%9000 + 1
	}
	return fmt.Sprintf("1.0.0/%d", number)
}

// Image returns the run's image, or nil if the run makes no image.
func (v View) Image() *Image {
	if !v.makesImage() {
		return nil
	}
	image := &Image{
		ARN: v.ImageARN(), Name: v.imageName(), Version: v.imageVersion(), Created: v.run.Started, Status: v.stage(),
	}
	switch {
	case v.run.ImageStatus != "" && (v.run.FateAt.IsZero() || v.isStruck()):
		image.Status, image.Reason = v.run.ImageStatus, v.run.ImageReason
	case v.imageHasFailed():
		image.Status = failed
	}
	if image.Status == failed && image.Reason == "" {
		image.Reason = fmt.Sprintf("Workflow Execution ID: '%s' failed with reason: %s", v.workflowID(v.failedWorkflow()), v.failure())
	}
	return image
}

func (v View) imageHasFailed() bool { return v.run.Fate == store.ImageFails && v.isStruck() }

// stage returns the status of the image that belongs to the part of the run that is done.
func (v View) stage() string {
	status, done := "", v.done()
	for _, stage := range imageStages {
		if done >= stage.from {
			status = stage.status
		}
	}
	return status
}

// failure returns the message of the workflow step that failed.
func (v View) failure() string {
	if !v.failsInComponent() {
		return "The instance did not become available in time."
	}
	return "Document " + v.componentARN() + " failed!"
}

// componentARN returns the ARN of the component in the image's recipe.
func (v View) componentARN() string {
	if v.run.Event == lifecycle.BuildAMI {
		return v.arn("imagebuilder", "component/build-component/1.0.0/1")
	}
	return v.arn("imagebuilder", "component/"+strings.ToLower(v.imageName())+"/1.0.0/1")
}
