package componentcheck

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/org/ami-action/internal/outcome"
)

// write writes the results in all forms that were asked for.
func (s settings) write(results []checked, o Options) error {
	if o.Annotator != nil {
		for _, result := range results {
			for _, problem := range result.problems {
				o.Annotator.Annotate(outcome.ComponentAnnotation(inRepository(result.name), problem))
			}
		}
	}
	if s.codeQuality != "" {
		if err := writeCodeQuality(s.codeQuality, results); err != nil {
			return err
		}
	}
	if s.output == "json" {
		return writeJSON(o.Stdout, results)
	}
	return writeText(o.Stdout, results)
}

// inRepository returns the path of a file as GitHub and GitLab know it. With "./" before it, GitHub does not find it in a pull request.
func inRepository(name string) string { return filepath.ToSlash(filepath.Clean(name)) }

func count(results []checked) (errors, warnings int) {
	for _, result := range results {
		for _, problem := range result.problems {
			if problem.Warning {
				warnings++
			} else {
				errors++
			}
		}
	}
	return errors, warnings
}

// writeText writes the problems in the form of a compiler's messages, and a line with their number.
func writeText(to io.Writer, results []checked) error {
	for _, result := range results {
		for _, problem := range result.problems {
			if _, err := fmt.Fprintln(to, problem.Text(result.name)); err != nil {
				return err
			}
		}
	}
	errors, warnings := count(results)
	_, err := fmt.Fprintf(to, "%s: %s, %s\n", plural(len(results), "component"), plural(errors, "error"), plural(warnings, "warning"))
	return err
}

func plural(count int, word string) string {
	if count == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", count, word)
}

// report is the JSON of --output json.
type report struct {
	Components int             `json:"components"`
	Errors     int             `json:"errors"`
	Warnings   int             `json:"warnings"`
	Problems   []reportProblem `json:"problems"`
}

type reportProblem struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndColumn int    `json:"end_column"`
	Level     string `json:"level"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	Link      string `json:"link,omitempty"`
}

func writeJSON(to io.Writer, results []checked) error {
	r := report{Components: len(results), Problems: []reportProblem{}}
	r.Errors, r.Warnings = count(results)
	for _, result := range results {
		for _, problem := range result.problems {
			r.Problems = append(r.Problems, reportProblem{
				result.name, problem.Line, problem.Column, problem.EndColumn, problem.Level(), problem.Message, problem.Hint, problem.Link,
			})
		}
	}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// finding is an entry of GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/, "Code Quality
// report format".
type finding struct {
	Description string   `json:"description"`
	CheckName   string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines lines  `json:"lines"`
}

type lines struct {
	Begin int `json:"begin"`
}

func writeCodeQuality(path string, results []checked) error {
	findings := []finding{}
	seen := map[string]int{}
	for _, result := range results {
		for _, problem := range result.problems {
			severity := "critical"
			if problem.Warning {
				severity = "minor"
			}
			description := problem.Message
			if problem.Hint != "" {
				description += " (" + problem.Hint + ")"
			}
			// The line number is not part of the fingerprint, so that GitLab recognizes a problem that has moved. Equal problems
			// are numbered.
			name := inRepository(result.name)
			identity := name + "\x00" + problem.Message + "\x00" + problem.Source
			sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", identity, seen[identity]))
			seen[identity]++
			findings = append(findings, finding{description, "component-" + problem.Level(), hex.EncodeToString(sum[:]), severity, location{name, lines{problem.Line}}})
		}
	}
	text, err := json.MarshalIndent(findings, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
