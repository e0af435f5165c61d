// Package doctor checks everything in a deployment that the operations need, and reports for each item whether it is
// there. It sends no request with the key of an operation that writes. It changes nothing, except that the check of claims
// writes its object once ([deployment.ClaimStore.Prove]).
package doctor
