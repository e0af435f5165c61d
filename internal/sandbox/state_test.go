package sandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/org/ami-action/internal/sandbox"
	"github.com/org/ami-action/internal/sandbox/store"
)

// damages are functions that damage a state file, each in another way.
var damages = map[string]func(t *testing.T, path string){
	"emptied": func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 0)) },
	"text": func(t *testing.T, path string) {
		require.NoError(t, os.WriteFile(path, []byte("no database\n"), 0o600))
	},
	"text that is longer than a database": func(t *testing.T, path string) {
		require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("no database\n", 20_000)), 0o600))
	},
	"cut off": func(t *testing.T, path string) {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.NoError(t, os.Truncate(path, info.Size()/4))
	},
	"cut off after its first two pages": func(t *testing.T, path string) {
		require.NoError(t, os.Truncate(path, int64(2*os.Getpagesize())))
	},
	"overwritten after its first two pages": func(t *testing.T, path string) {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		for i := 2 * os.Getpagesize(); i < len(data); i++ {
			data[i] = 0xa5
		}
		require.NoError(t, os.WriteFile(path, data, 0o600))
	},
	"overwritten in its documents": func(t *testing.T, path string) {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(data), `{"id":`)
		require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(data), `{"id":`, `{"id"_`)), 0o600))
	},
}

func TestADamagedStateIsNamedWithWhatToDo(t *testing.T) {
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "state")
			box := start(t, sandbox.Options{Dir: dir, Manual: true})
			id := box.create(nil)
			path := filepath.Join(dir, "sandbox.db")
			damage(t, path)

			for range 3 { // Each time the response is the same, without a wait for a lock.
				for what, response := range map[string]response{
					"status": box.status(id), "list": box.statuses(),
					"control": box.control("lifecycles/"+id+"/event", map[string]any{"status": "COMPLETED"}),
				} {
					assert.Equal(t, http.StatusInternalServerError, response.Status, what)
					assert.Contains(t, response.object()["error"], path+" is damaged", what)
					assert.Contains(t, response.object()["error"], "delete "+dir, what)
				}
			}
			if name == "overwritten in its documents" {
				return // Start does not read the documents.
			}
			_, err := sandbox.Start(t.Context(), sandbox.Options{Dir: dir})
			require.ErrorContains(t, err, path+" is damaged")
			failure := new(store.Failure)
			require.ErrorAs(t, err, &failure)
			assert.Contains(t, failure.Hint, "delete "+dir)
		})
	}
}

func TestAStateThatIsDeletedWhileTheSandboxRunsIsNamed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	box := start(t, sandbox.Options{Dir: dir, Manual: true})
	id := box.create(nil)
	require.NoError(t, os.RemoveAll(dir))
	requireRefused(t, box.status(id), "was deleted: start the sandbox again")
	assert.NoDirExists(t, dir)
}

func TestAStateThatAnotherSandboxHasReplacedIsServed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	first := start(t, sandbox.Options{Dir: dir, Manual: true})
	first.create(nil)
	require.NoError(t, os.RemoveAll(dir))
	second := start(t, sandbox.Options{Dir: dir, Manual: true})
	id := second.create(nil)
	first.readKeys()
	require200(t, first.status(id))
	first.end(id, "COMPLETED")
	assert.Len(t, second.statuses().Body, 1)
}

func TestAFileWhereTheStateBelongsIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	for _, dir := range []string{path, filepath.Join(path, "below")} {
		_, err := sandbox.Start(t.Context(), sandbox.Options{Dir: dir})
		assert.ErrorContains(t, err, dir+" is not a directory")
	}
}

// The state of an earlier version has no bucket for the look-up table of images.
func TestAStateOfAnEarlierVersionIsServed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	first := start(t, sandbox.Options{Dir: dir, Manual: true})
	id := first.create(nil)
	require.NoError(t, first.Close())
	dropBucket(t, filepath.Join(dir, "sandbox.db"), "images")
	second := start(t, sandbox.Options{Dir: dir, Manual: true})
	require200(t, second.status(id))
	second.end(id, "COMPLETED")
}

func dropBucket(t *testing.T, path, name string) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second})
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte(name)) }))
	require.NoError(t, db.Close())
}
