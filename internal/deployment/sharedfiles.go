package deployment

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// filesTimeout limits the reading of the files of the SDK. They are small, and on a slow network file system at worst.
const filesTimeout = 10 * time.Second

// maxSharedFile is the largest size of a file that the SDK reads as a whole, in bytes.
const maxSharedFile = 1 << 20

// loadWithin is [Finder.load], but ends with its context and after filesTimeout. The SDK reads files without either:
// it waits for ever for a FIFO in the place of one.
func (f *Finder) loadWithin(ctx context.Context) (aws.Config, error) {
	if f.options.AWSEndpoint == "" {
		if err := checkSharedFiles(); err != nil {
			return aws.Config{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, filesTimeout)
	defer cancel()
	type result struct {
		config aws.Config
		err    error
	}
	loaded := make(chan result, 1)
	go func() {
		config, err := f.load(ctx)
		loaded <- result{config, err}
	}()
	select {
	case found := <-loaded:
		return found.config, found.err
	case <-ctx.Done():
		return aws.Config{}, fmt.Errorf("its files could not be read in time: %w", ctx.Err())
	}
}

// checkSharedFiles returns an error for the first file of the SDK that is too large, or that is a device other than the
// null device, which may never end.
func checkSharedFiles() error {
	for _, path := range sharedFiles() {
		info, err := os.Stat(path) //nolint:gosec // the path that the SDK reads
		switch {
		case err != nil: // the SDK ignores a missing file, or names it
		case info.Mode()&fs.ModeDevice != 0 && !isNullDevice(info):
			return fmt.Errorf("%s is a device", path)
		case info.Mode().IsRegular() && info.Size() > maxSharedFile:
			return fmt.Errorf("%s is larger than %d MB", path, maxSharedFile>>20)
		}
	}
	return nil
}

func isNullDevice(info fs.FileInfo) bool {
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// sharedFiles returns the paths of the files in which the SDK looks for profiles.
func sharedFiles() []string {
	return []string{
		cmp.Or(os.Getenv("AWS_CONFIG_FILE"), config.DefaultSharedConfigFilename()),
		cmp.Or(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), config.DefaultSharedCredentialsFilename()),
	}
}

const hintFaultyFile = "save the file as UTF-8 without a byte order mark"

// faultyFile returns what is wrong with a shared file whose first section the SDK silently ignores, or "". Editors and
// shells on Windows write such files.
func faultyFile() string {
	for _, path := range sharedFiles() {
		switch start := startOf(path); {
		case strings.HasPrefix(start, "\xef\xbb\xbf"):
			return path + " begins with a byte order mark, so its first section is not read"
		case strings.HasPrefix(start, "\xff\xfe"), strings.HasPrefix(start, "\xfe\xff"):
			return path + " is UTF-16, so it is not read"
		}
	}
	return ""
}

// startOf returns the first bytes of a regular file, or "".
func startOf(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := os.Open(path) //nolint:gosec // the user's own setting
	if err != nil {
		return ""
	}
	defer file.Close()
	var start [3]byte
	n, _ := file.Read(start[:])
	return string(start[:n])
}
