package config

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/org/ami-action/internal/location"
	"github.com/org/ami-action/internal/unseen"
)

// Limits in bytes. If a document exceeds 256 KB, the orchestrator stores it, refuses the request and builds anyway
// (docs/wire-contract.md, "Refused, and done all the same"). Both lists together have at most half of that,
// which leaves room for the texts and for what the pipeline adds.
const (
	maxText        = 256
	maxDescription = 1024 // the limit of EC2 Image Builder for a component's change description
	maxEntry       = 16 << 10
	maxList        = 64 << 10
	maxPath        = 4 << 10
)

// checkTexts checks the characters, the length and the form of every text that was given.
func (r *reading) checkTexts(s *Settings) {
	fields := reflect.ValueOf(s).Elem()
	for i := range declared {
		setting := &declared[i]
		if setting.Kind != Text || len(setting.Options) > 0 || r.problems.about(setting.Name) {
			continue
		}
		field := fields.FieldByIndex(fieldOf[setting.Name.Variable()])
		text := field.String()
		bad, found := forbidden(text, setting.InServerJSON)
		switch {
		case text == "":
		case found:
			r.faulty(setting.Name, "must not contain %s: %s", bad, r.shown(setting.Name, text))
		case !setting.FreeText && strings.ContainsFunc(text, unseen.Is):
			r.faulty(setting.Name, "must not contain an invisible character: %s", r.shown(setting.Name, text))
		case len(text) > cmp.Or(setting.MaxBytes, maxText):
			r.faulty(setting.Name, "has %d bytes; the limit is %d", len(text), cmp.Or(setting.MaxBytes, maxText))
		case setting.Check != nil:
			if must := setting.Check(text); must != "" {
				r.invalid(setting.Name, text, must)
			}
		}
	}
	if s.APIEndpoint != "" && !r.problems.about(APIEndpoint) {
		s.APIEndpoint, _ = location.ParseEndpoint(s.APIEndpoint, location.IsNearby)
	}
	r.checkNotifications(s)
	r.checkProperties(s)
}

// fieldOf maps a variable to the index of its field in Settings.
var fieldOf = func() map[string][]int {
	fields := map[string][]int{}
	for field := range reflect.TypeFor[Settings]().Fields() {
		fields[field.Tag.Get("env")] = field.Index
	}
	return fields
}()

func (r *reading) shown(name Name, text string) string {
	if declaration(name).Sensitive {
		return quoted(text, shownOfSensitive)
	}
	return quoted(text, shownOfValue)
}

// forbidden returns a description of the first character that is not allowed in a one-line text, and whether there is one.
// isSpliced is set for texts that the orchestrator copies into JSON without escaping.
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

func (r *reading) checkSize(name Name, list any) {
	if encoded, err := json.Marshal(list); err == nil && len(encoded) > maxList {
		r.faulty(name, "has %d bytes in all; the limit is %d", len(encoded), maxList)
	}
}

// checkEncoding refuses values that are not UTF-8 text or that contain a NUL. It must run before the other checks, which
// rely on that.
func (r *reading) checkEncoding(name Name, text string) bool {
	switch {
	case !utf8.ValidString(text):
		r.faulty(name, "must be UTF-8 text: %s", r.shown(name, text))
	case strings.ContainsRune(text, 0):
		r.faulty(name, "must not contain a NUL character: %s", r.shown(name, text))
	default:
		return true
	}
	return false
}

// escaped escapes a message of another package, so that it is safe to print.
func escaped(message string) string {
	return strings.Trim(quoted(message, 400), `"`)
}

// firstSentence returns the first sentence of a description in lower case, for use inside a message.
func firstSentence(description string) string {
	sentence, _, _ := strings.Cut(description, ". ")
	return strings.ToLower(sentence[:1]) + strings.TrimSuffix(sentence[1:], ".")
}
