package main

import (
	"io"
	"log"
	"os"
	"runtime/debug"
)

// memoryLimit is the soft memory limit of the garbage collector, in bytes. The size of everything that is read is
// bounded well below it. The limit is for the garbage of decoding, which would otherwise double the memory in use.
const memoryLimit = 160 << 20

// prepareRuntime limits the memory, and makes a failure that no code can recover from, such as running out of memory,
// end the process by SIGABRT. The runtime would exit with 2, which for this command means that nothing was sent.
// GOMEMLIMIT in the environment takes precedence over the limit. GOTRACEBACK is overridden, because the exit code would
// depend on it.
//
// It also discards the standard logger. Nothing of ours uses it, but net/http quotes there what a server sends unasked,
// and that would go to stderr without redaction.
func prepareRuntime() {
	log.SetOutput(io.Discard)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	dropCore()
	debug.SetTraceback("crash")
}
