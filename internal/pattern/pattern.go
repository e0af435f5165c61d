// Package pattern provides regular expressions that are compiled when they are first used, and patterns with wildcards.
// Most runs of the command need few of the expressions, and compiling all of them at the start took a tenth of its time.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns a function that compiles the expression at its first call, and returns the same result at every call. The
// function panics if the expression is invalid.
func Lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
