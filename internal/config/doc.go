// Package config reads and checks the settings. Each setting is declared once, in [Declared]. The flag, the AMI_
// variable, the GitHub input, the input of the GitLab component and the documentation are derived from that declaration
// (docs/architecture.md, "Settings").
//
// All problems of a configuration are found before anything is sent, and are reported together.
package config

//go:generate go run ./generate -root ../..
