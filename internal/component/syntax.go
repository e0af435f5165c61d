package component

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/pattern"
)

// parse returns the root of the only document in data. If data is not a single YAML document, it adds an error and returns
// nil.
func (c *checker) parse(data []byte) *yaml.Node {
	if c.isTooDeep(data) {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, next yaml.Node
	switch err := decode(decoder, &document); {
	case errors.Is(err, io.EOF) || err == nil && (len(document.Content) == 0 || isNull(document.Content[0])):
		c.add(false, 1, 1, advice{}, "the file contains only comments")
		return nil
	case err != nil:
		c.syntaxFault(err)
		return nil
	}
	switch err := decode(decoder, &next); {
	case err == nil && (len(next.Content) == 0 || isNull(next.Content[0])) && isLast(decoder):
		c.add(true, next.Line, next.Column, advice{hint: "remove it"}, "the line begins a second YAML document, which is empty")
		return document.Content[0]
	case err == nil:
		c.add(false, next.Line, next.Column, advice{hint: "put each component in a file of its own"}, "a second YAML document begins here: a component is one document")
		return nil
	case !errors.Is(err, io.EOF):
		c.syntaxFault(err)
		return nil
	}
	return document.Content[0]
}

// decode decodes one document. The library panics on some documents, which decode turns into an error.
func decode(decoder *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = errors.New("yaml: the document cannot be read")
		}
	}()
	return decoder.Decode(into)
}

// isLast reports whether no document follows.
func isLast(decoder *yaml.Decoder) bool {
	var next yaml.Node
	return errors.Is(decode(decoder, &next), io.EOF)
}

// maxDepth is the maximum nesting of lists and mappings. No component comes near it, and the library is slow
// for very deep nesting.
const maxDepth = 200

// isTooDeep reports whether lists and mappings are nested too deep, and adds an error if they are.
func (c *checker) isTooDeep(data []byte) bool {
	depth := 0
	for offset, letter := range data {
		switch letter {
		case '[', '{':
			depth++
		case ']', '}', '\n':
			depth = max(depth-1, 0)
		}
		if depth > maxDepth {
			return c.reportDepth(offset)
		}
	}
	for i, start := range c.source.lines {
		line := c.source.lineText(i + 1)
		if dashes := strings.TrimLeft(line, "-? "); strings.Count(line[:len(line)-len(dashes)], "- ")+strings.Count(line[:len(line)-len(dashes)], "? ") > maxDepth {
			return c.reportDepth(start)
		}
	}
	return false
}

func (c *checker) reportDepth(offset int) bool {
	line, column := c.source.placeOf(offset)
	c.add(false, line, column, advice{}, "lists and mappings are nested more than %d deep", maxDepth)
	return true
}

// libraryLine matches an error message of the YAML library. Its groups are the line number and the text.
var libraryLine = pattern.Lazy(`^yaml: (?:line (\d+): )?(.*)$`)

// libraryTexts maps messages of the YAML library to clearer ones, for errors whose cause was not found.
var libraryTexts = []struct{ theirs, ours string }{
	{"could not find expected ':'", `the line must be "key: value", or be indented as part of the text above`},
	{"did not find expected key", "the line is not indented like the keys above it"},
	{"did not find expected '-' indicator", `the line must begin with "- ", or be indented more`},
	{"did not find expected ',' or ']'", "the list in [ ] is not closed, or lacks a comma"},
	{"did not find expected ',' or '}'", "the mapping in { } is not closed, or lacks a comma"},
	{"mapping values are not allowed", `the text contains ": " and must be in quotes, or the line is indented too far`},
	{"block sequence entries are not allowed", `a list must begin on a line of its own`},
	{"found unexpected end of stream", "a quote is not closed"},
	{"found character that cannot start any token", "the text begins with a character that must be in quotes"},
	{"found a tab character", "the line is indented with a tab; YAML allows only spaces"},
	{"unknown anchor", "the text begins with *, which refers to an unknown anchor; put it in quotes"},
	{"contains itself", "an alias refers to the part that it is in"},
	{"hexdecimal", `invalid escape in double quotes; write a backslash as \\, or use single quotes`},
	{"unknown escape", `invalid escape in double quotes; write a backslash as \\, or use single quotes`},
	{"did not find expected alphabetic or numeric", "the text begins with & or *, and must be in quotes"},
	{"found undefined tag handle", "the text begins with !, and must be in quotes"},
	{"did not find URI escaped octet", "the text begins with !, and must be in quotes"},
	{"exceeded max depth", "lists and mappings are nested too deep"},
	{"did not find expected <document start>", "the line is not part of the document above it"},
	{"did not find expected <stream-start>", "the file is not YAML"},
	{"did not find expected node content", "a value is missing"},
	{"did not find expected comment or line break", "text is not allowed after | or >"},
}

// syntaxFault reports why the YAML library refused the document: the cause if findFault finds it in the text, otherwise
// the message of the library in our words.
func (c *checker) syntaxFault(err error) {
	if fault, found := findFault(c.source); found {
		c.add(false, fault.line, fault.column, advice{hint: fault.hint}, "%s", fault.message)
		return
	}
	if at := strings.IndexAny(c.source.text, "\u0085\u2028\u2029"); at >= 0 {
		line, column := c.source.placeOf(at)
		c.add(false, line, column, advice{hint: "remove it"}, "the character is a line break in YAML, which most editors do not show")
		return
	}
	line, message := 1, "the file is not YAML"
	if parts := libraryLine().FindStringSubmatch(err.Error()); parts != nil {
		if number, err := strconv.Atoi(parts[1]); err == nil {
			line = min(max(number, 1), len(c.source.lines))
		}
		for _, text := range libraryTexts {
			if strings.Contains(parts[2], text.theirs) {
				message = text.ours
				break
			}
		}
	}
	text := c.source.lineText(line)
	c.add(false, line, len(text)-len(strings.TrimLeft(text, " \t"))+1, advice{}, "%s", message)
}
