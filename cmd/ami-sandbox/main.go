// Command ami-sandbox serves a sandbox orchestrator, for any number of pipelines at once.
package main

import (
	"os"

	"github.com/org/ami-action/internal/sandbox/command"
)

func main() { os.Exit(command.Main()) }
