// Package component checks a patch component before it is sent: a YAML document in the EC2 Image Builder
// component format. AWS would find a fault in it only minutes after a patch was started.
//
// A document that Image Builder takes must pass. So an unknown key is a warning, and an error only where
// it is a misspelling of one that is missing: AWSTOE refuses misspelled fields. The rules are those of the EC2 Image
// Builder User Guide; package awstoe holds its tables.
package component

import (
	"io"
	"os"
	"slices"

	"github.com/org/ami-action/internal/component/awstoe"
)

// MaxSize is how many bytes a component can have: the default quota of EC2 Image Builder for a document
// that it reads from S3.
const MaxSize = 64 << 10

// Read returns the content of a component's file if it has no error, so that what was checked is what is
// sent, and the warnings about it. The error is an [*Error] if the content has errors, else that of reading.
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

// ReadAll reads a component, of one that is too large only so much that [Check] says so.
func ReadAll(from io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(from, MaxSize+1)) }

// HasErrors reports whether one of the problems is more than a warning.
func HasErrors(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(problem Problem) bool { return !problem.Warning })
}

// Check returns every problem of a component document for a Linux image: the errors in the order of the text, then
// the warnings. There is no error if EC2 Image Builder takes the document.
func Check(data []byte) []Problem { return CheckOn(data, awstoe.Linux) }

// CheckOn is Check for an image of a platform.
func CheckOn(data []byte, platform awstoe.Platform) []Problem {
	c := &checker{source: newSource(data), platform: platform, budget: maxNodes}
	if c.encoding(data); len(c.problems) == 0 {
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
