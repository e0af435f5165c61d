package pipeline

import (
	"encoding/hex"
	"io"
	"os/user"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/workspace"
)

// local is a local machine, or a pipeline of an unknown kind.
type local struct {
	env     environment
	console *console
	dir     string
	rand    io.Reader
	key     string
}

func newLocal(env environment, c *console, o Options) *local {
	return &local{env: env, console: c, dir: o.Dir, rand: o.Rand}
}

const localName = "local"

func (l *local) name() string { return localName }

// implied reads the files of the git checkout itself, because starting git takes too long, and git may not be installed.
func (l *local) implied() Implied {
	branch, commit := gitHead(l.dir)
	return Implied{Owner: l.owner(), StackTag: lifecycle.StackTagOf(branch), CommitRef: commit}
}

func (l *local) owner() string {
	name := l.env["USER"]
	if current, err := user.Current(); err == nil && current.Username != "" {
		name = current.Username
	}
	return name[strings.LastIndex(name, `\`)+1:] // without the domain in DOMAIN\name
}

func (l *local) properties() map[string]string { return map[string]string{} }

func (l *local) jobIdentity() string { return "" }

func (l *local) distinguishesMatrixJobs() bool { return true }

func (l *local) step() string { return "" }

func (l *local) checkOutputs() error { return nil }

func (l *local) ownFiles() []workspace.File { return nil }

func (l *local) runKey() string {
	if l.key == "" {
		var nonce [4]byte
		_, _ = io.ReadFull(l.rand, nonce[:]) // after an error the key is not unique
		l.key = hex.EncodeToString(nonce[:])
	}
	return l.key
}

func (l *local) job() Link { return Link{} }

func (l *local) artifactURL(string) string { return "" }

// setOutput is never called: see [Pipeline.SetOutput]. The result is on stdout.
func (l *local) setOutput(string, string) error { return nil }

func (l *local) mask(string) {}

func (l *local) group(title string) { l.console.line(bold, title) }

func (l *local) endGroup() {}

func (l *local) annotate(a Annotation) { l.console.annotateLine(a) }

func (l *local) summary(string) error { return nil }

func (l *local) link(Link) error { return nil }
