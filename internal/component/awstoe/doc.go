// Package awstoe holds what AWSTOE, the program that runs Image Builder's components, takes: its action modules
// with their inputs and outputs, its operators, and its context variables. It is data only: package component
// checks documents against it. A new module of AWSTOE is one new entry of [Modules].
//
// The source is the EC2 Image Builder User Guide; each table names its page.
package awstoe

// Guide is where the pages of the user guide are.
const Guide = "https://docs.aws.amazon.com/imagebuilder/latest/userguide/"

// The pages of the guide that state the rules of a document.
const (
	PageDocument   = Guide + "toe-use-documents.html"
	PageChaining   = Guide + "toe-use-documents.html#document-chaining"
	PageSchema     = Guide + "toe-use-documents.html#document-schema"
	PageVariables  = Guide + "toe-user-defined-variables.html"
	PageConditions = Guide + "toe-conditional-constructs.html"
	PageComparison = Guide + "toe-comparison-operators.html"
	PageLogical    = Guide + "toe-logical-operators.html"
	PageLoops      = Guide + "toe-looping-constructs.html"
	PageModules    = Guide + "toe-action-modules.html"
	PageQuotas     = "https://docs.aws.amazon.com/general/latest/gr/imagebuilder.html"
)
