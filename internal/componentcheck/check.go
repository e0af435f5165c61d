// Package componentcheck implements the command "ami-action check-component". It checks the files of patch components, for
// a pre-commit hook, an editor, or a pipeline on a pull request. It needs neither AWS nor an orchestrator.
package componentcheck

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/spf13/pflag"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/outcome"
)

// Command is the first argument that selects this command.
const Command = "check-component"

// Options holds the streams of the command, and the annotator.
type Options struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Annotator shows each problem at its line, as GitHub does on a pull request. It may be nil.
	Annotator outcome.Annotator
}

// checked is a file and its problems.
type checked struct {
	name     string
	problems []component.Problem
}

// settings holds the parsed arguments.
type settings struct {
	output, codeQuality, stdinName, platform string
	files                                    []string
}

// Run runs the command. args are its arguments without the name of the command. Run returns [exitcode.OK] if no component
// has an error. It returns [exitcode.Invalid] if a component has an error, a file cannot be read or written, or an argument
// is wrong.
func Run(args []string, o Options) int {
	s, err := parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprint(o.Stdout, help)
		return exitcode.OK
	}
	var results []checked
	if err == nil {
		var unread error
		results, unread = s.check(o.Stdin)
		err = errors.Join(s.write(results, o), unread)
	}
	if err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			fmt.Fprintln(o.Stderr, "error: "+line)
		}
		return exitcode.Invalid
	}
	for _, result := range results {
		if component.HasErrors(result.problems) {
			return exitcode.Invalid
		}
	}
	return exitcode.OK
}

const help = `Checks patch components, and says what is wrong at which place.

Usage:
  ami-action check-component [flags] FILE...

FILE is a path, a pattern such as 'components/**/*.yml', or - for standard input.

Flags:
  --output text|json       what goes to standard output (default text)
  --codeQualityFile FILE   also write a GitLab code quality report
  --stdinName NAME         the name of standard input in messages (default <stdin>)
  --platform NAME          Linux, which the orchestrator builds (default), or Windows
  --help                   show this page

Exit codes:
  0  no component has an error; there may be warnings
  2  a component has an error, a file cannot be read, or an argument is wrong
`

func parse(args []string) (settings, error) {
	var s settings
	flags := pflag.NewFlagSet(Command, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&s.output, "output", "text", "")
	flags.StringVar(&s.codeQuality, "codeQualityFile", "", "")
	flags.StringVar(&s.stdinName, "stdinName", "<stdin>", "")
	flags.StringVar(&s.platform, "platform", string(awstoe.Linux), "")
	if err := flags.Parse(args); err != nil {
		return s, hinted(err)
	}
	s.files = flags.Args()
	switch {
	case len(s.files) == 0:
		return s, errors.New("no file is given; see ami-action check-component --help")
	case s.output != "text" && s.output != "json":
		return s, fmt.Errorf("invalid value %q for --output: must be text or json", s.output)
	case !slices.Contains([]string{string(awstoe.Linux), string(awstoe.Windows)}, s.platform):
		return s, fmt.Errorf("invalid value %q for --platform: must be Linux or Windows", s.platform)
	}
	return s, nil
}

func hinted(err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	return fmt.Errorf("%w; see ami-action check-component --help", err)
}

// check reads and checks all files that the arguments name, each one once. The error names the files that cannot be read.
func (s settings) check(stdin io.Reader) (results []checked, unread error) {
	seen := map[string]bool{}
	for _, argument := range s.files {
		names, err := namesOf(argument)
		unread = errors.Join(unread, err)
		for _, name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			data, err := content(name, stdin)
			if err != nil {
				unread = errors.Join(unread, err)
				continue
			}
			if name == "-" {
				name = s.stdinName
			}
			results = append(results, checked{name, component.CheckOn(data, awstoe.Platform(s.platform))})
		}
	}
	return results, unread
}

// namesOf returns the files that an argument names. It is a path if it exists or has no wildcards, otherwise a pattern.
func namesOf(argument string) ([]string, error) {
	if _, err := os.Stat(argument); argument == "-" || err == nil || !strings.ContainsAny(argument, "*?[{") {
		return []string{argument}, nil
	}
	names, err := doublestar.FilepathGlob(argument, doublestar.WithFilesOnly())
	if err != nil {
		return nil, fmt.Errorf("invalid pattern %q: %w", argument, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no file matches %q", argument)
	}
	slices.Sort(names)
	return names, nil
}

func content(name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return component.ReadAll(stdin)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a directory; give its files, such as '%s/*.yml'", name, strings.TrimSuffix(name, "/"))
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return component.ReadAll(file)
}
