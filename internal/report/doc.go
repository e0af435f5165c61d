// Package report formats lifecycles for people: as Markdown for a job summary on GitHub, as one HTML page for a merge
// request on GitLab, and as text for a terminal.
//
// Every text from outside is redacted, escaped for its format and cut to a maximum length, so that the size of a report
// is bounded for every document that the server sends.
package report
