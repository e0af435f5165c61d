package config

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/org/ami-action/internal/lifecycle"
)

// Bounds in bytes. The orchestrator keeps a body over 256 KB, refuses it and builds all the same
// (orchestrator-api.md, "Refused, and done all the same"). Both lists at their longest are half of that,
// which leaves room for the texts and for what the pipeline adds.
const (
	longestText        = 256
	longestDescription = 1024 // of an EC2 Image Builder component's changes
	longestEntry       = 16 << 10
	longestList        = 64 << 10
	longestPath        = 4 << 10
)

// spliced are the values that the orchestrator puts into JSON as they are: a quote makes it answer 500
// and leave an orphan lifecycle, a backslash or a control character breaks the state machine later
// (orchestrator-api.md, "Refused, and done all the same").
var spliced = []Name{ProductName, ProductVer, CommitRef, StackTag, PatchChangeDescription}

// reserved are the properties in which a patch request carries the patch itself (orchestrator-api.md,
// "Requests").
var reserved = []string{"patch_component_url", "patch_change_description", "semver_bump_type"}

func longest(name Name) int {
	switch name {
	case PatchChangeDescription:
		return longestDescription
	case PatchComponent, ReportFile, TimelineFile, SandboxDir, APIEndpoint:
		return longestPath
	default:
		return longestText
	}
}

// checkTexts checks the characters and the length of every text that was given.
func (r *reading) checkTexts(s *Settings) {
	texts := map[Name]string{
		LifecycleID: s.LifecycleID, Owner: s.Owner, StackTag: s.StackTag, ProductName: s.ProductName,
		ProductVer: s.ProductVer, CommitRef: s.CommitRef, PatchComponent: s.PatchComponent,
		PatchChangeDescription: s.PatchChangeDescription, ReportFile: s.ReportFile,
		TimelineFile: s.TimelineFile, StackName: s.StackName, APIEndpoint: s.APIEndpoint,
		APIKeyPrefix: s.APIKeyPrefix, SandboxDir: s.SandboxDir,
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		switch bad, found := forbidden(text, slices.Contains(spliced, name)); {
		case found:
			r.faulty(name, "has %s in it, which it cannot have: %s", bad, r.shown(name, text))
		case len(text) > longest(name):
			r.faulty(name, "has %d bytes; it can have %d", len(text), longest(name))
		case name == LifecycleID && text != "" && !isLifecycleID(text):
			r.faulty(name, "is %s, which is no lifecycle id; one looks like bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7",
				quoted(text, shownOfValue))
		}
	}
	r.checkNotifications(s)
	r.checkProperties(s)
}

func (r *reading) shown(name Name, text string) string {
	if declaration(name).Sensitive {
		return quoted(text, shownOfSensitive)
	}
	return quoted(text, shownOfValue)
}

// forbidden names the first character of a one-line text that the orchestrator or a log cannot take.
func forbidden(text string, isSpliced bool) (string, bool) {
	for _, letter := range text {
		switch {
		case letter == '\n' || letter == '\r':
			return "a line break", true
		case unicode.IsControl(letter):
			return "a control character", true
		case isSpliced && letter == '"':
			return `a double quote (")`, true
		case isSpliced && letter == '\\':
			return `a backslash (\)`, true
		}
	}
	return "", false
}

func (r *reading) checkNotifications(s *Settings) {
	for i, notification := range s.Notifications {
		bad, found := forbidden(notification.Method+notification.Target, false)
		switch {
		case found:
			r.faulty(Notifications, "has %s in entry %d", bad, i+1)
		case len(notification.Method)+len(notification.Target) > longestDescription:
			r.faulty(Notifications, "has more than %d bytes in entry %d", longestDescription, i+1)
		}
	}
	r.checkSize(Notifications, s.Notifications)
}

func (r *reading) checkProperties(s *Settings) {
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		value := s.Properties[key]
		badKey, foundInKey := forbidden(key, false)
		badValue, foundInValue := forbidden(withoutLayout.Replace(value), false)
		switch {
		case foundInKey:
			r.faulty(Properties, "has %s in the key %s", badKey, quoted(key, shownOfValue))
		case foundInValue:
			r.faulty(Properties, "has %s in the value of %s", badValue, quoted(key, shownOfValue))
		case len(key) > longestText:
			r.faulty(Properties, "has a key of %d bytes, %s; it can have %d", len(key), quoted(key, shownOfValue), longestText)
		case len(value) > longestEntry:
			r.faulty(Properties, "has %d bytes in the value of %s; it can have %d", len(value),
				quoted(key, shownOfValue), longestEntry)
		case slices.Contains(reserved, key) && s.Operation.Phase() == lifecycle.Patching:
			r.faulty(Properties, "has the key %s, in which the patch itself is sent; take another", key)
		}
	}
	r.checkSize(Properties, s.Properties)
}

// withoutLayout takes away the control characters that a property's value may have.
var withoutLayout = strings.NewReplacer("\n", "", "\r", "", "\t", "")

func (r *reading) checkSize(name Name, list any) {
	if encoded, err := json.Marshal(list); err == nil && len(encoded) > longestList {
		r.faulty(name, "has %d bytes altogether; it can have %d", len(encoded), longestList)
	}
}

// checkEncoding refuses what is no text at all. No other check could show it.
func (r *reading) checkEncoding(name Name, text string) bool {
	switch {
	case !utf8.ValidString(text):
		r.faulty(name, "is no UTF-8 text: %s", r.shown(name, text))
	case strings.ContainsRune(text, 0):
		r.faulty(name, "has a NUL character in it: %s", r.shown(name, text))
	default:
		return true
	}
	return false
}

// escaped makes a message of another package safe to print.
func escaped(message string) string {
	return strings.Trim(quoted(message, 400), `"`)
}

// firstSentence shortens a description for a message.
func firstSentence(description string) string {
	sentence, _, _ := strings.Cut(description, ". ")
	return strings.ToLower(sentence[:1]) + strings.TrimSuffix(sentence[1:], ".")
}
