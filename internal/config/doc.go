// Package config reads what the user wants. Each setting is declared once, in [Declared], and shows as a
// flag, an AMI_ variable, a GitHub input, a GitLab component input and a line of the documentation
// (docs/architecture.md, "Settings").
//
// All faults of a configuration are found before anything is sent, and reported together.
package config

//go:generate go run ./generate -root ../..
