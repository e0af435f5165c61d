package awsapi

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// decodeBody returns the object in the body of an upload. SDKs may send it in chunks, with a checksum or a signature
// after it (content encoding aws-chunked):
//
//	SIZE-IN-HEX[;chunk-signature=...]\r\n DATA \r\n ... 0[;...]\r\n [trailer: value\r\n]... \r\n
//
// The announced length is checked. Checksums and signatures are not.
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
