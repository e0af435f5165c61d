package insight

import (
	"encoding/json"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// Limits on reading the output of a task. Step Functions cuts it at 256 KB, but the text is not trusted.
const (
	maxOutput = 1 << 20
	maxTokens = 200_000
	maxNested = 3
)

// maxARN is the largest length of an ARN.
const maxARN = 1024

// imagePattern matches the ARN of an image build version.
var imagePattern = pattern.Lazy(`^arn:aws[a-z-]*:imagebuilder:[a-z0-9-]+:\d+:image/([a-z0-9_-]+)/(\d+\.\d+\.\d+)/(\d+)$`)

// imageParts returns the name, the version and the build number in the ARN of an image build version. It returns nil for
// any other text.
func imageParts(arn string) []string {
	if len(arn) > maxARN {
		return nil
	}
	if match := imagePattern().FindStringSubmatch(arn); match != nil {
		return match[1:]
	}
	return nil
}

// read finds the members of a task's JSON that judge needs, at any depth. It recognises them by name only, written like_this
// or likeThis. If a name occurs several times, the last value counts, because a state appends its results to its input.
// If the text is cut or is not JSON, read uses the part before that.
func (f *findings) read(text string) { f.readNested(text, 0) }

func (f *findings) readNested(text string, depth int) {
	if depth > maxNested || len(text) > maxOutput {
		return
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	// path has an entry for each open object or list, with the name of the member that is being read.
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
			// An object in a list counts as a value of the member that holds the list.
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

// fold normalizes a name, so that image_build_version_arn and imageBuildVersionArn are equal. A name that is too long
// becomes "".
func fold(name string) string {
	if len(name) > maxName {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// take stores the value of a member if judge needs it.
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

// isSome reports whether a value means at least one: true, a number above 0, or a string of either.
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

// merge sets the values that are missing in f to those of older.
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
