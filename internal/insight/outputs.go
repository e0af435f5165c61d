package insight

import (
	"encoding/json"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// Bounds of reading what a task has put out: Step Functions cuts it at 256 KB, but texts come from outside.
const (
	maxOutput = 1 << 20
	maxTokens = 200_000
	maxNested = 3
)

// maxARN is how long an ARN may be.
const maxARN = 1024

// imagePattern is the form of the ARN of an image's build. Like all patterns here it is compiled when it is
// used: the command starts more often than it looks.
var imagePattern = pattern.Lazy(`^arn:aws[a-z-]*:imagebuilder:[a-z0-9-]+:\d+:image/([a-z0-9_-]+)/(\d+\.\d+\.\d+)/(\d+)$`)

// imageParts returns the name, the version and the number of the build that the ARN of an image's build
// names; nil for any other text.
func imageParts(arn string) []string {
	if len(arn) > maxARN {
		return nil
	}
	if match := imagePattern().FindStringSubmatch(arn); match != nil {
		return match[1:]
	}
	return nil
}

// read takes out of a task's JSON what decides, wherever below it stands. The members are told by their
// names alone, whether written like_this or likeThis; of several in one text the last counts, since a state
// adds what it has learnt behind what it was given. Text that is not JSON, or was cut, gives what it holds
// until there.
func (f *findings) read(text string) { f.readNested(text, 0) }

func (f *findings) readNested(text string, depth int) {
	if depth > maxNested || len(text) > maxOutput {
		return
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	// path holds for each open object or list the name of the member that is being read.
	type level struct {
		isList, wantsValue bool
		member             string
	}
	var path []level
	for range maxTokens {
		token, err := decoder.Token()
		if err != nil {
			return
		}
		if delimiter, ok := token.(json.Delim); ok {
			switch delimiter {
			case '{', '[':
				path = append(path, level{isList: delimiter == '['})
			default:
				path = path[:len(path)-1]
			}
			if (delimiter == '}' || delimiter == ']') && len(path) > 0 {
				path[len(path)-1].wantsValue = false
			}
			// An entry of a list counts as a value of the list's member.
			if delimiter == '{' && len(path) > 1 && path[len(path)-2].isList {
				f.take(memberAbove(len(path)-2, func(i int) string { return path[i].member }), json.Number("1"))
			}
			continue
		}
		if len(path) == 0 {
			return
		}
		top := &path[len(path)-1]
		if !top.isList && !top.wantsValue {
			name, _ := token.(string)
			top.member, top.wantsValue = name, true
			continue
		}
		top.wantsValue = false
		member, parent := top.member, ""
		if len(path) > 1 {
			parent = path[len(path)-2].member
		}
		if top.isList {
			member = parent
		}
		if fold(parent) == "amistate" && fold(member) == "status" {
			member = parent
		}
		f.take(member, token)
		if text, ok := token.(string); ok && strings.ContainsAny(text[:min(len(text), 64)], "{[") {
			f.readNested(text, depth+1)
		}
	}
}

func memberAbove(i int, member func(int) string) string {
	if i < 1 {
		return ""
	}
	return member(i - 1)
}

// fold makes names comparable: image_build_version_arn and imageBuildVersionArn mean the same.
func fold(name string) string {
	if len(name) > maxName {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// take keeps the value of a member that decides.
func (f *findings) take(member string, value json.Token) {
	text, isText := value.(string)
	text = strings.TrimSpace(text)
	switch name := fold(member); {
	case name == "activevmdkexporttasks":
		f.otherExports = "none"
		if isSome(value) {
			f.otherExports = "some"
		}
	case !isText || len(text) > maxRaw:
	case name == "imagebuildversionarn" && imageParts(text) != nil:
		f.imageARN = text
	case name == "errormessage":
		f.errorMessage = text
	case len(text) > maxName:
	case name == "amistate":
		f.imageState = text
	case name == "exportimagetaskstatus":
		f.export = text
	case name == "amibackupstate":
		f.backup = text
	case name == "scanstatuscode":
		f.scanCode = text
	case name == "scanstatusreason":
		f.scanReason = text
	}
}

// isSome reports whether a value says that there is at least one: a number, a text of one, true.
func isSome(value json.Token) bool {
	switch v := value.(type) {
	case bool:
		return v
	case json.Number:
		number, err := v.Float64()
		return err == nil && number > 0
	case string:
		v = strings.ToLower(strings.TrimSpace(v))
		number, err := json.Number(v).Float64()
		return v == "true" || err == nil && number > 0
	}
	return false
}

// merge takes over from an older text what this one does not say.
func (f *findings) merge(older findings) {
	for _, pair := range []struct{ into, from *string }{
		{&f.imageARN, &older.imageARN}, {&f.imageState, &older.imageState}, {&f.export, &older.export},
		{&f.otherExports, &older.otherExports}, {&f.backup, &older.backup}, {&f.errorMessage, &older.errorMessage},
	} {
		if *pair.into == "" {
			*pair.into = *pair.from
		}
	}
	if f.scanCode == "" && f.scanReason == "" {
		f.scanCode, f.scanReason = older.scanCode, older.scanReason
	}
}
