// Package report shows a lifecycle to people: as Markdown for a job's summary on GitHub, as one HTML page
// for a merge request on GitLab, and as text for a terminal.
//
// Every text from outside is redacted, escaped for where it stands and cut to a length, so that each form
// is bounded for every document that the server sends.
package report
