package awsapi

import (
	"crypto/md5" //nolint:gosec // an ETag of S3 is an MD5; it protects nothing
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/org/ami-action/internal/sandbox/store"
)

// maxKey is the greatest length of an object key in S3, in bytes.
const maxKey = 1024

// metadataPrefix is the prefix of the headers that S3 stores with an object.
const metadataPrefix = "X-Amz-Meta-"

func s3Operation(r *http.Request, key string) string {
	kind := "Object"
	if key == "" {
		kind = "Bucket"
	}
	switch r.Method {
	case http.MethodPut:
		return "Put" + kind
	case http.MethodHead:
		return "Head" + kind
	case http.MethodGet:
		return "Get" + kind
	}
	return r.Method + kind
}

func (h *Handler) s3(w http.ResponseWriter, r *http.Request, call Call) {
	if call.bucket != h.Bucket {
		h.s3Error(w, r, call, http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
		return
	}
	switch call.Operation {
	case "HeadBucket":
		w.Header().Set("X-Amz-Bucket-Region", call.region)
	case "PutObject":
		h.putObject(w, r, call)
	case "HeadObject", "GetObject":
		h.getObject(w, r, call)
	default:
		h.s3Error(w, r, call, http.StatusMethodNotAllowed, "MethodNotAllowed",
			"The sandbox supports PutObject, GetObject, HeadObject and HeadBucket only")
	}
}

func (h *Handler) putObject(w http.ResponseWriter, r *http.Request, call Call) {
	if len(call.key) > maxKey {
		h.s3Error(w, r, call, http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
		return
	}
	if other := unsupportedPut(r.URL.Query(), r.Header); other != "" {
		h.s3Error(w, r, call, http.StatusNotImplemented, "NotImplemented", "The sandbox has no "+other)
		return
	}
	body, err := decodeBody(r.Header, call.body)
	if err != nil {
		h.s3Error(w, r, call, http.StatusBadRequest, "IncompleteBody", err.Error())
		return
	}
	sum := md5.Sum(body) //nolint:gosec // see the import
	object := &store.Object{
		Body: body, ContentType: r.Header.Get("Content-Type"),
		ETag: `"` + hex.EncodeToString(sum[:]) + `"`, Modified: h.Now().UTC(), Metadata: map[string]string{},
	}
	for name, values := range r.Header {
		if own, ok := strings.CutPrefix(name, metadataPrefix); ok {
			object.Metadata[own] = strings.Join(values, ",")
		}
	}
	refused, err := h.writeObject(r.Context(), call, conditionOf(r.Header), object)
	switch {
	case err != nil:
		h.s3Error(w, r, call, http.StatusInternalServerError, "InternalError", err.Error())
		return
	case refused != nil:
		h.s3Error(w, r, call, refused.status, refused.code, refused.message)
		return
	}
	w.Header().Set("ETag", object.ETag)
}

// unsupportedPut returns the name of what makes a PUT more than the plain upload of an object, or "".
func unsupportedPut(query url.Values, header http.Header) string {
	for _, name := range []string{"acl", "partNumber", "tagging", "uploadId"} {
		if query.Has(name) {
			return name
		}
	}
	if header.Get("X-Amz-Copy-Source") != "" {
		return "copy"
	}
	return ""
}

func (h *Handler) getObject(w http.ResponseWriter, r *http.Request, call Call) {
	var object *store.Object
	err := h.Store.View(r.Context(), func(tx *store.Tx) (err error) {
		object, err = tx.Object(call.bucket, call.key)
		return err
	})
	switch {
	case err != nil:
		h.s3Error(w, r, call, http.StatusInternalServerError, "InternalError", err.Error())
		return
	case object == nil:
		h.s3Error(w, r, call, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	contentType := object.ContentType
	if contentType == "" {
		contentType = "binary/octet-stream"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(object.Body)))
	w.Header().Set("ETag", object.ETag)
	w.Header().Set("Last-Modified", object.Modified.UTC().Format(http.TimeFormat))
	// Date must come from the same clock as Last-Modified, because clients subtract the two to get the object's age.
	w.Header().Set("Date", h.Now().UTC().Format(http.TimeFormat))
	for name, value := range object.Metadata {
		w.Header().Set(metadataPrefix+name, value)
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(object.Body)
	}
}

// s3Error writes an error. The response to a HEAD request has no body.
func (h *Handler) s3Error(w http.ResponseWriter, r *http.Request, call Call, status int, code, message string) {
	if r.Method == http.MethodHead {
		w.WriteHeader(status)
		return
	}
	WriteError(w, call, status, code, message)
}

var errCutShort = errors.New("the request body ended before the number of bytes that it announced")
