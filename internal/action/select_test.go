package action_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
)

// imageTable is an in-memory look-up table of images.
type imageTable struct {
	images []deployment.Image
	denied error
}

func (t *imageTable) Images(_ context.Context, stackTag string) (found []deployment.Image, err error) {
	for _, image := range t.images {
		if image.StackTag == stackTag {
			found = append(found, image)
		}
	}
	return found, t.denied
}

// lists adds an image of a lifecycle to the table, as approved for production.
func (w *world) lists(lifecycleID, ami, version string, change ...func(*deployment.Image)) {
	image := deployment.Image{
		LifecycleID: lifecycleID, StackTag: "main", ProductName: "Demo", ProductVer: "1.0.0", CommitRef: "0123456789abcdef",
		AMIID: ami, SemanticVersion: version, Region: "eu-central-1", Phase: lifecycle.Creation,
		Event: lifecycle.MarkForProductionCreate, Score: 6, Modified: time.Now(),
	}
	for _, c := range change {
		c(&image)
	}
	w.images.images = append(w.images.images, image)
}

func selecting(change ...func(*config.Settings)) config.Settings {
	s := config.Settings{Operation: lifecycle.Select, Semver: config.SemverLatest, MinEvent: lifecycle.MinEventApproved}
	for _, c := range change {
		c(&s)
	}
	return s
}

const (
	theAMI   = "ami-0123456789abcdef0" // the AMI of every lifecycle of the fake server
	otherAMI = "ami-0123456789abcdef1"
)

func TestARefusedImageIsNeverHandedOut(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		certify := func(id, word string) {
			require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.QACertification, certification(word))))
		}
		notCertified, notApproved := w.created(), w.created()
		certify(notCertified, "FAILED")
		certify(notApproved, "CERTIFIED")
		require.NoError(t, w.run(t.Context(), &job{}, on(notApproved, lifecycle.ApprovalCreate, approval("FAILED"))))
		for _, id := range []string{notCertified, notApproved} {
			w.lists(id, theAMI, "1.0.0")
		}
		j := &job{}
		err := w.run(t.Context(), j, selecting())
		require.Error(t, err)
		assert.Equal(t, outcome.NotFound, outcome.Of(err).Kind)
		assert.Equal(t, 3, outcome.ExitCode(err))
		assert.Contains(t, j.stderr.String(), "QA_CERTIFICATION_RESPONSE is FAILED, although the look-up table has it at MARK_FOR_PRODUCTION")
		assert.Contains(t, j.stderr.String(), "MARK_FOR_PRODUCTION is FAILED, although")
		assert.Equal(t, map[string]string{"status": "NOT_FOUND"}, j.outputs)
		assert.Empty(t, j.stdout.String())
		assert.Contains(t, j.summary, "## ❌ AMI selection: not found\n")

		good := w.approved()
		w.lists(good, theAMI, "1.0.0", func(i *deployment.Image) { i.Modified = time.Time{} })
		j = &job{}
		require.NoError(t, w.run(t.Context(), j, selecting()))
		assert.Equal(t, []string{good, theAMI, "1.0.0", "eu-central-1", "COMPLETED"}, []string{
			j.outputs["lifecycle_id"], j.outputs["ami_id"], j.outputs["semantic_version"], j.outputs["ami_region"], j.outputs["status"],
		})
		assert.Contains(t, j.outputs["amis"], theAMI)
		assert.Equal(t, theAMI+"\n", j.stdout.String())
		assert.True(t, strings.HasPrefix(j.summary, "## ✅ Demo 1.0.0: selected\n\n**`"+theAMI+"`** · version 1.0.0 · eu-central-1 · lifecycle `"+good+"`\n"), j.summary)
		_, passedOver, _ := strings.Cut(j.summary, "Not selected:\n")
		assert.Contains(t, passedOver, "is FAILED, although the look-up table has it")
		assert.NotContains(t, passedOver, good)
		assert.NotContains(t, j.stderr.String()+j.stdout.String()+j.summary+fmt.Sprint(j.outputs), canaryKey)

		j = &job{}
		require.NoError(t, w.run(t.Context(), j, selecting(func(s *config.Settings) { s.Summary = config.SummaryOff })))
		assert.Empty(t, j.summary)
	})
}

func TestWhatTheDocumentDoesNotBearOutIsPassedOver(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*deployment.Image)
		mangle func(map[string]any)
		says   string
	}{
		"an image that was replaced":         {func(i *deployment.Image) { i.AMIID = otherAMI }, nil, "it is no longer the AMI of version 1.0.0"},
		"an image of another region":         {func(i *deployment.Image) { i.Region = "eu-west-1" }, nil, "it is no longer the AMI"},
		"a version that the lifecycle lacks": {func(i *deployment.Image) { i.SemanticVersion = "2.0.0" }, nil, "its lifecycle has no version 2.0.0"},
		"a patch that there is not":          {func(i *deployment.Image) { i.Phase = lifecycle.Patching }, nil, "its lifecycle has no version"},
		"an unknown lifecycle":               {func(i *deployment.Image) { i.LifecycleID = "00000000-0000" }, nil, "the orchestrator does not show its lifecycle"},
		"no lifecycle":                       {func(i *deployment.Image) { i.LifecycleID = "../x" }, nil, "has no lifecycle id"},
		"no version":                         {func(i *deployment.Image) { i.SemanticVersion = "one" }, nil, "is not a semantic version"},
		"a verdict of another word": {func(*deployment.Image) {}, func(document map[string]any) {
			for _, result := range document["outputs_ami_creation"].(map[string]any)["events"].([]map[string]any) {
				if result["name"] == string(lifecycle.MarkForProductionCreate) {
					result["properties"] = map[string]any{"approval_status": "MAYBE"}
				}
			}
		}, "MARK_FOR_PRODUCTION cannot be relied upon"},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				w.lists(w.approved(), theAMI, "1.0.0", c.change)
				w.server.mangle = c.mangle
				j := &job{}
				err := w.run(t.Context(), j, selecting())
				require.Error(t, err)
				assert.Contains(t, err.Error(), c.says)
				assert.Empty(t, j.outputs["ami_id"])
			})
		})
	}
}

func TestTheNewerOfTwoImagesOfOneVersionIsTaken(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		older, newer := w.approved(), w.approved()
		w.lists(older, theAMI, "1.0.0")
		w.lists(newer, theAMI, "1.0.0", func(i *deployment.Image) { i.Modified = time.Time{} })
		j := &job{}
		require.NoError(t, w.run(t.Context(), j, selecting()))
		assert.Equal(t, newer, j.outputs["lifecycle_id"], "the table's date changes with any result")
		assert.Contains(t, j.stderr.String(), "Warning: 2 AMIs have version 1.0.0")
		assert.Contains(t, j.summary, "> 2 AMIs have version 1.0.0")
		assert.Contains(t, j.stderr.String(), older)
	})
}

func TestASelectionIsNarrowed(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.lists(w.approved(), theAMI, "1.0.0")
		for _, row := range []struct {
			narrow func(*config.Settings)
			says   string
		}{
			{func(s *config.Settings) { s.Semver = "^1" }, ""},
			{func(s *config.Settings) { s.Semver = "^2" }, "its version is not ^2"},
			{func(s *config.Settings) { s.ProductName = "D*o" }, ""},
			{func(s *config.Settings) { s.ProductName = "Dem" }, `its product is "Demo"`},
			{func(s *config.Settings) { s.ProductVer = "2.*" }, `its product version is "1.0.0"`},
			{func(s *config.Settings) { s.CommitRef = "0123456" }, ""},
			{func(s *config.Settings) { s.CommitRef = "012345" }, "its commit is"},
			{func(s *config.Settings) { s.Region = "eu-west-1" }, "it is in another region"},
			{func(s *config.Settings) { s.ImageKind = config.KindCreated }, ""},
			{func(s *config.Settings) { s.ImageKind = config.KindPatched }, "it was not patched"},
		} {
			j := &job{}
			err := w.run(t.Context(), j, selecting(row.narrow))
			if row.says == "" {
				assert.NoError(t, err)
				continue
			}
			require.Error(t, err, row.says)
			assert.Contains(t, err.Error(), row.says)
		}
	})
}

func TestWithoutKeysTheTableCountsOnlyWhereItIsTrusted(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.lists("00000000-0001", theAMI, "1.0.0")
		w.lists("00000000-0002", otherAMI, "2.0.0", func(i *deployment.Image) { i.Event, i.Score = lifecycle.QACertificationRequest, 4 })
		w.bucket.noKeys = &deployment.Error{Subject: "API key x", Reason: "AccessDeniedException", Hint: "allow it"}
		j := &job{}
		err := w.run(t.Context(), j, selecting())
		require.Error(t, err)
		assert.Equal(t, 4, outcome.ExitCode(err))
		assert.Contains(t, outcome.Of(err).Hint, "--trustTable trusts the look-up table, which lists refused AMIs as approved")

		trusting := func(s *config.Settings) { s.TrustTable = true }
		require.NoError(t, w.run(t.Context(), j, selecting(trusting)))
		assert.Equal(t, theAMI, j.outputs["ami_id"])
		assert.Contains(t, j.stderr.String(), "Warning: The status documents cannot be read")
		assert.Contains(t, j.stderr.String(), "Not selected: version 2.0.0")
		assert.Contains(t, j.summary, "> Only the look-up table was checked.")
		assert.Zero(t, w.server.reads)

		// The certification has the score 5; the documented client asks for 4 (docs/behind-the-document.md).
		err = w.run(t.Context(), &job{}, selecting(trusting, func(s *config.Settings) { s.MinEvent, s.Semver = "QA_CERTIFIED", "2.0.0" }))
		assert.Equal(t, 3, outcome.ExitCode(err))
	})
}

func TestAnOrchestratorThatCannotBeAskedIsNoReasonForAnOlderImage(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.lists(w.approved(), theAMI, "1.0.0")
		w.server.broken = func(string) error { return &orchestrator.UnavailableError{Reason: "HTTP 503"} }
		j := &job{}
		assert.Equal(t, 4, outcome.ExitCode(w.run(t.Context(), j, selecting())))
		assert.Equal(t, "UNAVAILABLE", j.outputs["status"])
	})
}

func TestWhatThereIsIsSaidInAFewLines(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for i := range 30 {
			w.lists("00000000-0001", theAMI, fmt.Sprintf("%d.0.0", i+1))
		}
		err := w.run(t.Context(), &job{}, selecting(func(s *config.Settings) { s.Semver = "^99" }))
		require.Error(t, err)
		assert.Contains(t, err.Error(), "there is version 30.0.0")
		assert.Contains(t, err.Error(), "and 20 more")
		assert.Equal(t, 10, strings.Count(err.Error(), theAMI))
	})
}
