// Package spelling finds the known word that an unknown word most likely stands for.
package spelling

import "strings"

// Limits of the search. A document can have thousands of words.
const (
	maxWords  = 500
	maxLength = 40
)

// Share is the share of a word's letters that may differ: one of so many.
type Share int

// The shares.
const (
	// Half is for a place where only one of the words is valid.
	Half Share = 2
	// Third is for a place where users often mean something else, such as the flag of another program.
	Third Share = 3
)

// joints removes the characters between the parts of a word, which users often get wrong.
var joints = strings.NewReplacer("-", "", "_", "", " ", "", ".", "")

func normalized(word string) string { return strings.ToLower(joints.Replace(word)) }

// Misspelled returns the word that is most similar to typed, and whether typed is a misspelling of it. A misspelling
// differs in case, in the characters between the parts, in a few letters, or is cut short.
func Misspelled(typed string, words []string) (meant string, isMisspelled bool) {
	best, changes := closest(typed, words)
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
	return best, changes <= allowed
}

// Nearest returns the word that is most similar to typed, or "" if more than this share of the letters of typed differ.
// One letter may always differ.
func Nearest(typed string, words []string, differing Share) string {
	best, changes := closest(typed, words)
	if changes*int(differing) > max(len(normalized(typed)), int(differing)) {
		return ""
	}
	return best
}

// closest returns the word with the smallest edit distance to typed, and that distance. The distance is 1 if typed is a
// prefix of the word, or if the word is a prefix of typed and at most two letters shorter. The prefix must have at least
// four letters. Of several words with the same distance it returns the one with the most similar length, and of those
// the first.
func closest(typed string, words []string) (best string, changes int) {
	changes = maxLength
	letters := normalized(typed)
	if letters == "" || len(letters) > maxLength {
		return "", changes
	}
	for _, word := range words[:min(len(words), maxWords)] {
		other := normalized(word)
		if other == "" || len(other) > maxLength {
			continue
		}
		isNearer := difference(len(typed), len(word)) < difference(len(typed), len(best))
		isCloser := func(d int) bool { return d < changes || d == changes && isNearer }
		d := difference(len(letters), len(other)) // the distance is at least that
		isCut := len(letters) >= 4 && strings.HasPrefix(other, letters) || len(other) >= 4 && strings.HasPrefix(letters, other) && d <= 2
		switch {
		case isCut:
			d = min(d, 1)
		case isCloser(d):
			d = distance(letters, other)
		}
		if isCloser(d) {
			best, changes = word, d
		}
	}
	return best, changes
}

func difference(a, b int) int { return max(a, b) - min(a, b) }

// distance returns how many letters must be added, removed, changed or swapped with their neighbor to turn a into b
// (the optimal string alignment distance).
func distance(a, b string) int {
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
