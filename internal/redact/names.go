package redact

import (
	"bytes"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// secretNames are the ends of the names, without hyphens and underscores, of what holds a secret: the
// orchestrator's own (docs/wire-contract.md, "Finding it"), AWS's, and those that such members have anywhere.
// An unknown member may appear in any document.
var secretNames = []string{
	"apikey", "certificationkey", "forproductionkey", "receiverkey", "recevierkey",
	"secretaccesskey", "sessiontoken", "securitytoken", "tasktoken", "amzsignature", "amzcredential",
	"password", "passwd", "passphrase", "secret", "secretkey", "privatekey", "secretstring", "authorization",
	"accesstoken", "authtoken", "bearertoken", "refreshtoken", "idtoken", "jobtoken",
}

// stems are parts of secretNames: a text without any of them names no secret.
var stems = []string{"key", "token", "amz", "pass", "secret", "authoriz", "signature"}

// secrecy is what the name of a member says of its value.
type secrecy int

const (
	shown secrecy = iota
	presignedURL
	secret
)

func secrecyOf(name []byte) secrecy {
	switch {
	case isSecretName(name):
		return secret
	case isPresignedName(name):
		return presignedURL
	}
	return shown
}

// isSecretName reports whether what has that name holds a secret, in any spelling of the name.
func isSecretName(name []byte) bool {
	if !isASCII(name) {
		name = bytes.ToLower(name)
	}
	// The end of the name in small letters, without hyphens and underscores. No secret name is longer.
	var letters [24]byte
	begin := len(letters)
	for i := len(name) - 1; i >= 0 && begin > 0; i-- {
		b := name[i]
		if b == '_' || b == '-' {
			continue
		}
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		begin--
		letters[begin] = b
	}
	end := letters[begin:]
	return len(end) > 0 && slices.ContainsFunc(secretNamesByLast[end[len(end)-1]], func(secret string) bool {
		return len(secret) <= len(end) && string(end[len(end)-len(secret):]) == secret
	})
}

// secretNamesByLast are the secretNames by their last letter: a list has a million names to look at.
var secretNamesByLast = func() (by [256][]string) {
	for _, name := range secretNames {
		last := name[len(name)-1]
		by[last] = append(by[last], name)
	}
	return by
}()

func isPresignedName(name []byte) bool {
	const part = "presign"
	if !isASCII(name) {
		name = bytes.ToLower(name)
	}
	for i := range max(len(name)-len(part)+1, 0) {
		if beginsWith(name[i:], part) {
			return true
		}
	}
	return false
}

// publicForms are what results are made of: ids of lifecycles, images and accounts, regions, versions, times,
// and the words of the lifecycle. Nothing of these forms is a secret, even where an answer declares one, or a
// dummy key of the environment happens to be one.
var publicForms = pattern.Lazy(`^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|ami-[0-9a-f]+|[0-9]{12}` +
	`|[a-z]{2,3}(?:-[a-z]+){1,3}-[0-9]{1,2}|v?[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}|[A-Z][A-Z_]*` +
	`|[0-9]{2}/[0-9]{2}/[0-9]{4}, [0-9]{2}:[0-9]{2}:[0-9]{2})$`)

// isPublic reports whether the value has a form that no secret has.
func isPublic(value string) bool { return len(value) <= 64 && publicForms().MatchString(value) }

// looksRandom reports whether a value looks like a key, and not like a word or a sentence.
func looksRandom(s string) bool {
	return len(s) >= 12 && strings.ContainsAny(s, "0123456789") && !strings.ContainsAny(s, " \t\r\n")
}
