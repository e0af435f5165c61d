// Release does the parts of a release that no other tool does: see docs/releasing.md.
//
//	release check VERSION            fails unless the checkout can be released as this version
//	release licenses DIRECTORY       copies the licenses of everything in the binaries to the directory
//	release changelog VERSION        prints the changes of the version
//	release moving VERSION           prints the tags that follow the version, such as v1, judged by all tags
//	release commit VERSION IMAGE     commits the action that runs IMAGE (NAME@sha256:…), and moves the tags to the commit;
//	                                 with --push REMOTE it also moves them at the remote
//
// All subcommands must run at the root of the repository. All but licenses need its tags.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: release check VERSION | licenses DIRECTORY | changelog VERSION | moving VERSION | commit [--push REMOTE] VERSION IMAGE")

// run runs one subcommand in the current directory. It writes to out what later steps of the workflow need.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := pflag.NewFlagSet("release", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	remote := flags.String("push", "", "")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", err, errUsage)
	}
	r := repository{dir: "."}
	switch given := flags.Args(); {
	case *remote != "" && flags.Arg(0) != "commit":
		return errUsage
	case len(given) == 2 && given[0] == "check":
		return r.check(ctx, given[1])
	case len(given) == 2 && given[0] == "licenses":
		return gatherLicenses(ctx, r.dir, given[1])
	case len(given) == 2 && given[0] == "changelog":
		text, err := r.changelog(ctx, given[1])
		if err == nil {
			_, err = io.WriteString(out, text)
		}
		return err
	case len(given) == 2 && given[0] == "moving":
		versions, err := r.versions(ctx)
		if err == nil {
			err = checkVersion(given[1])
		}
		if err == nil {
			_, err = fmt.Fprintln(out, strings.Join(moving(given[1], versions), " "))
		}
		return err
	case len(given) == 3 && given[0] == "commit":
		made, err := r.release(ctx, given[1], given[2], *remote)
		if err == nil {
			_, err = fmt.Fprintf(out, "commit=%s\nmoved=%s\nlatest=%t\n", made.commit, strings.Join(made.moved, " "), made.latest)
		}
		return err
	}
	return errUsage
}
