package engine

import (
	"fmt"

	"github.com/org/ami-action/internal/sandbox/python"
)

// firstVersion is the version of the first build of a stack tag.
const firstVersion = "1.0.0"

// bump returns the next version: with the part "major" the next major version, with "MINOR" the next minor version, with
// any other the next patch version.
func bump(version, part string) (string, error) {
	var major, minor, patch uint64
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); err != nil {
		return "", python.Errorf("%s is not valid SemVer string", version)
	}
	switch part {
	case "major":
		return fmt.Sprintf("%d.0.0", major+1), nil
	case "MINOR":
		return fmt.Sprintf("%d.%d.0", major, minor+1), nil
	}
	return fmt.Sprintf("%d.%d.%d", major, minor, patch+1), nil
}
