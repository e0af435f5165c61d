package claim

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pattern"
)

// State is how far the writer of a claim has come, by its own word.
type State string

// The states of a claim.
const (
	// Claimed: its writer may be sending now, or died before it could say what came of it.
	Claimed State = "CLAIMED"
	// Accepted: the orchestrator has taken the request.
	Accepted State = "ACCEPTED"
	// Released: the request was certainly not carried out, and nobody holds the claim any more.
	Released State = "RELEASED"
)

// Statement is what a run says when it claims: who it is, and what it asks for.
type Statement struct {
	// Token is the value of the token property that the request carries (see [Record.Token]).
	Token string
	// Request says what is asked for, in words that are the same for every run that asks for the same. People
	// read it where two runs ask for different things.
	Request string
	// Run is the page of the run, "" for none; Attempt is which attempt of the job it is, 0 for unknown.
	Run     string
	Attempt int
}

// Record is what a claim says. Anybody who can write to the bucket can have written it: it is shown, and
// compared, and it is believed only where the lifecycle's own document bears it out.
type Record struct {
	State State `json:"state"`
	// Write is unique to each write of a claim, so that a writer whose answer was lost knows its own.
	Write string `json:"write"`
	// Token is the value of the token property that the holder's request carries. A lifecycle is the holder's
	// only if its document holds this very token.
	Token   string `json:"token,omitempty"`
	Request string `json:"request"`
	Run     string `json:"run,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	// Written is by the writer's clock: it is shown, and decides nothing.
	Written time.Time `json:"written"`
	// LifecycleID is the lifecycle that the request made, or that it is about; "" while that is not known.
	LifecycleID string `json:"lifecycle_id,omitempty"`
}

// maxRecord bounds a claim, in bytes. Ours are below 1 KB.
const maxRecord = 16 << 10

const (
	maxText  = 500
	maxToken = 200
)

var tokenForm = pattern.Lazy(`^[A-Za-z0-9._-]*$`)

// decode reads a claim. What is not one, because a stranger wrote it, reads as a claim of nobody that says
// nothing: its holder may be at work all the same. Values of another form than ours are dropped.
func decode(body []byte) Record {
	var record Record
	if len(body) > maxRecord || json.Unmarshal(body, &record) != nil {
		return Record{State: Claimed}
	}
	if record.State != Accepted && record.State != Released {
		record.State = Claimed
	}
	if !lifecycle.IsID(record.LifecycleID) {
		record.LifecycleID = ""
	}
	if len(record.Token) > maxToken || !tokenForm().MatchString(record.Token) {
		record.Token = ""
	}
	if page, err := url.Parse(record.Run); err != nil || page.Scheme != "https" && page.Scheme != "http" || len(record.Run) > maxText {
		record.Run = ""
	}
	record.Request = printable(record.Request)
	return record
}

// printable bounds a text and takes away what would break its line.
func printable(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxText)], "")
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// Holder says who holds the claim, for people: "https://… (attempt 2)".
func (r Record) Holder() string {
	who := r.Run
	if who == "" {
		who = "a run that left no link"
	}
	if r.Attempt > 1 {
		who += fmt.Sprintf(" (attempt %d)", r.Attempt)
	}
	return who
}

// newWrite returns a name for a write that no other write has.
func newWrite(random io.Reader) (string, error) {
	name := make([]byte, 12)
	if _, err := io.ReadFull(random, name); err != nil {
		return "", fmt.Errorf("no random numbers for a claim: %w", err)
	}
	return hex.EncodeToString(name), nil
}
