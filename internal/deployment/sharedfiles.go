package deployment

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	home, _ := os.UserHomeDir() // without one there are no files in it
	for _, path := range []string{
		cmp.Or(os.Getenv("AWS_CONFIG_FILE"), filepath.Join(home, ".aws", "config")),
		cmp.Or(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), filepath.Join(home, ".aws", "credentials")),
	} {
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
