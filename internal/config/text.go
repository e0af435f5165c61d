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

// Bounds in bytes. The orchestrator stores a document over 256 KB, refuses the request and builds all the same
// (docs/wire-contract.md, "Refused, and done all the same"). Both lists at their longest are half of that,
// which leaves room for the texts and for what the pipeline adds.
const (
	maxText        = 256
	maxDescription = 1024 // of an EC2 Image Builder component's changes
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

// fieldOf finds the field of Settings that holds the value of a variable.
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

func (r *reading) checkSize(name Name, list any) {
	if encoded, err := json.Marshal(list); err == nil && len(encoded) > maxList {
		r.faulty(name, "has %d bytes in all; the limit is %d", len(encoded), maxList)
	}
}

// checkEncoding refuses what is not text. No other check could show it.
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

// escaped makes a message of another package safe to print.
func escaped(message string) string {
	return strings.Trim(quoted(message, 400), `"`)
}

// firstSentence shortens a description for a message.
func firstSentence(description string) string {
	sentence, _, _ := strings.Cut(description, ". ")
	return strings.ToLower(sentence[:1]) + strings.TrimSuffix(sentence[1:], ".")
}
