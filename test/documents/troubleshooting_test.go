package documents_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryMessageOfTheTroubleshootingIsOneOfOurs looks for each documented message in the string literals of the code.
// The parts between its ellipses must occur in one literal, in the same order.
func TestEveryMessageOfTheTroubleshootingIsOneOfOurs(t *testing.T) {
	t.Parallel()
	texts := texts(t)
	verb := regexp.MustCompile(`%[a-z]`)
	documented := 0
	for line := range strings.SplitSeq(read(t, "docs/troubleshooting.md"), "\n") {
		message, ok := strings.CutPrefix(line, "| `")
		if !ok {
			continue
		}
		message, _, _ = strings.Cut(message, "`")
		documented++
		var pattern strings.Builder
		for part := range strings.SplitSeq(message, "…") {
			part = strings.TrimSpace(part)
			if part != "" {
				pattern.WriteString(regexp.QuoteMeta(part) + ".*")
			}
		}
		like := regexp.MustCompile(pattern.String())
		found := false
		for _, text := range texts {
			if like.MatchString(verb.ReplaceAllString(text, "…")) {
				found = true
				break
			}
		}
		assert.True(t, found, "nothing says %q", message)
	}
	assert.Greater(t, documented, 30)
}

// texts returns the string literals in the code of the command. Literals that are joined by "+" are one text.
func texts(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, path := range files(t, ".go") {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "test/") || strings.HasPrefix(path, "internal/sandbox") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			expression, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := textOf(expression)
			if ok {
				found = append(found, strings.ReplaceAll(text, "\n", " "))
			}
			return !ok
		})
	}
	return found
}

// textOf returns the text of an expression, with an ellipsis for each operand that is not a literal. It returns false if
// the expression is not a text.
func textOf(expression ast.Expr) (string, bool) {
	switch expression := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(expression.Value)
		return text, err == nil && expression.Kind == token.STRING
	case *ast.BinaryExpr:
		left, isLeft := textOf(expression.X)
		right, isRight := textOf(expression.Y)
		if expression.Op != token.ADD || !isLeft && !isRight {
			return "", false
		}
		if !isLeft {
			left = "…"
		}
		if !isRight {
			right = "…"
		}
		return left + right, true
	}
	return "", false
}
