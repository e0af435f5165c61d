package deployment_test

import (
	"os"
	"testing"

	"github.com/org/ami-action/internal/mototest"
)

func TestMain(m *testing.M) {
	os.Exit(mototest.Run(m))
}
