package pipeline

import "strconv"

// Attempt returns the number of this attempt of the job, from 1 on, or 0 if it is unknown. Only GitHub numbers the
// attempts. GitLab gives a retried job another id, but no number.
func (p *Pipeline) Attempt() int {
	attempt, err := strconv.Atoi(p.host.properties()["GITHUB_RUN_ATTEMPT"])
	if err != nil {
		return 0
	}
	return max(attempt, 0)
}

// IsInteractive reports whether stderr is a terminal, so that the live line is visible.
func (p *Pipeline) IsInteractive() bool {
	_, isTerminal := p.console.columns()
	return isTerminal
}
