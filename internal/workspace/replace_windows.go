package workspace

import "os"

// replaceWhole writes into the file, because Windows cannot replace a file atomically while another process reads it.
func (w *Workspace) replaceWhole(directory *os.Root, name string, content []byte) error {
	file, err := directory.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (w *Workspace) handOver(*os.Root, string) {}
