package main

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

// forgeries are texts that mean something to the programs that read what the command writes: another output, a
// command, a section, a movement of the cursor, a heading. Where one takes effect, "forged" appears.
var forgeries = map[string]string{
	"an output": "x\nlifecycle_id=forged\nforged=1\nAMI_LIFECYCLE_ID=forged",
	"the end of a heredoc": "x\nghadelimiter_00112233445566778899aabbccddeeff\nlifecycle_id<<E\nforged\nE\nEOF\n" +
		"_GitHubActionsFileCommandDelimeter_\nforged=1",
	"commands": "\n::error::forged\n  ::set-output name=lifecycle_id::forged\r::add-mask::forged\n::stop-commands::forged\n" +
		"\u200b::error::forged\n##[error]forged a #\u200d#[group]forged\n\u2028::error::forged\u0085::error::forged",
	"a command":       "::error title=forged::forged",
	"another command": "a ##[error]forged",
	"an empty line":   "\n\n\n",
	"a section":       "\x1b[0Ksection_start:1700000000:forged[collapsed=true]\r\x1b[0Kforged\n\x1b[0Ksection_end:1700000000:ami_lifecycle_1\r\x1b[0K",
	"a terminal":      "\x1b[2J\x1b[1A\x1b]0;forged\a\u009b2J\b\b\b\u202eforged\r\x1b[31mforged\x7f\xff",
	"variables":       "$CI_JOB_TOKEN ${AMI_LIFECYCLE_ID} `forged` $(forged)",
	"quotes":          `"forged' \" \n \\`,
	"Markdown": "| forged | x |\n\n# forged\n```\n````\n~~~\n</details></summary>\n[forged](https://evil.example) ![forged](https://evil.example/i.png)\n" +
		"**forged** <!-- forged @org/team #1\n- forged\n1. forged\n> forged\n---\n\n    forged",
	"one line of Markdown": "| `forged` | [forged](https://evil.example) ![forged](https://evil.example/i.png) <img src=https://evil.example>",
	"HTML": "</td></table></pre></p></h1></title></style></details><script>forged()</script><img src=x onerror=forged()>" +
		"<a href=\"javascript:forged()\">x</a>\" onmouseover=\"forged()\"><style>*{forged:1}</style><!--",
	"a gantt": "x\n    click forged call forged()\n    section forged\n%% forged : done, 0, 1d ; # forged",
}

// field is a value that comes from outside: from a user, the orchestrator or AWS.
type field struct {
	name string
	of   lifecycle.Operation
	// fill sets the value to the text. It returns arguments to add to the command line.
	fill func(w *world, h *hostile, text string) []string
	// codes are the exit codes that the command may then return.
	codes []int
}

// planted returns a fill function for members of the status document. If status is not empty, the last event stays in
// progress with that status, in which TEXT stands for the text.
func planted(status string, plant func(document map[string]any, text string)) func(*world, *hostile, string) []string {
	return func(w *world, h *hostile, text string) []string {
		h.plant = func(document map[string]any) { plant(document, text) }
		if status != "" {
			staying(strings.ReplaceAll(status, "TEXT", text))(w, h, nil)
			h.plant = func(document map[string]any) { plant(document, text) }
		}
		return nil
	}
}

// everyResult calls change with each result in the document.
func everyResult(document map[string]any, change func(result, properties map[string]any)) {
	var found func(any)
	found = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			if properties, ok := node["properties"].(map[string]any); ok && node["status"] != nil {
				change(node, properties)
			}
			for _, member := range node {
				found(member)
			}
		case []any:
			for _, element := range node {
				found(element)
			}
		}
	}
	found(document["outputs_ami_creation"])
	found(document["outputs_ami_patch"])
}

func plantLabels(document map[string]any, text string) {
	for _, name := range []string{"owner", "stack_tag", "product_name", "product_ver", "commit_ref", "creation_date", "update_date"} {
		document[name] = text
	}
	document["notifications"] = []any{map[string]any{"method": text, "target": text}}
	document["properties"], document[text] = map[string]any{text: text}, text
}

func plantImages(document map[string]any, text string) {
	everyResult(document, func(_, properties map[string]any) {
		if properties["ami_details"] != nil {
			properties["ami_ancestry"] = text
			properties["ami_details"] = []any{map[string]any{"region": text, "image": text, "name": text, "accountId": text, "description": text, "ami_semver": text}}
		}
	})
}

func plantScans(document map[string]any, text string) {
	everyResult(document, func(_, properties map[string]any) {
		if properties["vulnerability_severities"] != nil {
			properties["total_vulnerabilities"], properties["vulnerability_severities"] = "1", map[string]any{text: "1", "HIGH": text}
			properties["vulnerability_scan_report"] = map[string]any{"S3Bucket": text, "S3Key": text}
		}
	})
}

func plantVerdicts(document map[string]any, text string) {
	everyResult(document, func(result, properties map[string]any) {
		result["certification_status"], properties["approval_status"], result["status_date"] = text, text, text
	})
}

func plantErrors(document map[string]any, text string) {
	if running, ok := document["event_in_progress"].(map[string]any); ok {
		for _, name := range []string{"error_message", "stack_trace", "execution_arn", "status_date", "execution_startdate", "description"} {
			running[name] = text
		}
	}
}

// plantNames adds results of unknown events, and an unknown event that was asked for.
func plantNames(document map[string]any, text string) {
	if outputs, ok := document["outputs_ami_creation"].(map[string]any); ok {
		outputs["events"] = append(outputs["events"].([]any), map[string]any{"name": text, "status": "COMPLETED", "properties": map[string]any{}},
			map[string]any{"name": "NEW " + text, "status": text, "properties": map[string]any{}})
	}
	if inputs, ok := document["inputs_ami_creation"].(map[string]any); ok {
		inputs["events"] = append(inputs["events"].([]any), map[string]any{"name": text, "enabled": true})
	}
}

func plantStatuses(document map[string]any, text string) {
	everyResult(document, func(result, _ map[string]any) {
		if name, _ := result["name"].(string); lifecycle.Event(name).IsScan() {
			result["status"] = text
		}
	})
}

// saying returns a fill function that makes the orchestrator respond with the text in the body: to every request, or with
// onlyWrites to each request that changes something.
func saying(onlyWrites bool, status int, body func(quoted, text string) string) func(*world, *hostile, string) []string {
	return func(w *world, h *hostile, text string) []string {
		responding(onlyWrites, status, "application/json", func(*http.Request, []byte) string {
			quoted, _ := json.Marshal(text)
			return body(string(quoted), text)
		})(w, h, nil)
		h.plant = nil
		return nil
	}
}

// setting returns a fill function that passes the text in a flag. If the command refuses the value, its error quotes it.
func setting(flag string) func(*world, *hostile, string) []string {
	return func(_ *world, _ *hostile, text string) []string { return []string{"--" + flag + "=" + text} }
}

func fields() []field {
	settled := []int{0, 1, 3}
	return []field{
		{"labels", lifecycle.CreateUpdate, planted("", plantLabels), settled},
		{"labels of one that is shown", lifecycle.GetStatus, planted("", plantLabels), settled},
		{"labels of a list", lifecycle.GetStatuses, planted("", plantLabels), settled},
		{"images", lifecycle.Create, planted("", plantImages), settled},
		{"images of a patch", lifecycle.GetStatus, planted("", plantImages), settled},
		{"scans", lifecycle.PatchUpdate, planted("", plantScans), settled},
		{"a certification", lifecycle.QACertification, planted("", plantVerdicts), settled},
		{"an approval", lifecycle.ApprovalPatch, planted("", plantVerdicts), settled},
		{"an error", lifecycle.Create, planted("ERROR", plantErrors), []int{1}},
		{"an error of one that is shown", lifecycle.GetStatus, planted("ERROR", plantErrors), settled},
		{"a status", lifecycle.CreateUpdate, planted("TEXT", plantErrors), []int{1}},
		{"a status of one that is shown", lifecycle.GetStatus, planted("TEXT", plantErrors), settled},
		{"statuses of results", lifecycle.PatchUpdate, planted("", plantStatuses), []int{1}},
		{"names of events", lifecycle.CreateUpdate, planted("", plantNames), settled},
		{"names of events in a list", lifecycle.GetStatuses, planted("TEXT", plantNames), settled},
		{"a name of the event in progress", lifecycle.GetStatus, planted("ERROR", func(document map[string]any, text string) {
			document["event_in_progress"].(map[string]any)["name"] = text
		}), settled},
		{"a name that a patch meets", lifecycle.Patch, planted("", func(document map[string]any, text string) {
			if document["outputs_ami_creation"] != nil {
				document["event_in_progress"] = map[string]any{"name": text}
			}
		}), []int{3}},
		{"a refusal", lifecycle.Create, saying(true, 500, func(quoted, _ string) string { return `{"error": ` + quoted + `}` }), []int{3}},
		{"a refused read", lifecycle.GetStatuses, saying(false, 500, func(quoted, _ string) string { return `{"error": ` + quoted + `}` }), []int{3}},
		{"what the gateway says", lifecycle.ApprovalCreate, saying(true, 403, func(quoted, _ string) string { return `{"message": ` + quoted + `}` }), []int{4}},
		{"a page", lifecycle.GetStatus, saying(false, 404, func(_, text string) string { return text }), []int{4}},
		{"an id in the response to a create", lifecycle.Create, func(_ *world, h *hostile, text string) []string {
			h.plant = func(document map[string]any) {
				if document["notification_channels"] != nil {
					document["lifecycle_id"], document["owner"], document["creation_date"] = text, text, text
				}
			}
			return nil
		}, settled},
		{"an id in the list", lifecycle.GetStatuses, planted("", func(document map[string]any, text string) { document["lifecycle_id"] = text }), append(settled, 4)},
		{"an id that a lost create finds", lifecycle.Create, func(_ *world, h *hostile, text string) []string {
			h.plant = func(document map[string]any) { document["lifecycle_id"] = text }
			return nil
		}, []int{4, 6}},
		{"AWS", lifecycle.Create, func(w *world, _ *hostile, text string) []string {
			body, _ := json.Marshal("<ErrorResponse><Error><Code>" + html.EscapeString(text) + "</Code><Message>" + html.EscapeString(text) + "</Message></Error></ErrorResponse>")
			w.post("faults", on("cloudformation DescribeStacks", fmt.Sprintf(`"status": 400, "times": -1, "body": %s`, body)))
			w.endpoint = ""
			return nil
		}, []int{4}},
		{"AWS's JSON", lifecycle.Create, func(w *world, _ *hostile, text string) []string {
			inner, _ := json.Marshal(map[string]string{"__type": text, "message": text})
			body, _ := json.Marshal(string(inner))
			w.post("faults", on("secretsmanager GetSecretValue", fmt.Sprintf(`"status": 400, "times": -1, "body": %s`, body)))
			return nil
		}, []int{4}},
		{"a faulty component", lifecycle.Patch, func(w *world, _ *hostile, text string) []string {
			key, _ := json.Marshal(strings.ToValidUTF8(text, "?"))
			content := fmt.Sprintf("name: P\nschemaVersion: 1.0\n%s: %s\nphases:\n  - name: %s\n    steps: []\n", key, key, key)
			require.NoError(w.t, os.WriteFile(w.path("component.yaml"), []byte(content), 0o644))
			return nil
		}, []int{2}},
		{"a component that is not YAML", lifecycle.Patch, func(w *world, _ *hostile, text string) []string {
			require.NoError(w.t, os.WriteFile(w.path("component.yaml"), []byte("name: [\n"+text), 0o644))
			return nil
		}, []int{2}},
		{"the name of a faulty component", lifecycle.Patch, func(w *world, _ *hostile, text string) []string {
			name := strings.NewReplacer("/", "_", "\x00", "_").Replace(text)[:min(len(text), 200)] + ".yaml"
			require.NoError(w.t, os.WriteFile(w.path(name), []byte("name: P\n"), 0o644))
			if w.place == "local" {
				name = w.path(name)
			}
			return []string{"--patchComponent=" + name}
		}, []int{2}},
		{"the name of the report's file", lifecycle.Create, func(w *world, _ *hostile, text string) []string {
			return []string{"--reportFile=" + w.path("r"+strings.ReplaceAll(text, "/", "_"))}
		}, []int{0, 2}},
		{"the name of the timeline's file", lifecycle.TimelineCreate, func(w *world, _ *hostile, text string) []string {
			return []string{"--timelineFile=" + w.path("t"+strings.ReplaceAll(text, "/", "_"))}
		}, []int{0, 2}},
		{"a property", lifecycle.CreateUpdate, func(_ *world, _ *hostile, text string) []string {
			return []string{"--properties=" + text + "::" + text}
		}, []int{0, 2}},
		{"an argument", lifecycle.Create, func(_ *world, _ *hostile, text string) []string { return []string{text} }, []int{2}},
		{"an unknown flag", lifecycle.Create, func(_ *world, _ *hostile, text string) []string { return []string{"--" + text} }, []int{2}},
	}
}

// settings returns the fields of the command line.
func settings() []field {
	var all []field
	for _, flag := range []string{"owner", "stackTag", "productName", "productVer", "commitRef", "notifications", "events", "waitTimeout", "failOnSeverity",
		"stackName", "apiEndpoint", "apiKeyPrefix", "operation", "wait"} {
		all = append(all, field{"the setting " + flag, lifecycle.Create, setting(flag), []int{0, 1, 2}})
	}
	for _, flag := range []string{"lifecycleId", "patchComponent", "patchChangeDescription", "semverBumpType"} {
		all = append(all, field{"the setting " + flag, lifecycle.Patch, setting(flag), []int{0, 2}})
	}
	return all
}

// TestNothingFromOutsideActs puts every text that could take effect in a reader into every value that comes from outside,
// and reads what the command wrote as each reader does.
func TestNothingFromOutsideActs(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world, h *hostile) {
		endpoint := w.endpoint
		for i, field := range append(fields(), settings()...) {
			for j, name := range slices.Sorted(maps.Keys(forgeries)) {
				if !w.inTurn(i + j) {
					continue
				}
				h.reset(field.of)
				w.endpoint = endpoint
				w.clearFaults()
				form := stdoutForms[(i+j)%2]
				args := append(argsOf(w, field.of), "--output", form)
				if field.of.Waits() {
					args = append(args, "--reportFile", w.path("report"+reportForms[(i+2*j)%len(reportForms)]))
				}
				args = append(args, field.fill(w, h, forgeries[name])...)
				got := w.run(t.Context(), args...)
				where := fmt.Sprintf("%s in %s, %s", name, field.name, form)
				require.Contains(t, field.codes, got.code, "%s: %s", where, got.stderr)
				readers{t, w, where}.read(got, form, h.id)
			}
		}
	})
}

// TestNoNameOfABranchActs does the same with the variables that a pipeline sets. The author of a fork chooses some of
// their values, such as the name of the branch.
func TestNoNameOfABranchActs(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world, h *hostile) {
		for _, name := range slices.Sorted(maps.Keys(forgeries)) {
			text := strings.ReplaceAll(forgeries[name], "\x00", "")
			w.more = nil
			for _, variable := range []string{
				"GITHUB_ACTOR", "GITHUB_REF_NAME", "GITHUB_HEAD_REF", "GITHUB_REF", "GITHUB_WORKFLOW", "GITHUB_JOB", "GITHUB_REPOSITORY", "GITHUB_SHA",
				"GITLAB_USER_LOGIN", "CI_COMMIT_REF_NAME", "CI_COMMIT_REF_SLUG", "CI_COMMIT_TAG", "CI_JOB_NAME", "CI_PROJECT_PATH", "CI_COMMIT_SHA",
				"CI_JOB_URL", "CI_PIPELINE_URL", "CI_JOB_STARTED_AT", "CI_JOB_TIMEOUT",
			} {
				w.more = append(w.more, variable+"="+text)
			}
			h.reset(lifecycle.Create)
			args := slices.DeleteFunc(argsOf(w, lifecycle.Create), func(arg string) bool {
				return slices.Contains([]string{"--owner", "me", "--stackTag", "main", "--commitRef", "0123456789abcdef"}, arg)
			})
			got := w.run(t.Context(), append(args, "--reportFile", w.path("report.html"))...)
			require.Contains(t, []int{0, 2}, got.code, got.stderr)
			readers{t, w, name}.read(got, "text", h.id)
		}
	})
}
