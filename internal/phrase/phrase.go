// Package phrase lists words as a sentence does.
package phrase

import "strings"

// Or lists words of which one is meant: "a", "a or b", "a, b or c". Of no words it is "".
func Or(words []string) string { return listed(words, " or ") }

// And lists words of which all are meant: "a", "a and b", "a, b and c". Of no words it is "".
func And(words []string) string { return listed(words, " and ") }

func listed(words []string, beforeLast string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + beforeLast + words[last]
}
