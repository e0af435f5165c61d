package config

import (
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
)

// checkedOperationsOf parses the entries of checkFor, and removes duplicates.
func checkedOperationsOf(entries []string) ([]lifecycle.Operation, error) {
	var operations []lifecycle.Operation
	var faults entryFaults
	for i, entry := range entries {
		operation, ok := lifecycle.ParseOperation(entry)
		switch {
		case !ok || operation == lifecycle.Doctor:
			faults.add(i, entry, "must be an operation such as "+string(lifecycle.Create)+", other than "+string(lifecycle.Doctor))
		case !slices.Contains(operations, operation):
			operations = append(operations, operation)
		}
	}
	return operations, faults.err()
}
