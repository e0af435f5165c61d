// Package component checks a patch component before it is sent: a YAML document in the EC2 Image Builder
// component format, of which AWS would find a fault only minutes after a patch was started.
//
// The format is that of the EC2 Image Builder User Guide, "Use the AWSTOE component document framework
// for custom components" and the pages after it. Where the guide does not say what happens to a key that
// it does not know, it is refused here: a misspelt timeout or failure policy would be lost silently.
package component

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// MaxSize is how many bytes a component can have: the default quota of EC2 Image Builder for a document
// that it reads from S3.
const MaxSize = 64 << 10

// Problem is one fault of a component.
type Problem struct {
	// Line and Column say where it is, counted from 1.
	Line, Column int
	// Message is one line of text without control characters.
	Message string
}

// Error is a component file with faults.
type Error struct {
	File     string
	Problems []Problem
}

// Error lists the faults as compilers do, one a line: file, line, column, message.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", shown(e.File), problem.Line, problem.Column, problem.Message)
	}
	return strings.Join(lines, "\n")
}

// Read returns the content of a component's file if it has no fault, so that what was checked is what is
// sent. The error is a *Error if the content has faults, else that of reading.
func Read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if problems := Check(data); len(problems) > 0 {
		return nil, &Error{File: path, Problems: problems}
	}
	return data, nil
}

// Check returns every fault of a component document, in the order of the text; none if EC2 Image Builder
// can take it.
func Check(data []byte) []Problem {
	if problem, found := unreadable(data); found {
		return []Problem{problem}
	}
	root, problem := parse(data)
	if root == nil {
		return []Problem{problem}
	}
	checker := &checker{budget: maxNodes}
	checker.document(root)
	slices.SortStableFunc(checker.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.Compact(checker.problems)
}
