package awstoe

// Variables that a reference can name by a prefix: User Guide, "Use variables in your custom component document"
// (toe-user-defined-variables.html).
const (
	PrefixSSM     = "aws:ssm:"
	PrefixIMDS    = "aws:imds:"
	PrefixEnv     = "env:"
	PrefixContext = "context:"
)

// Prefixes are all of them.
var Prefixes = []string{PrefixSSM, PrefixIMDS, PrefixEnv, PrefixContext}

// SecretMetadata are the paths of the instance metadata that AWSTOE refuses when it validates a document, on the
// same page.
var SecretMetadata = []string{"iam/", "identity-credentials/"}

// Context are the keys of the context variables, on the same page.
var Context = []string{
	"executionId", "accountId", "region", "osPlatform", "osName", "osVersion", "date", "dateTime", "uuid", "hostname",
	"phase", "step",
}

// LoopMembers are what a loop offers to its step: User Guide, "Use looping constructs in AWSTOE".
var LoopMembers = []string{"index", "value"}

// Delimiters are the characters that can separate the values of a forEach loop's list, on the same page.
const Delimiters = ".,;:\n\t -_"
