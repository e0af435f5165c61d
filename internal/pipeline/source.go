package pipeline

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/lifecycle"
)

// Source is the branch that a pipeline runs for, and whether it comes from a fork.
type Source struct {
	// Branch is the name of the branch without refs/heads/. For a fork, it is the name in the fork.
	Branch string
	// IsFork is set if the branch is in another repository, whose owner chooses its name.
	IsFork bool
	// Request identifies the pull request or merge request in a stack tag, such as pr-12 or mr-12. It is "" if there is
	// none.
	Request string
}

// Source returns the branch that this pipeline runs for.
func (p *Pipeline) Source() Source { return p.host.source() }

// stackTag returns the default of the stack tag: the slug of the branch, or for a fork the request, so that the main
// branch of a fork never has the stack tag of this repository's main branch. given is the slug of the branch that the
// host provides, or "".
func (s Source) stackTag(given string) string {
	if s.IsFork {
		return cmp.Or(s.Request, lifecycle.StackTagOf("fork-"+s.Branch))
	}
	if !strings.ContainsFunc(given, unicode.IsLower) {
		given = "" // without a letter of a-z, GitLab's slug can be empty, or the same for several branches
	}
	return cmp.Or(given, lifecycle.StackTagOf(s.Branch))
}

// source also reads the file of the event, for a pull request. There GITHUB_REF_NAME is 12/merge, and the branch is in
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
		// The repository of a deleted fork is null.
		s.IsFork = head == nil || !strings.EqualFold(head.FullName, g.env["GITHUB_REPOSITORY"])
		return s
	}
	// Without the event, equal names mean a fork, because a branch cannot be merged into itself.
	s.IsFork = lifecycle.StackTagOf(s.Branch) == lifecycle.StackTagOf(g.env["GITHUB_BASE_REF"])
	return s
}

// source compares the two projects of a merge request (https://docs.gitlab.com/ci/variables/predefined_variables/).
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

// event is the part of a pull request event that is used here.
type event struct {
	Number      json.Number `json:"number"`
	PullRequest struct {
		Head struct {
			Repo *struct {
				FullName string `json:"full_name"`
			} `json:"repo"`
		} `json:"head"`
	} `json:"pull_request"`
	// known is set if the file was read and is the event of a pull request.
	known bool
}

// maxEvent is the largest event that is read: "Payloads are capped at 25 MB" (https://docs.github.com/webhooks, "Webhook
// events and payloads").
const maxEvent = 25 << 20

// readEvent reads the file that GITHUB_EVENT_PATH names. If the file is missing, invalid or too large, it returns the zero
// event.
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
