package config

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pattern"
)

// methodEmail is the only method by which the reference deployment sends notifications.
const methodEmail = "EMAIL"

// nextNotification matches where another METHOD::TARGET begins in the same entry.
var nextNotification = pattern.Lazy(`[,;\s]+([A-Za-z][A-Za-z0-9_-]{2,}::)`)

var betweenAddresses = pattern.Lazy(`[,;\s]+`)

// notificationEntries splits entries that contain several METHOD::TARGET, separated by commas, semicolons or
// white space. It splits several addresses after one EMAIL:: in the same way.
func notificationEntries(entries []string) []string {
	var all []string
	for _, entry := range entries {
		for _, one := range trimmed(strings.Split(nextNotification().ReplaceAllString(entry, "\x00$1"), "\x00")) {
			one = strings.Trim(unquoted(one), ",; ")
			method, target, found := cutPair(one)
			if !found || !strings.EqualFold(method, methodEmail) {
				all = append(all, one)
				continue
			}
			addresses := trimmed(betweenAddresses().Split(target, -1))
			if !slices.ContainsFunc(addresses, isEmailAddress) {
				addresses = []string{target} // the error message shows it whole
			}
			for _, address := range addresses {
				all = append(all, methodEmail+"::"+address)
			}
		}
	}
	return slices.Compact(all)
}

// notificationsOf parses METHOD::TARGET entries. The target is everything after the first "::", because
// addresses may contain colons. The server refuses a notification without a method or with an invalid address, and leaves
// an orphan lifecycle behind (docs/wire-contract.md, "Refused, and done all the same").
func notificationsOf(entries []string) ([]lifecycle.Notification, error) {
	var notifications []lifecycle.Notification
	var faults entryFaults
	for i, entry := range entries {
		method, target, found := cutPair(entry)
		switch {
		case !found || method == "" || strings.TrimSpace(target) == "":
			faults.add(i, entry, "must be METHOD::TARGET, such as EMAIL::user@domain.com")
		case method == methodEmail && !isEmailAddress(target):
			faults.add(i, entry, "must have an email address after EMAIL::, such as EMAIL::user@domain.com")
		default:
			notifications = append(notifications, lifecycle.Notification{Method: method, Target: target})
		}
	}
	return notifications, faults.err()
}

func isEmailAddress(text string) bool {
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text || strings.ContainsAny(text, `"'`) {
		return false
	}
	domain := text[strings.LastIndex(text, "@")+1:]
	return strings.Contains(strings.Trim(domain, "."), ".") && !strings.Contains(domain, "..")
}

func (r *reading) checkNotifications(s *Settings) {
	var others []string
	for i, notification := range s.Notifications {
		bad, found := forbidden(notification.Method+notification.Target, false)
		switch {
		case found:
			r.faulty(Notifications, "must not contain %s (entry %d)", bad, i+1)
		case len(notification.Method)+len(notification.Target) > maxDescription:
			r.faulty(Notifications, "has more than %d bytes in entry %d", maxDescription, i+1)
		case notification.Method != methodEmail && !slices.Contains(others, notification.Method):
			others = append(others, notification.Method)
		}
	}
	r.checkSize(Notifications, s.Notifications)
	if len(others) > 0 && slices.Contains(declaration(Notifications).UsedBy, s.Operation) {
		r.warn(Notifications, "", "%s: the reference deployment notifies by EMAIL only, so %s may have no effect",
			r.called(Notifications), quoted(strings.Join(others, ", "), shownOfValue))
	}
}

// entryFaults is an error with one line for each invalid entry of a list.
type entryFaults []string

func (f *entryFaults) add(index int, entry, must string) {
	*f = append(*f, fmt.Sprintf("entry %d, %s, %s", index+1, quoted(entry, shownOfSensitive), must))
}

func (f entryFaults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Error returns the faults, one on each line.
func (f entryFaults) Error() string { return strings.Join(f, "\n") }
