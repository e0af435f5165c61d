package store

import (
	"bytes"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// Image is an item of the look-up table of images. The JSON names are those of its attributes
// (docs/behind-the-document.md, "The look-up table of images").
type Image struct {
	LookupID    string `json:"lookup_id"`
	LifecycleID string `json:"lifecycle_id"`
	StackTag    string `json:"stack_tag"`
	ProductName string `json:"product_name"`
	ProductVer  string `json:"product_ver"`
	CommitRef   string `json:"commit_ref"`
	AMIID       string `json:"ami_id"`
	Version     string `json:"ami_semver"`
	Region      string `json:"aws_region"`
	// Type is ami-creation or ami-patch.
	Type string `json:"lifecycle_type"`
	// Event is the event whose result came last, and Score is its score. Neither shows how the event ended.
	Event lifecycle.Event `json:"lifecycle_event"`
	Score int             `json:"lifecycle_score"`
	// Modified is a date in the form of [lifecycle.DateLayout].
	Modified string `json:"last_modified"`
}

// Image returns the item with the id, or nil if there is none.
func (tx *Tx) Image(lookupID string) (*Image, error) {
	data := tx.bolt.Bucket(imagesBucket).Get([]byte(lookupID))
	if data == nil {
		return nil, nil
	}
	image := new(Image)
	return image, decode(data, image)
}

// PutImage stores the item under its id, and its id under its stack tag.
func (tx *Tx) PutImage(image *Image) error {
	if err := tx.put(imagesBucket, []byte(image.LookupID), image); err != nil {
		return err
	}
	return tx.bolt.Bucket(imageTagsBucket).Put(tagKey(image.StackTag, image.LookupID), nil)
}

// ImagesOf calls visit for the items of a stack tag in the order of their ids, beginning behind the id after, until
// visit returns false or an error.
func (tx *Tx) ImagesOf(stackTag, after string, visit func(*Image) (bool, error)) error {
	prefix, last := tagKey(stackTag, ""), tagKey(stackTag, after)
	cursor := tx.bolt.Bucket(imageTagsBucket).Cursor()
	for key, _ := cursor.Seek(last); bytes.HasPrefix(key, prefix); key, _ = cursor.Next() {
		if after != "" && bytes.Equal(key, last) {
			continue
		}
		id := string(key[len(prefix):])
		if strings.Contains(id, "\x00") {
			continue // the item has another stack tag, which begins with this one and a NUL
		}
		image, err := tx.Image(id)
		if err != nil {
			return err
		}
		if image == nil {
			return errDamaged
		}
		if more, err := visit(image); err != nil || !more {
			return err
		}
	}
	return nil
}

// tagKey returns the key of an item in the bucket by stack tag, in which the items of one stack tag are next to each
// other. A stack tag can contain a NUL, an id cannot.
func tagKey(stackTag, lookupID string) []byte { return []byte(stackTag + "\x00" + lookupID) }
