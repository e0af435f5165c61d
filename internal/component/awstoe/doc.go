// Package awstoe describes what AWSTOE accepts, which is the program that runs Image Builder's components: its action
// modules with their inputs and outputs, its operators, and its context variables. It contains only data. Package
// component checks documents against it. To add a module of AWSTOE, add an entry to [Modules].
//
// The source is the EC2 Image Builder User Guide. Each table names its page.
package awstoe

// Guide is the URL of the user guide. The pages are below it.
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
