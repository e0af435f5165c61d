package pipeline

import "strconv"

// Attempt returns which attempt of the job this is, from 1 on, or 0 where the place does not say: GitLab
// gives a retried job another id, and no number.
func (p *Pipeline) Attempt() int {
	attempt, err := strconv.Atoi(p.host.properties()["GITHUB_RUN_ATTEMPT"])
	if err != nil {
		return 0
	}
	return max(attempt, 0)
}

// IsInteractive reports whether somebody sees the live line.
func (p *Pipeline) IsInteractive() bool {
	_, isTerminal := p.console.columns()
	return isTerminal
}
