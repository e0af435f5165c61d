package pipeline

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// outputFile is the file that GITHUB_OUTPUT names.
//
// The library's own writer is not used. Its delimiter is fixed, so a value that contains the delimiter can end the
// heredoc and set other outputs. It also panics if the variable is empty (go-githubactions, actions.go,
// "multiLineFileDelim" and "IssueFileCommand").
type outputFile struct {
	path    string
	written map[string]string
	missed  bool // a message about the missing path has been written
}

// set appends the output in the format of the runner (actions/runner, FileCommandManager.cs): NAME<<DELIMITER, the value,
// and the delimiter alone on a line. The runner uses the last value of a name.
func (f *outputFile) set(name, value string, random io.Reader) error {
	if before, done := f.written[name]; done && before == value {
		return nil
	}
	delimiter, err := delimiterFor(value, random)
	if err != nil {
		return fmt.Errorf("output %s: %w", name, err)
	}
	if err := appendWhole(f.path, fmt.Sprintf("%s<<%s\n%s\n%s\n", name, delimiter, value, delimiter)); err != nil {
		return fmt.Errorf("output %s cannot be passed to later steps: %w", name, err)
	}
	if f.written == nil {
		f.written = map[string]string{}
	}
	f.written[name] = value
	return nil
}

// appendWhole appends all of the text to a file, or nothing, because the runner fails a step whose file ends in an
// incomplete value. It uses a single write, so that a killed process has written either all or nothing. If the write
// fails, for example on a full disk, it truncates the file to its old size. If another command of the step has left a
// line without its end, the text begins on a line of its own.
func appendWhole(path, text string) error {
	//nolint:gosec // the runner reads it, as another user
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		if endsWithinLine(path, info.Size()) {
			text = "\n" + text
		}
		if _, err = file.WriteString(text); err != nil && info.Mode().IsRegular() {
			_ = file.Truncate(info.Size())
		}
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// endsWithinLine reports whether the last line of a file of that size has no end. It is false if the file cannot be read.
func endsWithinLine(path string, size int64) bool {
	file, err := openRegular(path)
	if err != nil {
		return false
	}
	defer file.Close()
	var last [1]byte
	_, err = file.ReadAt(last[:], size-1)
	return err == nil && last[0] != '\n'
}

// delimiterFor returns a random delimiter that the value does not contain.
func delimiterFor(value string, random io.Reader) (string, error) {
	for range 8 {
		var nonce [16]byte
		if _, err := io.ReadFull(random, nonce[:]); err != nil {
			return "", fmt.Errorf("no random delimiter: %w", err)
		}
		if delimiter := "ghadelimiter_" + hex.EncodeToString(nonce[:]); !strings.Contains(value, delimiter) {
			return delimiter, nil
		}
	}
	return "", errors.New("no delimiter that the value does not hold: the source of randomness repeats itself")
}
