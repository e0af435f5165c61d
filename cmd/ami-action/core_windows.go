package main

// dropCore does nothing: Windows writes no core files.
func dropCore() {}
