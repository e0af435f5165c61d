package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// platforms are the operating systems that a release has binaries for. Each can need modules that the others do not.
var platforms = []string{"linux", "darwin", "windows"}

// licenseFile matches the names of files that licenses require to be distributed with a binary.
var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|copyright|notice|patents)([.-][a-z0-9.-]+)?$`)

// gatherLicenses copies the license of this repository, that of Go's standard library, and those of all modules with a
// package in the binaries into the directory, as DIRECTORY/MODULE@VERSION/LICENSE. The directory must not exist. A module
// without a license is an error, because it must not be distributed.
func gatherLicenses(ctx context.Context, root, directory string) error {
	if err := os.MkdirAll(filepath.Dir(directory), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(directory, 0o755); err != nil {
		return err
	}
	goroot, err := goCommand(ctx, root, runtime.GOOS, "env", "GOROOT")
	if err != nil {
		return err
	}
	files := map[string]string{
		"LICENSE": filepath.Join(root, "LICENSE"), "go/LICENSE": filepath.Join(strings.TrimSpace(goroot), "LICENSE"),
	}
	for _, platform := range platforms {
		const format = `{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}}{{"\t"}}{{.Dir}}{{"\t"}}{{$.Dir}}{{end}}{{end}}`
		packages, err := goCommand(ctx, root, platform, "list", "-race=false", "-deps", "-f", format, "./cmd/...")
		if err != nil {
			return err
		}
		for line := range strings.Lines(packages) {
			fields := strings.Split(strings.TrimSpace(line), "\t")
			if len(fields) != 3 {
				continue // an empty line: the package is in the standard library or in this module
			}
			found, err := licensesOf(fields[0], fields[1], fields[2])
			if err != nil {
				return err
			}
			maps.Copy(files, found)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := copyFile(files[name], filepath.Join(directory, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// licensesOf returns the license files of a package: those in its directory and in all parent directories up to the
// module's. The keys are the paths that they are copied to, the values their paths in the module. It is an error if
// there is no license.
func licensesOf(module, moduleDirectory, packageDirectory string) (map[string]string, error) {
	inside, err := filepath.Rel(moduleDirectory, packageDirectory)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for inside = filepath.ToSlash(inside); ; inside = path.Dir(inside) {
		directory := filepath.Join(moduleDirectory, filepath.FromSlash(inside))
		entries, err := os.ReadDir(directory)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if entry.Type().IsRegular() && isLicense(entry.Name()) {
				files[path.Join(module, inside, entry.Name())] = filepath.Join(directory, entry.Name())
			}
		}
		if inside == "." {
			break
		}
	}
	for name := range files {
		if base := strings.ToLower(path.Base(name)); strings.HasPrefix(base, "licen") || strings.HasPrefix(base, "copying") {
			return files, nil
		}
	}
	return nil, fmt.Errorf("no license was found for %s in %s: a module without a license must not be distributed", module, packageDirectory)
}

// isLicense reports whether a file of this name is a license. A Go source file is none, whatever its name.
func isLicense(name string) bool {
	return licenseFile.MatchString(name) && path.Ext(name) != ".go"
}

func goCommand(ctx context.Context, root, platform string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = root
	command.Env = append(os.Environ(), "GOOS="+platform, "CGO_ENABLED=0")
	said, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return string(said), nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644) //nolint:gosec // the names are those of modules and of their files
}
