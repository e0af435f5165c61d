package main

import (
	"fmt"
	"regexp"

	"gopkg.in/yaml.v3"
)

// pinnedImage matches an image with its digest, such as ghcr.io/org/ami-action@sha256:…. A tag can move to another
// image; a digest cannot.
var pinnedImage = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+@sha256:[0-9a-f]{64}$`)

// builtImage matches the line of action.yml with which the runner builds the image from the checkout, which takes about
// a minute.
var builtImage = regexp.MustCompile(`(?m)^  image: Dockerfile$`)

// pinAction returns the action.yml with the image, which has the form of pinnedImage, in place of the Dockerfile. Nothing
// else changes. It is an error if the image is invalid, or if the action names an image already or has no line that
// names the Dockerfile.
func pinAction(action []byte, image string) ([]byte, error) {
	if !pinnedImage.MatchString(image) {
		return nil, fmt.Errorf("invalid image %q: it must have the form REGISTRY/NAME@sha256:DIGEST", image)
	}
	if isReleased(action) {
		return nil, fmt.Errorf("action.yml already names an image: a release must be made from a commit that is not a release")
	}
	if found := len(builtImage.FindAll(action, -1)); found != 1 {
		return nil, fmt.Errorf(`action.yml must have the line "  image: Dockerfile" once, and has it %d times`, found)
	}
	pinned := builtImage.ReplaceAllLiteral(action, []byte("  image: docker://"+image))
	if !isReleased(pinned) {
		return nil, fmt.Errorf("the line of action.yml with the image is not its runs.image")
	}
	return pinned, nil
}

// isReleased reports whether the action runs an image by its digest. Only the action in a release commit does.
func isReleased(action []byte) bool {
	var document struct {
		Runs struct{ Image string }
	}
	const scheme = "docker://"
	if yaml.Unmarshal(action, &document) != nil || len(document.Runs.Image) < len(scheme) {
		return false
	}
	return document.Runs.Image[:len(scheme)] == scheme && pinnedImage.MatchString(document.Runs.Image[len(scheme):])
}
