package pattern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/pattern"
)

func TestAnExpressionIsCompiledOnce(t *testing.T) {
	t.Parallel()
	word := pattern.Lazy(`^[a-z]+$`)
	assert.True(t, word().MatchString("word"))
	assert.Same(t, word(), word())
	assert.Panics(t, func() { pattern.Lazy(`(`)() })
}

// TestNoPatternIsCompiledAtTheStart checks each file that is linked into the command. It also compiles each expression that
// is a single literal, so that none panics when it is first used.
func TestNoPatternIsCompiledAtTheStart(t *testing.T) {
	t.Parallel()
	for _, file := range filesOf(t, "github.com/org/ami-action/cmd/ami-action") {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, 0)
		require.NoError(t, err)
		for _, declaration := range parsed.Decls {
			if _, isFunction := declaration.(*ast.FuncDecl); isFunction {
				continue
			}
			ast.Inspect(declaration, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.FuncLit:
					return false
				case *ast.SelectorExpr:
					if of, ok := node.X.(*ast.Ident); ok && of.Name == "regexp" && strings.HasPrefix(node.Sel.Name, "MustCompile") {
						t.Errorf("%s: use pattern.Lazy", files.Position(node.Pos()))
					}
				case *ast.CallExpr:
					if text, ok := literal(node, "pattern", "Lazy"); ok {
						_, err := regexp.Compile(text)
						assert.NoError(t, err, files.Position(node.Pos()))
					}
				}
				return true
			})
		}
	}
}

// filesOf returns the files of this module that are linked into the command.
func filesOf(t *testing.T, command string) (files []string) {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-f", `{{if and .Module .Module.Main}}{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`, command)
	list.Stderr = os.Stderr
	output, err := list.Output()
	require.NoError(t, err)
	files = strings.Fields(string(output))
	require.NotEmpty(t, files)
	require.True(t, filepath.IsAbs(files[0]))
	return files
}

// literal returns the argument of a call of the function of.function, if it is a single string literal.
func literal(call *ast.CallExpr, of, function string) (text string, ok bool) {
	called, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || called.Sel.Name != function || len(call.Args) != 1 {
		return "", false
	}
	if by, isName := called.X.(*ast.Ident); !isName || by.Name != of {
		return "", false
	}
	argument, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	text, err := strconv.Unquote(argument.Value)
	return text, err == nil
}
