//go:build unix

package main

import "syscall"

// dropCore disables core files: one would contain every key that the process knows.
func dropCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
