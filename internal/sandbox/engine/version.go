package engine

import (
	"fmt"

	"github.com/org/ami-action/internal/sandbox/python"
)

// firstVersion is what the first build of a stack tag gets.
const firstVersion = "1.0.0"

// bump returns the version after this one: of the next major, MINOR, or (any other word) patch.
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
