package pipeline

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/lifecycle"
)

// Source is the branch that a pipeline runs for, and where it is from.
type Source struct {
	// Branch is the branch's name, without refs/heads/. Of a fork it is the fork's own.
	Branch string
	// IsFork is set where the branch is another repository's: its owner chooses its name.
	IsFork bool
	// Request is the number of the pull request or merge request as a stack tag may hold it, such as pr-12 or
	// mr-12; "" for none.
	Request string
}

// Source returns the branch that this pipeline runs for.
func (p *Pipeline) Source() Source { return p.host.source() }

// stackTag is the default of the stack tag: the slug of the branch, or of a fork the request, so that a fork's
// main never counts as ours. given is the slug that the place itself made of the branch, or "".
func (s Source) stackTag(given string) string {
	if s.IsFork {
		return cmp.Or(s.Request, lifecycle.StackTagOf("fork-"+s.Branch))
	}
	if !strings.ContainsFunc(given, unicode.IsLower) {
		given = "" // GitLab's slug is empty, or that of other branches too, where the branch has no letter of a-z
	}
	return cmp.Or(given, lifecycle.StackTagOf(s.Branch))
}

// source reads the event where there is one. Of a pull request GITHUB_REF_NAME is 12/merge, and its branch is
// GITHUB_HEAD_REF (https://docs.github.com/actions, "Variables reference").
func (g *github) source() Source {
	s := Source{Branch: cmp.Or(g.env["GITHUB_HEAD_REF"], g.env["GITHUB_REF_NAME"])}
	if g.env["GITHUB_HEAD_REF"] == "" {
		return s
	}
	event := readEvent(g.env["GITHUB_EVENT_PATH"])
	number := event.Number.String()
	if number == "" {
		rest, _ := strings.CutPrefix(g.env["GITHUB_REF"], "refs/pull/")
		number, _, _ = strings.Cut(rest, "/")
	}
	if isNumber(number) {
		s.Request = "pr-" + number
	}
	if head := event.PullRequest.Head.Repo; event.known {
		// A fork that was deleted has no repository any more.
		s.IsFork = head == nil || !strings.EqualFold(head.FullName, g.env["GITHUB_REPOSITORY"])
		return s
	}
	// Nobody can ask to merge a branch into itself.
	s.IsFork = lifecycle.StackTagOf(s.Branch) == lifecycle.StackTagOf(g.env["GITHUB_BASE_REF"])
	return s
}

// source compares the projects of the merge request (https://docs.gitlab.com/ci/variables/predefined_variables/).
func (g *gitlab) source() Source {
	s := Source{Branch: g.env["CI_COMMIT_REF_NAME"]}
	if number := g.env["CI_MERGE_REQUEST_IID"]; isNumber(number) {
		s.Request = "mr-" + number
	}
	from, to := g.env["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"], g.env["CI_MERGE_REQUEST_PROJECT_ID"]
	s.IsFork = from != "" && to != "" && from != to && g.env["CI_PROJECT_ID"] != from
	return s
}

func (l *local) source() Source {
	branch, _ := gitHead(l.dir)
	return Source{Branch: branch}
}

func isNumber(text string) bool {
	return text != "" && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}

// event is what is read of a pull request's event.
type event struct {
	Number      json.Number `json:"number"`
	PullRequest struct {
		Head struct {
			Repo *struct {
				FullName string `json:"full_name"`
			} `json:"repo"`
		} `json:"head"`
	} `json:"pull_request"`
	// known is set when the event was read and is one of a pull request.
	known bool
}

// maxEvent is more than GitHub sends: "Payloads are capped at 25 MB" (https://docs.github.com/webhooks, "Webhook events
// and payloads").
const maxEvent = 25 << 20

// readEvent reads the file that GITHUB_EVENT_PATH names. A file that is missing, invalid or too large says nothing.
func readEvent(path string) (e event) {
	if path == "" {
		return event{}
	}
	file, err := openRegular(path)
	if err != nil {
		return event{}
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Size() > maxEvent {
		return event{}
	}
	var present struct {
		PullRequest json.RawMessage `json:"pull_request"`
	}
	content, err := io.ReadAll(io.LimitReader(file, maxEvent))
	if err != nil || json.Unmarshal(content, &e) != nil || json.Unmarshal(content, &present) != nil {
		return event{}
	}
	e.known = len(present.PullRequest) > 0 && string(present.PullRequest) != "null"
	return e
}
