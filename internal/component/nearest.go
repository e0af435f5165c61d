package component

import "strings"

// Bounds on the search for the word that was meant: a document can have thousands of words.
const (
	maxCandidates = 500
	maxWordLength = 40
)

// normal is a word without what people get wrong first: the case, and what joins its parts.
var normal = strings.NewReplacer("-", "", "_", "", " ", "", ".", "")

func normalized(word string) string { return strings.ToLower(normal.Replace(word)) }

// misspelled returns the candidate that was meant where typed is a misspelling of it: other case, another sign
// between the parts, few wrong letters, or cut short.
func misspelled(typed string, candidates []string) (string, bool) {
	best, distance := closest(typed, candidates)
	if best == "" {
		return "", false
	}
	length := min(len(normalized(typed)), len(normalized(best)))
	allowed := 2
	switch {
	case length <= 3:
		allowed = 0
	case length <= 5:
		allowed = 1
	}
	return best, distance <= allowed
}

// nearest returns the candidate that is the most like typed, or "" if none is like it.
func nearest(typed string, candidates []string) string {
	best, distance := closest(typed, candidates)
	if distance*2 > max(len(normalized(typed)), 2) {
		return ""
	}
	return best
}

// closest returns the candidate with the fewest letters that differ. One that typed begins, or that begins typed,
// counts as one that differs little.
func closest(typed string, candidates []string) (best string, distance int) {
	distance = maxWordLength
	word := normalized(typed)
	if word == "" || len(word) > maxWordLength {
		return "", distance
	}
	for i, candidate := range candidates {
		if i == maxCandidates {
			break
		}
		other := normalized(candidate)
		if other == "" || len(other) > maxWordLength {
			continue
		}
		d := 0
		switch {
		case word == other:
		case len(word) >= 4 && strings.HasPrefix(other, word), len(other) >= 4 && strings.HasPrefix(word, other) && len(word)-len(other) <= 2:
			d = 1
		case max(len(word), len(other))-min(len(word), len(other)) >= distance:
			continue
		default:
			d = differing(word, other)
		}
		if d < distance {
			best, distance = candidate, d
		}
	}
	return best, distance
}

// differing counts the letters to add, remove, change or swap with their neighbor (the optimal string alignment).
func differing(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
