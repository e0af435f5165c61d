package sandbox_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// bindings maps the placeholders of a recording to their values in this run. Within a recording, equal placeholders
// stand for equal values.
type bindings map[string]string

// forms are the patterns of the values by kind of placeholder. A bound placeholder has one value in the whole
// recording. The value of another can differ from step to step, although the recording writes the same placeholder.
var forms = []struct {
	name, form string
	bound      bool
}{
	{"key", `[A-Za-z0-9]{30}`, true},
	{"lifecycle_id", `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`, true},
	{"ami_id", `ami-[0-9a-f]{17}`, true},
	{"uuid", `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`, false},
	{"date", `\d\d/\d\d/\d{4}, \d\d:\d\d:\d\d`, false},
	{"token", `[A-Z0-9]{15}`, false},
	{"random", `[a-z0-9]+`, false},
	{"semver_dot", `\d{4}\.\d\d\.\d{8}`, false},
	{"semver_dash", `\d{4}-\d\d-\d{8}`, false},
}

var placeholder = regexp.MustCompile(`<([a-z_]+)(?::([A-Za-z0-9_]+))?>`)

// fill returns a copy of the value in which bound placeholders are replaced by their values.
func (b bindings) fill(value any) any {
	switch v := value.(type) {
	case string:
		return placeholder.ReplaceAllStringFunc(v, func(name string) string {
			if bound, ok := b[name]; ok {
				return bound
			}
			return name
		})
	case []any:
		filled := make([]any, len(v))
		for i := range v {
			filled[i] = b.fill(v[i])
		}
		return filled
	case map[string]any:
		filled := make(map[string]any, len(v))
		for key := range v {
			filled[key] = b.fill(v[key])
		}
		return filled
	}
	return value
}

// differences returns the differences between a recorded value and the received one, each with its path. It binds a
// placeholder to the first value that it meets in its place.
func (b bindings) differences(recorded, came any, path string) []string {
	switch r := recorded.(type) {
	case map[string]any:
		c, ok := came.(map[string]any)
		if !ok {
			break
		}
		var found []string
		for key, value := range r {
			if _, has := c[key]; !has {
				found = append(found, fmt.Sprintf("%s.%s is missing", path, key))
				continue
			}
			found = append(found, b.differences(value, c[key], path+"."+key)...)
		}
		for key := range c {
			if _, has := r[key]; !has {
				found = append(found, fmt.Sprintf("%s.%s was not recorded: %s", path, key, dump(c[key])))
			}
		}
		return found
	case []any:
		c, ok := came.([]any)
		if !ok || len(c) != len(r) {
			break
		}
		c = b.inOrderOf(r, c)
		var found []string
		for i := range r {
			found = append(found, b.differences(r[i], c[i], fmt.Sprintf("%s[%d]", path, i))...)
		}
		return found
	case string:
		if c, ok := came.(string); ok && (b.matches(r, c) || b.dumpsAlike(r, c)) {
			return nil
		}
	default:
		if recorded == came {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: recorded %s, came %s", path, dump(recorded), dump(came))}
}

// inOrderOf returns the received lifecycles in the order of the recorded ones, because the server lists them in no
// defined order.
func (b bindings) inOrderOf(recorded, came []any) []any {
	sorted := slices.Clone(came)
	for i, one := range recorded {
		object, _ := one.(map[string]any)
		id, _ := object["lifecycle_id"].(string)
		j := slices.IndexFunc(sorted, func(other any) bool {
			object, _ := other.(map[string]any)
			return id != "" && object["lifecycle_id"] == any(b[id])
		})
		if j >= i {
			sorted[i], sorted[j] = sorted[j], sorted[i]
		}
	}
	return sorted
}

// dumpsAlike reports whether two texts that end in a whole document are equal but for the order of its members.
func (b bindings) dumpsAlike(recorded, came string) bool {
	decode := func(text string) (prefix string, document any) {
		prefix, _, _ = strings.Cut(text, "{")
		_ = json.Unmarshal([]byte(strings.TrimPrefix(text, prefix)), &document)
		return prefix, document
	}
	recordedText, recordedDocument := decode(recorded)
	cameText, cameDocument := decode(came)
	return recordedText == cameText && recordedDocument != nil && cameDocument != nil &&
		len(b.differences(recordedDocument, cameDocument, "")) == 0
}

func (b bindings) matches(recorded, came string) bool {
	var pattern strings.Builder
	var groups []string
	rest := recorded
	pattern.WriteString("(?s)^")
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		name, kind := rest[at[0]:at[1]], rest[at[2]:at[3]]
		pattern.WriteString(regexp.QuoteMeta(rest[:at[0]]))
		rest = rest[at[1]:]
		if bound, ok := b[name]; ok {
			pattern.WriteString(regexp.QuoteMeta(bound))
			continue
		}
		form := regexp.QuoteMeta(name)
		for _, one := range forms {
			if one.name == kind {
				form = one.form
				if one.bound {
					groups = append(groups, name)
					form = "(" + form + ")"
				}
			}
		}
		pattern.WriteString(form)
	}
	pattern.WriteString(regexp.QuoteMeta(rest) + "$")
	found := regexp.MustCompile(pattern.String()).FindStringSubmatch(came)
	if found == nil {
		return false
	}
	for i, name := range groups {
		if bound, ok := b[name]; ok && bound != found[i+1] {
			return false
		}
		for other, bound := range b {
			if other != name && bound == found[i+1] {
				return false // Different placeholders stand for different values.
			}
		}
		b[name] = found[i+1]
	}
	return true
}

func dump(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
