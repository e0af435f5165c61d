package component

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// unreadable finds what makes a file no text at all, or none that could be a component.
func unreadable(data []byte) (Problem, bool) {
	at := func(offset int, message string) (Problem, bool) {
		before := data[:offset]
		line := bytes.Count(before, []byte("\n")) + 1
		column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
		return Problem{line, column, message}, true
	}
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return at(0, "the file is empty")
	case len(data) > MaxSize:
		return at(0, fmt.Sprintf("the file is larger than the %d KB that a component can have", MaxSize>>10))
	case !utf8.Valid(data):
		for offset := 0; offset < len(data); {
			letter, size := utf8.DecodeRune(data[offset:])
			if letter == utf8.RuneError && size == 1 {
				return at(offset, "the file is no UTF-8 text from here on")
			}
			offset += size
		}
	case bytes.IndexByte(data, 0) >= 0:
		return at(bytes.IndexByte(data, 0), "the file has a NUL character here")
	}
	return Problem{}, false
}

// parse returns the root of the only document in data, or nil and what stands in the way of one.
func parse(data []byte) (*yaml.Node, Problem) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, next yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0:
		return nil, Problem{1, 1, "the file holds nothing but comments"}
	case err != nil:
		return nil, located(data, err)
	}
	switch err := decoder.Decode(&next); {
	case err == nil:
		return nil, Problem{next.Line, next.Column, "a second YAML document begins here; a component is one"}
	case !errors.Is(err, io.EOF):
		return nil, located(data, err)
	}
	return document.Content[0], Problem{}
}

// yamlFault takes a message of the YAML library apart: its position is part of the text.
var yamlFault = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// located says where the YAML library gave up. Tabs are the most frequent reason and the one that a
// person cannot see, so they are looked for first.
func located(data []byte, err error) Problem {
	for i, line := range strings.Split(string(data), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if tab := strings.IndexByte(indent, '\t'); tab >= 0 && len(indent) < len(line) {
			return Problem{i + 1, tab + 1, "the line is indented with a tab; YAML takes spaces only"}
		}
	}
	problem := Problem{Line: 1, Column: 1, Message: "the file is no YAML: " + shown(err.Error())}
	if parts := yamlFault.FindStringSubmatch(err.Error()); parts != nil {
		if line, err := strconv.Atoi(parts[1]); err == nil {
			problem.Line = max(line, 1)
		}
		problem.Message = "the file is no YAML: " + shown(parts[2])
	}
	return problem
}

const shownLength = 80

// shown makes text of unknown origin safe for a message: escaped, and shortened.
func shown(text string) string {
	return strings.Trim(quoted(text), `"`)
}

// quoted is shown, in quotes.
func quoted(text string) string {
	if runes := []rune(strings.ToValidUTF8(text, "\uFFFD")); len(runes) > shownLength {
		text = string(runes[:shownLength]) + "…"
	}
	return strconv.QuoteToGraphic(text)
}
