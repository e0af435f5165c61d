package insight

import (
	"net/url"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// Links are pages of the AWS console in the partition and region of the execution. A link is "" if there is none.
type Links struct{ Execution, Image, Log string }

// executionPattern matches the ARN of a standard execution.
var executionPattern = pattern.Lazy(`^arn:(aws[a-z-]*):states:([a-z]+(?:-[a-z]+)+-\d+):\d+:execution:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$`)

// consoles maps a partition to the host of its console. Other partitions have no public console.
var consoles = map[string]string{
	"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com",
}

// place returns the partition and region in the ARN of an execution. Both are "" for any other text.
func place(arn string) (partition, region string) {
	if len(arn) > maxARN {
		return "", ""
	}
	if match := executionPattern().FindStringSubmatch(arn); match != nil {
		return match[1], match[2]
	}
	return "", ""
}

// linksOf returns the pages of the execution with that ARN and of the image, which may be nil.
func linksOf(execution string, image *Image) Links {
	partition, region := place(execution)
	host := consoles[partition]
	if host == "" {
		return Links{}
	}
	page := func(service, fragment string) string {
		return "https://" + region + "." + host + "/" + service + "/home?region=" + region + "#" + fragment
	}
	links := Links{Execution: page("states", "/v2/executions/details/"+execution)}
	if image != nil {
		links.Image = page("imagebuilder", "/images/"+url.QueryEscape(image.ARN)+"/details")
		if image.LogGroup != "" {
			links.Log = page("cloudwatch", "logsV2:log-groups/log-group/"+twice(image.LogGroup)+"/log-events/"+twice(image.LogStream))
		}
	}
	return links
}

// twice escapes a name for the URL of a CloudWatch Logs page: it is percent-encoded twice, with dollar signs instead of
// percent signs.
func twice(name string) string {
	escaped := url.QueryEscape(strings.ReplaceAll(url.QueryEscape(name), "+", "%20"))
	return strings.ReplaceAll(escaped, "%", "$")
}
