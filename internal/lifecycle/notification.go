package lifecycle

// Notification is a channel that is told of a lifecycle's events.
type Notification struct {
	// Method is the kind of channel, such as EMAIL; Target is its address.
	Method string `json:"method"`
	Target string `json:"target"`
}
