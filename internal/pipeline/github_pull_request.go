package pipeline

import (
	"cmp"
	"encoding/json"
	"os"
	"regexp"
	"strconv"

	"github.com/org/ami-action/internal/lifecycle"
)

// stackTag is that of the branch; of a pull request GITHUB_REF_NAME is 12/merge, and its branch is GITHUB_HEAD_REF.
// A pull request of a fork has its own: the fork's branch may have the name of a protected branch here, and would
// take the next version of its AMI.
func (g *github) stackTag() string {
	head := g.env["GITHUB_HEAD_REF"]
	if head == "" {
		return lifecycle.StackTagOf(g.env["GITHUB_REF_NAME"])
	}
	tag := lifecycle.StackTagOf(head)
	number, isFork := g.pullRequest()
	// Two branches of the same repository cannot have one name.
	if isFork || tag == lifecycle.StackTagOf(g.env["GITHUB_BASE_REF"]) {
		return "pr-" + cmp.Or(number, tag)
	}
	return tag
}

var pullRequestRef = regexp.MustCompile(`^refs/pull/([0-9]+)/`)

// maxEvent bounds the event's file, which holds the texts of a pull request.
const maxEvent = 16 << 20

// pullRequest returns the number of the pull request, or "" if it is unknown, and whether its branch is that of a
// fork. A deleted fork has no repository in the event.
func (g *github) pullRequest() (number string, isFork bool) {
	if groups := pullRequestRef.FindStringSubmatch(g.env["GITHUB_REF"]); groups != nil {
		number = groups[1]
	}
	path := g.env["GITHUB_EVENT_PATH"]
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxEvent {
		return number, false
	}
	type side struct {
		Repo struct {
			FullName string `json:"full_name"`
		} `json:"repo"`
	}
	var event struct {
		Number      int `json:"number"`
		PullRequest *struct {
			Head, Base side
		} `json:"pull_request"`
	}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &event) != nil || event.PullRequest == nil {
		return number, false
	}
	if number == "" && event.Number > 0 {
		number = strconv.Itoa(event.Number)
	}
	return number, event.PullRequest.Head.Repo.FullName != event.PullRequest.Base.Repo.FullName
}
