package redact

import (
	"bytes"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// secretNames are the endings of names that identify a secret, without hyphens and underscores: those of the
// orchestrator (docs/wire-contract.md, "Finding it"), those of AWS, and names that are common elsewhere, because
// documents may have unknown members.
var secretNames = []string{
	"apikey", "certificationkey", "forproductionkey", "receiverkey", "recevierkey",
	"secretaccesskey", "sessiontoken", "securitytoken", "tasktoken", "amzsignature", "amzcredential",
	"password", "passwd", "passphrase", "secret", "secretkey", "privatekey", "secretstring", "authorization",
	"accesstoken", "authtoken", "bearertoken", "refreshtoken", "idtoken", "jobtoken",
}

// stems are parts of names. Every name that identifies a secret contains one of them.
var stems = []string{"key", "token", "amz", "pass", "secret", "authoriz", "signature"}

// secrecy is what the name of a member says about its value.
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

// isSecretName reports whether the name identifies a secret, in any spelling: case, hyphens and underscores do not
// matter.
func isSecretName(name []byte) bool {
	if !isASCII(name) {
		name = bytes.ToLower(name)
	}
	// The end of the name in lower case, without hyphens and underscores. No entry of secretNames is longer.
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

// secretNamesByLast maps a letter to the secretNames that end with it, for speed: a list has a million names.
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

// publicForms matches the values that results consist of: ids of lifecycles, images and accounts, regions, versions,
// times, and the words of the lifecycle. A value of these forms is never a secret, even if a response declares it as one
// or a dummy key of the environment happens to be the same.
var publicForms = pattern.Lazy(`^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|ami-[0-9a-f]+|[0-9]{12}` +
	`|[a-z]{2,3}(?:-[a-z]+){1,3}-[0-9]{1,2}|v?[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}|[A-Z][A-Z_]*` +
	`|[0-9]{2}/[0-9]{2}/[0-9]{4}, [0-9]{2}:[0-9]{2}:[0-9]{2})$`)

// isPublic reports whether the value has a form that no secret has.
func isPublic(value string) bool { return len(value) <= 64 && publicForms().MatchString(value) }

// looksRandom reports whether a value looks like a key rather than a word or a sentence.
func looksRandom(s string) bool {
	return len(s) >= 12 && strings.ContainsAny(s, "0123456789") && !strings.ContainsAny(s, " \t\r\n")
}
