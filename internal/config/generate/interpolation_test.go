package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// rule inserts inputs into a template in the way of a system. It returns the variables of the template's job as the
// job's processes see them.
type rule func(template string, inputs map[string]any) (map[string]string, error)

var block = regexp.MustCompile(`\$\[\[\s*inputs\.([\w-]+)\s*\]\]`)

// templateBody returns the part of the template after the header.
func templateBody() (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "templates/gitlab/template.yml"))
	if err != nil {
		return "", err
	}
	_, body, found := strings.Cut(string(text), "\n---\n")
	if !found {
		return "", errors.New("the template has no header")
	}
	return body, nil
}

// nodes is the rule of GitLab since array inputs exist (16.11). YAML is parsed first, then each text in it
// is interpolated. A text that consists of a single block becomes the input's value with its type. In a
// longer text, the value is written in Ruby's notation (lib/gitlab/ci/config/interpolation/template.rb).
func nodes(template string, inputs map[string]any) (map[string]string, error) {
	var document any
	if err := yaml.Unmarshal([]byte(template), &document); err != nil {
		return nil, err
	}
	document = eachText(document, func(text string) any {
		if found := block.FindStringSubmatch(text); found != nil && found[0] == text {
			return inputs[found[1]]
		}
		return block.ReplaceAllStringFunc(text, func(found string) string {
			shown := rubyText(inputs[block.FindStringSubmatch(found)[1]])
			// String#gsub reads two backslashes in a replacement as one.
			return strings.ReplaceAll(shown, `\\`, `\`)
		})
	})
	return variablesOf(document, func(value any) (string, error) {
		switch value.(type) {
		case string, int:
			return fmt.Sprint(value), nil
		}
		return "", fmt.Errorf("variable definition must be either a string or a hash: %v", value)
	})
}

// text is the rule in the project's notes. GitLab had it for a while behind a feature flag. A block is replaced in
// the text of the file, and YAML is parsed afterwards. Values other than text are written as JSON.
func text(template string, inputs map[string]any) (map[string]string, error) {
	replaced := block.ReplaceAllStringFunc(template, func(found string) string {
		value := inputs[block.FindStringSubmatch(found)[1]]
		if text, ok := value.(string); ok {
			return text
		}
		return asJSON(value)
	})
	var document any
	if err := yaml.Unmarshal([]byte(replaced), &document); err != nil {
		return nil, err
	}
	return variablesOf(document, func(value any) (string, error) {
		if value, ok := value.(string); ok {
			return value, nil
		}
		return "", fmt.Errorf("variable definition must be either a string or a hash: %v", value)
	})
}

// emulated is the rule of gitlab-ci-local 4.73 (its src/parser.ts). It is like nodes, but it writes JSON into longer
// texts, and joins a list that is a whole variable with commas.
func emulated(template string, inputs map[string]any) (map[string]string, error) {
	var document any
	if err := yaml.Unmarshal([]byte(template), &document); err != nil {
		return nil, err
	}
	document = eachText(document, func(text string) any {
		if found := block.FindStringSubmatch(text); found != nil && found[0] == text {
			return inputs[found[1]]
		}
		return block.ReplaceAllStringFunc(text, func(found string) string {
			value := inputs[block.FindStringSubmatch(found)[1]]
			if text, ok := value.(string); ok {
				return text
			}
			return asJSON(value)
		})
	})
	return variablesOf(document, func(value any) (string, error) {
		if list, ok := value.([]any); ok {
			var texts []string
			for _, entry := range list {
				texts = append(texts, fmt.Sprint(entry))
			}
			return strings.Join(texts, ","), nil
		}
		return fmt.Sprint(value), nil
	})
}

// eachText replaces every text of a YAML document, including keys.
func eachText(document any, replace func(string) any) any {
	switch document := document.(type) {
	case map[string]any:
		replaced := map[string]any{}
		for key, value := range document {
			replaced[fmt.Sprint(replace(key))] = eachText(value, replace)
		}
		return replaced
	case []any:
		replaced := make([]any, len(document))
		for i, value := range document {
			replaced[i] = eachText(value, replace)
		}
		return replaced
	case string:
		return replace(document)
	default:
		return document
	}
}

var reference = regexp.MustCompile(`\$\$|\$\{?[A-Za-z_]\w*\}?`)

// variablesOf returns the variables of the only job in the document. References to variables in a value are expanded,
// unless the variable has expand: false.
func variablesOf(document any, textOf func(any) (string, error)) (map[string]string, error) {
	jobs, ok := document.(map[string]any)
	if !ok || len(jobs) != 1 {
		return nil, fmt.Errorf("not one job: %v", document)
	}
	variables := map[string]string{}
	for _, job := range jobs {
		for name, definition := range job.(map[string]any)["variables"].(map[string]any) {
			value, expand := definition, true
			if definition, ok := definition.(map[string]any); ok {
				value, expand = definition["value"], definition["expand"] != false
			}
			text, err := textOf(value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if expand {
				text = reference.ReplaceAllString(text, "EXPANDED")
			}
			variables[name] = text
		}
	}
	return variables, nil
}

func asJSON(value any) string {
	var written strings.Builder
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // all values come from the tests
	}
	return strings.TrimSuffix(written.String(), "\n")
}

// rubyText returns the result of Ruby's to_s, which for an array is that of inspect.
func rubyText(value any) string {
	list, ok := value.([]any)
	if !ok {
		return fmt.Sprint(value)
	}
	var entries []string
	for _, entry := range list {
		entries = append(entries, rubyInspect(entry.(string)))
	}
	return "[" + strings.Join(entries, ", ") + "]"
}

// rubyInspect returns the result of Ruby's String#inspect.
func rubyInspect(text string) string {
	escapes := map[rune]string{
		'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\f': `\f`, '\v': `\v`, '\b': `\b`, '\a': `\a`, 0x1b: `\e`,
		0x7f: `\x7F`,
	}
	var shown strings.Builder
	letters := []rune(text)
	for i, letter := range letters {
		escape, escaped := escapes[letter]
		switch {
		case escaped:
			shown.WriteString(escape)
		case letter == '#' && i+1 < len(letters) && strings.ContainsRune("{$@", letters[i+1]):
			shown.WriteString(`\#`)
		case !unicode.IsPrint(letter) && letter > 0xffff:
			shown.WriteString(`\u{` + strings.ToUpper(strconv.FormatInt(int64(letter), 16)) + "}")
		case !unicode.IsPrint(letter):
			fmt.Fprintf(&shown, `\u%04X`, letter)
		default:
			shown.WriteRune(letter)
		}
	}
	return `"` + shown.String() + `"`
}
