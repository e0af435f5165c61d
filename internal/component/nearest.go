package component

import "strings"

// Limits of the search for the word that was meant. A document can have thousands of words.
const (
	maxCandidates = 500
	maxWordLength = 40
)

// normal removes the characters between the parts of a word, which users often get wrong.
var normal = strings.NewReplacer("-", "", "_", "", " ", "", ".", "")

func normalized(word string) string { return strings.ToLower(normal.Replace(word)) }

// misspelled returns the candidate of which typed is a misspelling, and whether there is one. A misspelling differs in
// case, in the characters between the parts, in a few letters, or is cut short.
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

// nearest returns the candidate that is most similar to typed, or "" if none is similar enough.
func nearest(typed string, candidates []string) string {
	best, distance := closest(typed, candidates)
	if distance*2 > max(len(normalized(typed)), 2) {
		return ""
	}
	return best
}

// closest returns the candidate with the smallest edit distance to typed, and that distance. The distance is 1 if typed
// is a prefix of the candidate, or if the candidate is a prefix of typed and at most two letters shorter. The prefix must
// have at least four letters.
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

// differing returns the optimal string alignment distance: how many letters must be added, removed, changed or swapped
// with their neighbor.
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
