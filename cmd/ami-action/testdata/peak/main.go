// Command peak runs a command several times and prints the largest resident set of any run, in bytes:
//
//	peak TIMES COMMAND [ARGUMENT...]
//
// Linux begins to count the resident set of a process while it still shares the memory of the process that
// starts it. A test binary is as large as the command that it measures; peak is small.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
)

func main() {
	largest, err := peak(os.Args[1], os.Args[2], os.Args[3:]...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(largest)
}

func peak(times, name string, args ...string) (int64, error) {
	n, err := strconv.Atoi(times)
	if err != nil {
		return 0, err
	}
	var largest int64
	for range n {
		command := exec.Command(name, args...)
		command.Stderr = os.Stderr
		if err := command.Run(); err != nil {
			return 0, err
		}
		largest = max(largest, int64(command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss))
	}
	if runtime.GOOS == "darwin" {
		return largest, nil
	}
	return largest << 10, nil // everywhere else the unit is 1,024 bytes
}
