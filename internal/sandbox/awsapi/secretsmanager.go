package awsapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/org/ami-action/internal/sandbox/store"
)

// secretsManager handles a call in the JSON 1.1 protocol.
func (h *Handler) secretsManager(w http.ResponseWriter, r *http.Request, call Call) {
	if call.Operation != "GetSecretValue" {
		WriteError(w, call, http.StatusBadRequest, "UnknownOperationException",
			"the sandbox supports GetSecretValue only")
		return
	}
	var request struct{ SecretId string } //nolint:revive // the name of the protocol
	if json.Unmarshal(call.body, &request) != nil || request.SecretId == "" {
		WriteError(w, call, http.StatusBadRequest, "InvalidParameterException", "SecretId is missing")
		return
	}
	arn := "arn:aws:secretsmanager:" + call.region + ":" + accountID + ":secret:"
	name, _ := strings.CutPrefix(request.SecretId, arn)
	name = strings.TrimSuffix(name, secretSuffix)
	var key string
	err := h.Store.View(r.Context(), func(tx *store.Tx) error {
		if short, found := strings.CutPrefix(name, h.SecretPrefix); found {
			key = tx.Key(short)
		}
		return nil
	})
	switch {
	case err != nil:
		WriteError(w, call, http.StatusInternalServerError, "InternalServiceError", err.Error())
	case key == "":
		WriteError(w, call, http.StatusBadRequest, "ResourceNotFoundException",
			"Secrets Manager can't find the specified secret.")
	default:
		writeJSON(w, http.StatusOK, map[string]any{
			"ARN": arn + name + secretSuffix, "Name": name, "SecretString": key,
			"VersionId": requestID, "VersionStages": []string{"AWSCURRENT"},
			"CreatedDate": time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC).Unix(),
		})
	}
}

// secretSuffix stands for the random characters that Secrets Manager appends to a secret's name in its ARN.
const secretSuffix = "-sandbx"
