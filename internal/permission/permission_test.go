package permission_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/permission"
)

const root = "../.."

// prefixes maps the names of SDK packages to the prefixes of IAM actions, if they differ.
var prefixes = map[string]string{"sfn": "states", "cloudwatchlogs": "logs"}

// actions maps API operations to IAM actions, if their names differ. An operation that needs no permission has "".
var actions = map[string]string{
	"s3:HeadObject":                 "s3:GetObject",
	"sts:GetCallerIdentity":         "",
	"sts:AssumeRoleWithWebIdentity": "",
}

// notCalled are actions that have no call of their own. They decide how AWS responds to other calls.
var notCalled = []string{"s3:ListBucket"}

// TestTheTableIsWhatTheCodeCalls finds the calls to AWS in the code by the SDK's input types.
func TestTheTableIsWhatTheCodeCalls(t *testing.T) {
	called := map[string]string{}
	for _, dir := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "sandbox":
				return fs.SkipDir
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
				return callsIn(path, called)
			}
			return nil
		})
		require.NoError(t, err)
	}
	listed := map[string]bool{}
	for _, one := range permission.Of(permission.Uses()...) {
		listed[one.Action] = true
		assert.NotEmpty(t, one.Reason, one.Action)
		if !slices.Contains(notCalled, one.Action) {
			assert.Contains(t, called, one.Action, "nothing calls it")
		}
	}
	for action, path := range called {
		assert.True(t, listed[action], "%s calls %s, which is not in the table", path, action)
	}
}

func callsIn(path string, called map[string]string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return err
	}
	services := map[string]string{} // by the name in the file
	for _, spec := range file.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		service, ok := strings.CutPrefix(imported, "github.com/aws/aws-sdk-go-v2/service/")
		if !ok || strings.Contains(service, "/") {
			continue
		}
		name := service
		if spec.Name != nil {
			name = spec.Name.Name
		}
		services[name] = service
	}
	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		selector, ok := literal.Type.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		of, _ := selector.X.(*ast.Ident)
		operation, isInput := strings.CutSuffix(selector.Sel.Name, "Input")
		if of == nil || !isInput || services[of.Name] == "" {
			return true
		}
		prefix := services[of.Name]
		if other, ok := prefixes[prefix]; ok {
			prefix = other
		}
		action := prefix + ":" + operation
		if other, ok := actions[action]; ok {
			action = other
		}
		if action != "" {
			called[action] = path
		}
		return true
	})
	return nil
}

// documented returns the place in the examples of the documentation.
func documented(secrets ...string) permission.Place {
	return permission.Place{
		Region: "eu-central-1", Account: "123456789012", Stack: "AmiLifecycle", KeyPrefix: "/ami-lifecycle/api-keys/",
		Secrets: secrets, Bucket: "BUCKET",
	}
}

// statements returns every statement in the JSON blocks of a document that allows actions to a role.
func statements(t *testing.T, name string) []permission.Statement {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", name))
	require.NoError(t, err)
	var found []permission.Statement
	for _, block := range strings.Split(string(text), "```json\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		var policy struct{ Statement []json.RawMessage }
		if !strings.Contains(block, `"Effect"`) || strings.Contains(block, `"Principal"`) {
			continue
		}
		require.NoError(t, json.Unmarshal([]byte(block), &policy), "%s: %s", name, block)
		if len(policy.Statement) == 0 {
			policy.Statement = []json.RawMessage{json.RawMessage(block)}
		}
		for _, one := range policy.Statement {
			found = append(found, statementOf(t, one))
		}
	}
	return found
}

func statementOf(t *testing.T, text []byte) permission.Statement {
	t.Helper()
	var written struct {
		Sid, Effect      string
		Action, Resource any
	}
	require.NoError(t, json.Unmarshal(text, &written))
	return permission.Statement{Sid: written.Sid, Effect: written.Effect, Action: texts(written.Action), Resource: texts(written.Resource)}
}

// texts returns the strings of a value that is a string or a list in IAM.
func texts(value any) []string {
	if one, ok := value.(string); ok {
		return []string{one}
	}
	var all []string
	for _, one := range value.([]any) {
		all = append(all, one.(string))
	}
	return all
}

func TestTheDocumentedStatementsAreThoseOfTheTable(t *testing.T) {
	uses := map[string][]permission.Use{
		"github.md":              {permission.Find, permission.Keys, permission.Upload, permission.Claims, permission.Insight},
		"gitlab.md":              {permission.Find, permission.Keys, permission.Upload, permission.Claims, permission.Insight},
		"claims.md":              {permission.Claims},
		"select.md":              {permission.Select},
		"behind-the-document.md": {permission.Insight},
	}
	for name, of := range uses {
		written := statements(t, name)
		require.NotEmpty(t, written, name)
		for _, use := range of {
			for _, one := range permission.Of(use) {
				assert.True(t, slices.ContainsFunc(written, func(s permission.Statement) bool { return allows(s, one) }),
					"%s does not allow %s on %v", name, one.Action, one.Resources)
			}
		}
		for _, statement := range written {
			for _, action := range statement.Action {
				assert.True(t, slices.ContainsFunc(permission.Of(of...), func(p permission.Permission) bool {
					return p.Action == action && allows(statement, p)
				}), "%s allows %s on %v, which nothing asks for", name, action, statement.Resource)
			}
		}
	}
}

// allows reports whether the statement grants the permission in the documented place, for secrets of any name.
func allows(s permission.Statement, p permission.Permission) bool {
	if s.Effect != "Allow" || !slices.Contains(s.Action, p.Action) {
		return false
	}
	for _, resource := range permission.StatementOf(documented(), []permission.Permission{p}).Resource {
		before, after, isSecret := strings.Cut(resource, "SECRET")
		if !slices.ContainsFunc(s.Resource, func(written string) bool {
			return written == resource || isSecret && strings.HasPrefix(written, before) && strings.HasSuffix(written, after)
		}) {
			return false
		}
	}
	return true
}

func TestAStatementNamesWhatIsKnown(t *testing.T) {
	keys := permission.StatementOf(documented("ami_patch_post_api_key", "ami_creation_status_api_key"), permission.Of(permission.Keys))
	assert.Equal(t, permission.Statement{
		Sid: "ReadAPIKeys", Effect: "Allow", Action: []string{"secretsmanager:GetSecretValue"},
		Resource: []string{
			"arn:aws:secretsmanager:eu-central-1:123456789012:secret:/ami-lifecycle/api-keys/ami_patch_post_api_key-??????",
			"arn:aws:secretsmanager:eu-central-1:123456789012:secret:/ami-lifecycle/api-keys/ami_creation_status_api_key-??????",
		},
	}, keys)
	unknown := permission.StatementOf(permission.Place{Partition: "aws-cn"}, permission.Of(permission.Claims))
	assert.Equal(t, []string{"arn:aws-cn:s3:::BUCKET/ami-action/*"}, unknown.Resource)
}
