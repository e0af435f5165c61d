package lifecycle

// Notification is a channel to which the orchestrator sends notifications about a lifecycle.
type Notification struct {
	// Method is the kind of channel, such as EMAIL; Target is its address.
	Method string `json:"method"`
	Target string `json:"target"`
}
