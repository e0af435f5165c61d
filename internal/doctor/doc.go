// Package doctor looks at what the operations need of a deployment, one thing after another, and says of each whether
// it is there. It changes nothing: requests with the key of an operation that writes are not tried.
package doctor
