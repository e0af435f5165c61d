package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/org/ami-action/internal/sandbox/awsapi"
	"github.com/org/ami-action/internal/sandbox/python"
)

// foreign returns why the request must be refused, or "". The sandbox gives its keys to every client, so it must
// refuse pages of other sites that a browser on this machine shows. Such a page sends its Origin; a page that reaches
// the sandbox by DNS rebinding sends its own host name as Host.
func (s *Server) foreign(r *http.Request) string {
	if origin := r.Header.Get("Origin"); origin != "" {
		address, err := url.Parse(origin)
		if err != nil || address.Host != r.Host {
			return fmt.Sprintf("the sandbox does not serve pages of other sites, and this request comes from %q: "+
				"open %s instead", origin, s.url)
		}
	}
	if s.options.AllowRemote || isLoopback(r.Host) {
		return ""
	}
	return fmt.Sprintf("the sandbox serves loopback only, and this request is for the host %q: "+
		"use %s, or start the sandbox with --allow-remote", r.Host, s.url)
}

// isLoopback reports whether the Host of a request is a loopback address or localhost, with or without a bucket's
// name in front: S3 clients put the bucket before the host.
func isLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if ip := net.ParseIP(name); ip != nil {
		return ip.IsLoopback()
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, "."+loopbackIP)
}

const loopbackIP = "127.0.0.1"

// refuse writes a 403 with the reason, in the error format of the API that the request is for.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, body []byte, reason string) {
	if call, isAWS := s.aws.Recognise(r, body); isAWS {
		awsapi.WriteError(w, call, http.StatusForbidden, "AccessDenied", reason)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		writeJSON(w, http.StatusForbidden, python.Dict{"error": reason})
		return
	}
	writeJSON(w, http.StatusForbidden, python.Dict{"message": reason})
}
