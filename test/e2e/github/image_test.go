package github_test

import (
	"archive/tar"
	"compress/gzip"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// maxImage is the largest size of the compressed image that issue 3 allows, in bytes.
const maxImage = 10_000_000

const certificates = "etc/ssl/certs/ca-certificates.crt"

func TestTheImageIsSmall(t *testing.T) {
	t.Parallel()
	save := exec.CommandContext(t.Context(), docker(), "save", image(t))
	content, err := save.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, save.Start())
	var size byteCount
	compressed := gzip.NewWriter(&size)
	_, err = io.Copy(compressed, content)
	require.NoError(t, errors.Join(err, compressed.Close(), save.Wait()))
	t.Logf("%.2f MB compressed", float64(size)/1e6)
	assert.Less(t, int(size), maxImage)
}

func TestTheImageHoldsTheBinaryTheCertificatesAndAShell(t *testing.T) {
	t.Parallel()
	tag := image(t)
	base := files(t, baseImage(t))
	added := slices.DeleteFunc(files(t, tag), func(name string) bool {
		return slices.Contains(base, name) && name != certificates // a stand-in for the base may have them too
	})
	const licenses = "usr/share/licenses/ami-action/"
	assert.Contains(t, added, licenses+"LICENSE")
	assert.Contains(t, added, licenses+"go/LICENSE")
	added = slices.DeleteFunc(added, func(name string) bool { return strings.HasPrefix(name, licenses) })
	assert.Equal(t, []string{certificates, "usr/local/bin/ami-action", "usr/local/bin/ami-sandbox", "usr/local/bin/entrypoint.sh"}, added)

	var inspected []struct {
		Config struct {
			User            string
			Entrypoint, Env []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(dockerOutput(t, "image", "inspect", tag)), &inspected))
	assert.Contains(t, []string{"", "0", "root"}, inspected[0].Config.User, "an action's container runs as root")
	assert.Equal(t, []string{"/usr/local/bin/entrypoint.sh"}, inspected[0].Config.Entrypoint)
}

func TestTheImageSaysItsVersionAndStartsAShellWhenAskedTo(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{"--version"}, {"sh", "-c", "ami-action --version"}} {
		said := dockerOutput(t, append([]string{"run", "--rm", image(t)}, command...)...)
		assert.Equal(t, "ami-action "+os.Getenv("AMI_E2E_VERSION")+"\n", said)
	}
	for _, arguments := range [][]string{{image(t), "ami-sandbox", "--version"}, {"--entrypoint", "ami-sandbox", image(t), "--version"}} {
		said := dockerOutput(t, append([]string{"run", "--rm"}, arguments...)...)
		assert.Equal(t, "ami-sandbox "+os.Getenv("AMI_E2E_VERSION")+"\n", said)
	}
}

// The last stage cannot be built here, because its base for another platform must come from a registry.
func TestTheDockerfileCompilesForArm64(t *testing.T) {
	t.Parallel()
	tag := image(t) + "-arm64"
	build := command(t, repository, docker(), "build", "-q", "-f", prepared(t, "AMI_E2E_DOCKERFILE"), "--platform", "linux/arm64", "--target", "build",
		"--build-arg", "VERSION="+os.Getenv("AMI_E2E_VERSION"), "-t", tag, ".")
	build.Env = append(os.Environ(), "DOCKER_BUILDKIT=1")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	container := strings.TrimSpace(dockerOutput(t, "create", tag, "none"))
	defer dockerOutput(t, "rm", container)
	binary := filepath.Join(t.TempDir(), "ami-action")
	dockerOutput(t, "cp", container+":/out/ami-action", binary)
	file, err := elf.Open(binary)
	require.NoError(t, err)
	defer file.Close()
	assert.Equal(t, elf.EM_AARCH64, file.Machine)
	libraries, err := file.ImportedLibraries()
	assert.NoError(t, err)
	assert.Empty(t, libraries, "it is static")
}

var baseOf = regexp.MustCompile(`(?m)^FROM (\S+)$`)

// baseImage returns the image that the last stage of the Dockerfile is based on.
func baseImage(t *testing.T) string {
	t.Helper()
	dockerfile, err := os.ReadFile(prepared(t, "AMI_E2E_DOCKERFILE"))
	require.NoError(t, err)
	found := baseOf.FindSubmatch(dockerfile)
	require.NotNil(t, found)
	return string(found[1])
}

// files returns the files in an image, without directories and without the files that starting a container adds.
func files(t *testing.T, tag string) []string {
	t.Helper()
	container := strings.TrimSpace(dockerOutput(t, "create", tag))
	defer dockerOutput(t, "rm", container)
	archive := tar.NewReader(strings.NewReader(dockerOutput(t, "export", container)))
	var names []string
	for {
		header, err := archive.Next()
		if err == io.EOF {
			slices.Sort(names)
			return names
		}
		require.NoError(t, err)
		if header.Typeflag != tar.TypeDir {
			names = append(names, header.Name)
		}
	}
}

type byteCount int

func (c *byteCount) Write(p []byte) (int, error) {
	*c += byteCount(len(p))
	return len(p), nil
}

// withoutMasks returns the log without the lines that tell the runner what to mask. Only these may contain keys.
func withoutMasks(log string) string {
	var kept strings.Builder
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "::add-mask::") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// jsonAt returns the JSON at a path of member names and indexes in a JSON text.
func jsonAt(t *testing.T, text string, path ...string) string {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(text), &value), text)
	for _, element := range path {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[element]
		case []any:
			i, err := strconv.Atoi(element)
			require.NoError(t, err)
			require.Greater(t, len(inner), i, text)
			value = inner[i]
		default:
			require.Fail(t, fmt.Sprintf("%s is not in %s", element, text))
		}
	}
	found, err := json.Marshal(value)
	require.NoError(t, err)
	return string(found)
}

func put(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}
