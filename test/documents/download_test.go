package documents_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	naming "text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const releases = "https://github.com/org/ami-action/releases/download/"

// goreleaser has the parts of .goreleaser.yaml that determine the names of a release's files.
type goreleaser struct {
	Project string `yaml:"project_name"`
	Builds  []struct {
		Binary string
		Goos   []string
		Goarch []string
	}
	Archives []struct {
		Name      string `yaml:"name_template"`
		Formats   []string
		Overrides []struct {
			Goos    string
			Formats []string
		} `yaml:"format_overrides"`
		Wrap any `yaml:"wrap_in_directory"`
	}
	Checksum struct {
		Name string `yaml:"name_template"`
	}
}

func releaseConfiguration(t *testing.T) (c goreleaser) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal([]byte(read(t, ".goreleaser.yaml")), &c))
	require.Len(t, c.Archives, 1)
	require.Nil(t, c.Archives[0].Wrap, "the binaries are at the top of the archive")
	return c
}

// archives returns the names of the archives of a version.
func (c goreleaser) archives(t *testing.T, version string) (names []string) {
	t.Helper()
	archive := c.Archives[0]
	name, err := naming.New("").Option("missingkey=error").Parse(archive.Name)
	require.NoError(t, err)
	for _, goos := range c.Builds[0].Goos {
		format := archive.Formats[0]
		for _, override := range archive.Overrides {
			if override.Goos == goos {
				format = override.Formats[0]
			}
		}
		for _, goarch := range c.Builds[0].Goarch {
			var text strings.Builder
			require.NoError(t, name.Execute(&text, map[string]string{"ProjectName": c.Project, "Version": version, "Os": goos, "Arch": goarch}))
			names = append(names, text.String()+"."+format)
		}
	}
	return names
}

func TestEachArchiveThatADocumentNamesIsMadeByARelease(t *testing.T) {
	t.Parallel()
	c := releaseConfiguration(t)
	archive := regexp.MustCompile(`ami-action_(\d+\.\d+\.\d+)_\w+\.(?:tar\.gz|zip)`)
	found := 0
	for _, document := range files(t, ".md") {
		for _, match := range archive.FindAllStringSubmatch(read(t, document), -1) {
			found++
			assert.Contains(t, c.archives(t, match[1]), match[0], document)
		}
	}
	assert.Positive(t, found)
}

// TestTheREADMEDownloadsARelease runs the README's block that downloads a release against a local server instead of
// GitHub. The server's files have the names from .goreleaser.yaml.
func TestTheREADMEDownloadsARelease(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "curl", "sha256sum", "tar", "gzip"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	script := ""
	for _, b := range blocks(t, "README.md") {
		if strings.Contains(b.text, releases) {
			script = b.text
		}
	}
	require.NotEmpty(t, script)
	tag := regexp.MustCompile(`/download/(v[\d.]+)`).FindStringSubmatch(script)
	require.NotNil(t, tag, script)

	c := releaseConfiguration(t)
	content := archiveOf(t, c)
	var checksums strings.Builder
	served := map[string][]byte{}
	for _, name := range c.archives(t, strings.TrimPrefix(tag[1], "v")) {
		served["/"+tag[1]+"/"+name] = content
		fmt.Fprintf(&checksums, "%x  %s\n", sha256.Sum256(content), name)
	}
	served["/"+tag[1]+"/"+c.Checksum.Name] = []byte(checksums.String())

	t.Run("whole", func(t *testing.T) {
		t.Parallel()
		output, err := download(t, script, served)
		require.NoError(t, err, output)
		assert.Contains(t, output, "this is ami-action --version")
	})
	t.Run("another file under the name", func(t *testing.T) {
		t.Parallel()
		tampered := map[string][]byte{}
		for path, file := range served {
			if strings.HasSuffix(path, ".tar.gz") {
				file = append(bytes.Clone(file), 0)
			}
			tampered[path] = file
		}
		output, err := download(t, script, tampered)
		assert.Error(t, err)
		assert.NotContains(t, output, "this is ami-action", "what has another checksum is not unpacked")
	})
}

// download runs the script as if a user had pasted it into a terminal: it continues after a line that fails.
func download(t *testing.T, script string, served map[string][]byte) (string, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := served[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(file)
	}))
	t.Cleanup(server.Close)
	command := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(script, releases, server.URL+"/"))
	command.Dir = t.TempDir()
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(command.Dir, "home"), "no_proxy=*"}
	output, err := command.CombinedOutput()
	return string(output), err
}

// archiveOf returns an archive with a script in the place of each binary.
func archiveOf(t *testing.T, c goreleaser) []byte {
	t.Helper()
	var content bytes.Buffer
	zipped := gzip.NewWriter(&content)
	archive := tar.NewWriter(zipped)
	for _, build := range c.Builds {
		script := "#!/bin/sh\necho \"this is " + build.Binary + " $*\"\n"
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: build.Binary, Mode: 0o755, Size: int64(len(script))}))
		_, err := archive.Write([]byte(script))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, zipped.Close())
	return content.Bytes()
}
