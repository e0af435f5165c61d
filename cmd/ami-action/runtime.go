package main

import (
	"os"
	"runtime/debug"
)

// memoryLimit is what the garbage collector keeps the process below. All that is read is bounded well under it: the
// limit is for the garbage of decoding, which would otherwise double what is in use.
const memoryLimit = 160 << 20

// prepareRuntime bounds the memory, and lets a failure that no code can recover from, such as no memory at all, end
// the process by SIGABRT: the runtime's own exit code is 2, which of this command says that nothing was sent. GOMEMLIMIT
// of the environment counts, GOTRACEBACK does not: the exit code would depend on it.
func prepareRuntime() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	dropCore()
	debug.SetTraceback("crash")
}
