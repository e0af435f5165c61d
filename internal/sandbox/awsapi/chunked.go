package awsapi

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// decodeBody returns the object of an upload. SDKs wrap it in chunks of their own to put a checksum or a
// signature behind it (content encoding aws-chunked):
//
//	SIZE-IN-HEX[;chunk-signature=...]\r\n DATA \r\n ... 0[;...]\r\n [trailer: value\r\n]... \r\n
//
// Neither checksums nor signatures are checked; the announced length is.
func decodeBody(header http.Header, body []byte) ([]byte, error) {
	encoded := strings.Contains(header.Get("Content-Encoding"), "aws-chunked") ||
		strings.HasPrefix(header.Get("X-Amz-Content-Sha256"), "STREAMING-")
	if encoded {
		var err error
		if body, err = unchunk(body); err != nil {
			return nil, err
		}
	}
	if announced := header.Get("X-Amz-Decoded-Content-Length"); encoded && announced != "" {
		if n, err := strconv.Atoi(announced); err != nil || n != len(body) {
			return nil, errCutShort
		}
	}
	return body, nil
}

func unchunk(body []byte) ([]byte, error) {
	var data []byte
	for {
		line, rest, found := bytes.Cut(body, []byte("\r\n"))
		if !found {
			return nil, errCutShort
		}
		sizeText, _, _ := strings.Cut(string(line), ";")
		size, err := strconv.ParseUint(strings.TrimSpace(sizeText), 16, 31)
		if err != nil {
			return nil, errors.New("the request body is not chunked as its headers say")
		}
		if size == 0 {
			return data, nil
		}
		if uint64(len(rest)) < size+2 {
			return nil, errCutShort
		}
		data = append(data, rest[:size]...)
		body = rest[size+2:]
	}
}
