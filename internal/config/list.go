package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// entriesOf splits a list that stands in one variable: a JSON array of texts, or such an array as Ruby
// shows it, which is what GitLab makes of an array input, or one entry a line. Blanks around an entry and
// empty entries do not count.
func entriesOf(text string) ([]string, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "[") || !strings.HasSuffix(text, "]") {
		return trimmed(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })), nil
	}
	var entries []string
	err := json.Unmarshal([]byte(text), &entries)
	if err != nil {
		err = json.Unmarshal([]byte(rubyEscapes.ReplaceAllStringFunc(text, jsonEscape)), &entries)
	}
	if err != nil {
		return nil, fmt.Errorf("begins and ends like a JSON array, but is no JSON array of texts")
	}
	return trimmed(entries), nil
}

// rubyEscapes are the escapes of a text, of which Ruby has some that JSON has not.
var rubyEscapes = regexp.MustCompile(`\\(?:u\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|[^ux])`)

// jsonEscape returns what JSON writes for an escape of Ruby's: "#" needs none there, for one.
func jsonEscape(escape string) string {
	switch escape[1] {
	case '#':
		return "#"
	case 'a':
		return `\u0007`
	case 'e':
		return `\u001b`
	case 'v':
		return `\u000b`
	case 'x':
		return `\u00` + escape[2:]
	case 'u':
		letter, err := strconv.ParseInt(escape[3:len(escape)-1], 16, 32)
		if err != nil {
			return escape
		}
		return string(rune(letter))
	default:
		return escape
	}
}

func trimmed(entries []string) []string {
	var kept []string
	for _, entry := range entries {
		if entry = strings.TrimSpace(entry); entry != "" {
			kept = append(kept, entry)
		}
	}
	return kept
}

// eventWords splits entries at commas too: no event's name has one.
func eventWords(entries []string) []string {
	var words []string
	for _, entry := range entries {
		words = append(words, trimmed(strings.Split(entry, ","))...)
	}
	return words
}

// notificationsOf reads METHOD::TARGET entries. The target is all that follows the first "::", since
// addresses have colons of their own.
func notificationsOf(entries []string) (notifications []Notification, faults []string) {
	for i, entry := range entries {
		method, target, found := cutPair(entry)
		switch {
		case !found || method == "" || target == "":
			// Without a method the server refuses, and leaves an orphan lifecycle behind
			// (orchestrator-api.md, "Refused, and done all the same").
			faults = append(faults, fmt.Sprintf("entry %d, %s, is no METHOD::TARGET; an example is "+
				"EMAIL::user@domain.com", i+1, quoted(entry, shownOfSensitive)))
		default:
			notifications = append(notifications, Notification{Method: method, Target: target})
		}
	}
	return notifications, faults
}

// propertiesOf reads KEY::VALUE entries. The value is all that follows the first "::", and may be empty.
func propertiesOf(entries []string) (properties map[string]string, faults []string) {
	properties = map[string]string{}
	for i, entry := range entries {
		key, value, found := cutPair(entry)
		_, repeated := properties[key]
		switch {
		case !found || key == "":
			faults = append(faults, fmt.Sprintf("entry %d, %s, is no KEY::VALUE; an example is "+
				"GITLAB_PIPELINE_ID::6214F038AD", i+1, quoted(entry, shownOfSensitive)))
		case repeated:
			faults = append(faults, fmt.Sprintf("entry %d gives the key %s again; a property has one value",
				i+1, quoted(key, shownOfValue)))
		default:
			properties[key] = value
		}
	}
	return properties, faults
}

func cutPair(entry string) (key, value string, found bool) {
	key, value, found = strings.Cut(entry, "::")
	return strings.TrimSpace(key), value, found
}

// documentedWord gives, for each event of the wire that a request can ask for, the documentation's word.
var documentedWord = map[lifecycle.Event]string{
	lifecycle.BuildAMI:                 lifecycle.ChoiceBuildOnly,
	lifecycle.PatchAMI:                 lifecycle.ChoicePatchOnly,
	lifecycle.SmokeTestsCreate:         lifecycle.ChoiceSmokeTests,
	lifecycle.SmokeTestsPatch:          lifecycle.ChoiceSmokeTests,
	lifecycle.VulnerabilityScansCreate: lifecycle.ChoiceVulnerabilityScans,
	lifecycle.VulnerabilityScansPatch:  lifecycle.ChoiceVulnerabilityScans,
}

// eventsFor gives the words of --events their documented spelling, each once. Who knows the wire may use
// its names for the operation's own events; the build's and the patch's own name beside other events
// says nothing new, since they run in any case, and must not override the others as AMI_BUILD_ONLY and
// AMI_PATCH_ONLY do. AMI_WAIT knows the wire's names itself.
func eventsFor(operation lifecycle.Operation, words []string) []string {
	var events []string
	for _, word := range words {
		word = strings.ToUpper(word)
		event := lifecycle.Event(word)
		if documented, ok := documentedWord[event]; ok && operation != lifecycle.Wait &&
			slices.Contains(operation.Phase().Requestable(), event) {
			word = documented
			if len(words) > 1 && slices.Contains(operation.Choices(), word) && startsAnyway(event) {
				continue
			}
		}
		if !slices.Contains(events, word) {
			events = append(events, word)
		}
	}
	return events
}

func startsAnyway(event lifecycle.Event) bool {
	return event == lifecycle.BuildAMI || event == lifecycle.PatchAMI
}
