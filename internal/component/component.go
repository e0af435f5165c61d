// Package component checks patch components, which are YAML documents in the EC2 Image Builder component format.
// AWS would report an error in a component only minutes after the patch has started, so it is checked before it is sent.
//
// A document that Image Builder accepts must pass. So an unknown key is only a warning, unless it is a misspelling of
// a missing key, because AWSTOE refuses misspelled fields. The rules are those of the EC2 Image
// Builder User Guide; package awstoe contains its tables.
package component

import (
	"io"
	"os"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
)

// MaxSize is the maximum size of a component in bytes: the default quota of EC2 Image Builder for a document
// that it reads from S3.
const MaxSize = 64 << 10

// Read reads and checks the file of a component. It returns the content, so that the caller sends exactly what was
// checked, and the warnings. The error is an [*Error] if the content has errors, otherwise that of reading the file.
func Read(path string) (content []byte, warnings []Problem, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	data, err := ReadAll(file)
	if err != nil {
		return nil, nil, err
	}
	problems := Check(data)
	if HasErrors(problems) {
		return nil, nil, &Error{File: path, Problems: problems}
	}
	return data, problems, nil
}

// ReadAll reads a component. It stops reading one that is too large as soon as [Check] can report that.
func ReadAll(from io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(from, MaxSize+1)) }

// HasErrors reports whether one of the problems is an error, and not only a warning.
func HasErrors(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(problem Problem) bool { return !problem.Warning })
}

// Check returns the problems of a component document for a Linux image: first the errors in the order of the text, then
// the warnings. There are no errors if EC2 Image Builder accepts the document.
func Check(data []byte) []Problem { return CheckOn(data, awstoe.Linux) }

// CheckOn is Check for an image of the given platform.
func CheckOn(data []byte, platform awstoe.Platform) []Problem {
	c := &checker{source: newSource(data), platform: platform, budget: maxNodes, reported: map[*yaml.Node]bool{}, undeclared: map[string]bool{}}
	if !c.foreignText() && !c.hasBadEncoding(data) {
		if root := c.parse(data); root != nil {
			c.document(root)
		}
	}
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		switch {
		case a.Warning != b.Warning && b.Warning:
			return -1
		case a.Warning != b.Warning:
			return 1
		case a.Line != b.Line:
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.Compact(c.problems)
}
