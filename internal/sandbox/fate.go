package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// fate returns what happens in AWS to an event of FailBehind or Abort; "" for any other event.
func (o Options) fate(event lifecycle.Event) store.Fate {
	switch {
	case slices.Contains(o.Abort, event):
		return store.Aborted
	case !slices.Contains(o.FailBehind, event):
		return ""
	}
	switch event {
	case lifecycle.BuildAMI, lifecycle.PatchAMI:
		return store.ImageFails
	case lifecycle.QACertificationRequest:
		return store.ExportFails
	case lifecycle.MarkForProductionCreate, lifecycle.MarkForProductionPatch:
		return store.BackupFails
	case lifecycle.VulnerabilityScansCreate, lifecycle.VulnerabilityScansPatch:
		return store.ScanUnsupported
	}
	return store.TimesOut
}

// imageStatuses are the statuses of an image in Image Builder.
var imageStatuses = []string{
	"PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE",
	"CANCELLED", "FAILED", "DEPRECATED", "DELETED", "DISABLED",
}

func (s *Server) setImage(r *http.Request, id string, body []byte) (any, error) {
	var request struct {
		Status string `json:"status"`
		Reason string `json:"reason"`
	}
	if err := decode(body, &request); err != nil {
		return nil, err
	}
	if !slices.Contains(imageStatuses, request.Status) {
		return nil, fmt.Errorf("%w: status must be one of %s", errInvalid, strings.Join(imageStatuses, ", "))
	}
	return python.Dict{}, s.store.Update(r.Context(), func(tx *store.Tx) error {
		return s.engine.SetImage(tx, id, request.Status, request.Reason)
	})
}
