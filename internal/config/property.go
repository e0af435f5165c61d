package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// patchProperties are the properties in which a patch request carries the patch itself.
var patchProperties = []string{lifecycle.PropertyComponentURL, lifecycle.PropertyChangeDescription, lifecycle.PropertySemverBumpType}

// ReservedPrefix is the prefix of the keys of the properties that this command records for itself, such as its token.
const ReservedPrefix = "AMI_ACTION_"

// propertiesOf parses KEY::VALUE entries. The value is everything after the first "::", and may be empty.
func propertiesOf(entries []string) (map[string]string, error) {
	properties := map[string]string{}
	var faults entryFaults
	for i, entry := range entries {
		key, value, found := cutPair(entry)
		_, repeated := properties[key]
		switch {
		case !found || key == "":
			faults.add(i, entry, "must be KEY::VALUE, such as GITLAB_PIPELINE_ID::6214F038AD; "+
				"a value with line breaks must be in a JSON array of texts")
		case isQuoted(entry):
			faults.add(i, entry, "must not have quotes around it")
		case repeated:
			faults = append(faults, fmt.Sprintf("entry %d repeats the key %s: a property has one value", i+1, quoted(key, shownOfValue)))
		default:
			properties[key] = value
		}
	}
	return properties, faults.err()
}

func (r *reading) checkProperties(s *Settings) {
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		value := s.Properties[key]
		shown := quoted(key, shownOfValue)
		badKey, foundInKey := forbidden(key, false)
		badValue, foundInValue := forbidden(withoutLayout.Replace(value), false)
		literal, isUnexpanded := unexpanded(key)
		runID, isRunID := r.implied.RunIDs[key]
		switch {
		case foundInKey:
			r.faulty(Properties, "must not contain %s (key %s)", badKey, shown)
		case foundInValue:
			r.faulty(Properties, "must not contain %s (value of %s)", badValue, shown)
		case len(key) > maxText:
			r.faulty(Properties, "has a key of %d bytes, %s; the limit is %d", len(key), shown, maxText)
		case len(value) > maxEntry:
			r.faulty(Properties, "has %d bytes in the value of %s; the limit is %d", len(value), shown, maxEntry)
		case slices.Contains(patchProperties, key) && s.Operation.Phase() == lifecycle.Patching:
			r.faulty(Properties, "must not have the key %s, which carries the patch itself: use another key", key)
		case strings.HasPrefix(strings.ToUpper(key), ReservedPrefix):
			r.faulty(Properties, "must not have the key %s: keys that start with %s are reserved", shown, ReservedPrefix)
		case isRunID && value != runID:
			r.faulty(Properties, "must not have the key %s, which records the ids of this run: use another key", shown)
		case isUnexpanded:
			r.notExpanded(Properties, literal)
		default:
			if literal, ok := unexpanded(value); ok {
				r.warn(Properties, r.howToWrite(Properties, literal), "%s: the value of %s contains %s, which is not expanded",
					r.called(Properties), shown, quoted(literal, shownOfSensitive))
			}
		}
	}
	r.checkSize(Properties, s.Properties)
}

// withoutLayout removes the control characters that are allowed in the value of a property.
var withoutLayout = strings.NewReplacer("\n", "", "\r", "", "\t", "")
