package awstoe

// The prefixes of variables in references: User Guide, "Use variables in your custom component document"
// (toe-user-defined-variables.html).
const (
	PrefixSSM     = "aws:ssm:"
	PrefixIMDS    = "aws:imds:"
	PrefixEnv     = "env:"
	PrefixContext = "context:"
)

// Prefixes are all prefixes of variables.
var Prefixes = []string{PrefixSSM, PrefixIMDS, PrefixEnv, PrefixContext}

// SecretMetadata are the paths of the instance metadata that AWSTOE refuses when it validates a document, from the
// same page.
var SecretMetadata = []string{"iam/", "identity-credentials/"}

// Context are the keys of the context variables, from the same page.
var Context = []string{
	"executionId", "accountId", "region", "osPlatform", "osName", "osVersion", "date", "dateTime", "uuid", "hostname",
	"phase", "step",
}

// LoopMembers are the variables that a loop provides to its step: User Guide, "Use looping constructs in AWSTOE".
var LoopMembers = []string{"index", "value"}

// Delimiters are the characters that may separate the values in the list of a forEach loop, from the same page.
const Delimiters = ".,;:\n\t -_"
