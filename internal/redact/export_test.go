package redact

// IsFree reports whether a text is passed over.
func IsFree(r *Redactor, text string) bool { return r.known().isFree([]byte(text)) }

// Search is [Redactor.Text] of a text that is not passed over, whatever it holds.
func Search(r *Redactor, text string) string { return r.search(text) }
