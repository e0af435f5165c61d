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

// State is how far the writer of a claim has got, according to the writer.
type State string

// The states of a claim.
const (
	// Claimed: the writer may be sending now, or died before it could record the result.
	Claimed State = "CLAIMED"
	// Accepted: the orchestrator has accepted the request.
	Accepted State = "ACCEPTED"
	// Released: the request was certainly not carried out, and no run holds the claim.
	Released State = "RELEASED"
)

// Statement is what a run writes into its claim: who it is, and what it asks for.
type Statement struct {
	// Token is the value of the token property that the request carries (see [Record.Token]).
	Token string
	// Request describes what is asked for. The text is the same for every run that asks for the same. Users
	// see it if two runs ask for different things.
	Request string
	// Run is the URL of the run's page, or "" if there is none. Attempt is the number of the job's attempt, or 0 if it is
	// unknown.
	Run     string
	Attempt int
}

// Record is the content of a claim. Anyone who can write to the bucket may have written it. It is shown and compared, but
// trusted only if the lifecycle's own document confirms it.
type Record struct {
	State State `json:"state"`
	// Write is unique to each write of a claim, so that a writer recognizes its own write if the response was lost.
	Write string `json:"write"`
	// Token is the value of the token property that the holder's request carries. A lifecycle is the holder's
	// only if its document holds exactly this token.
	Token   string `json:"token,omitempty"`
	Request string `json:"request"`
	Run     string `json:"run,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	// Written is the time of the write by the writer's clock. It is only shown.
	Written time.Time `json:"written"`
	// LifecycleID is the lifecycle that the request made, or that it is about. It is "" while that is unknown.
	LifecycleID string `json:"lifecycle_id,omitempty"`
}

// maxRecord is the maximum size of a claim in bytes. Claims of this command are smaller than 1 KB.
const maxRecord = 16 << 10

const (
	maxText  = 500
	maxToken = 200
)

var tokenForm = pattern.Lazy(`^[A-Za-z0-9._-]*$`)

// decode parses a claim. If body is not a claim of this command, the result is a claim in the state [Claimed] without
// other values, because its holder may still be sending. Values that are not in the expected form are dropped.
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

// printable shortens a text and replaces each character that is not printable, such as a line break, by a space.
func printable(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxText)], "")
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// Holder returns who holds the claim, for messages: "https://… (attempt 2)".
func (r Record) Holder() string {
	who := r.Run
	if who == "" {
		who = "a run without a link"
	}
	if r.Attempt > 1 {
		who += fmt.Sprintf(" (attempt %d)", r.Attempt)
	}
	return who
}

// newWrite returns a unique name for a write.
func newWrite(random io.Reader) (string, error) {
	name := make([]byte, 12)
	if _, err := io.ReadFull(random, name); err != nil {
		return "", fmt.Errorf("no random numbers for a claim: %w", err)
	}
	return hex.EncodeToString(name), nil
}
