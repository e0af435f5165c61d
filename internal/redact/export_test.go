package redact

// IsFree reports whether the fast check finds a text free of secrets, so that it is not scanned.
func IsFree(r *Redactor, text string) bool { return r.known().isFree([]byte(text)) }

// Search is [Redactor.Text] without the fast check.
func Search(r *Redactor, text string) string { return r.search(text) }
