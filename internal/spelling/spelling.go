// Package spelling finds the word that was meant by one that is unknown.
package spelling

import "strings"

// Bounds on the search: a document can have thousands of words.
const (
	maxWords  = 500
	maxLength = 40
)

// Share says how many letters of a word may differ: one of so many.
type Share int

const (
	// Half is for a place that takes one of the words and nothing else.
	Half Share = 2
	// Third is for a place where something else can have been meant, such as the flag of another program.
	Third Share = 3
)

// joints are what people put between the parts of a word, and get wrong as often as the case.
var joints = strings.NewReplacer("-", "", "_", "", " ", "", ".", "")

func normalized(word string) string { return strings.ToLower(joints.Replace(word)) }

// Misspelled returns the word that was most likely meant, and whether typed is so near to it that nothing else can have
// been meant: other case, other signs between the parts, few wrong letters, or cut short.
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

// Nearest returns the word that typed is most like, or "" if more than that share of its letters differ. One letter always
// may.
func Nearest(typed string, words []string, differing Share) string {
	best, changes := closest(typed, words)
	if changes*int(differing) > max(len(normalized(typed)), int(differing)) {
		return ""
	}
	return best
}

// closest returns the word with the fewest changes, and how many they are. One that typed begins, or that begins typed,
// counts as one change. Of several such words it is the one nearest in length, and of those the first.
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
		isNearer := apart(len(typed), len(word)) < apart(len(typed), len(best))
		isCloser := func(d int) bool { return d < changes || d == changes && isNearer }
		d := apart(len(letters), len(other)) // it takes as many changes at least
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

func apart(a, b int) int { return max(a, b) - min(a, b) }

// distance counts the letters to add, remove, change or swap with their neighbor (the optimal string alignment).
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
