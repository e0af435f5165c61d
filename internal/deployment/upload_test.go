package deployment_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
)

func TestAComponentGoesWhereThePatchExpectsIt(t *testing.T) {
	fake := newFakeAWS(t)
	finder := finderOf(t, deployment.Options{AWSEndpoint: fake.URL})

	url, err := finder.Upload(t.Context(), "3f0bd60d", "my component.yaml", []byte("name: httpd\n"), "token")

	require.NoError(t, err)
	assert.Equal(t, "s3://components/3f0bd60d/my component.yaml", url)
	assert.Equal(t, map[string]string{"/components/3f0bd60d/my component.yaml": "name: httpd\n"}, fake.objects)
}

func TestANameThatWouldBreakThePatchIsNotUploaded(t *testing.T) {
	for _, name := range []string{"", "a/b.yaml", `a"b.yaml`, `a\b.yaml`, "a\nb.yaml", "a\x7fb.yaml"} {
		t.Run(name, func(t *testing.T) {
			fake := newFakeAWS(t)
			_, err := finderOf(t, deployment.Options{AWSEndpoint: fake.URL}).Upload(t.Context(), "3f0bd60d", name, nil, "token")

			require.ErrorContains(t, err, "name the file without")
			assert.Empty(t, fake.seen())
		})
	}
}
