// Package pattern holds regular expressions that are compiled when they are used first. The command starts more
// often than it needs one of them, and compiling all of them at the start took a tenth of its time.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns what compiles the expression at its first call, and returns the same one at each. It panics there if the
// expression is not valid.
func Lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
