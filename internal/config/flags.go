package config

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/phrase"
)

// What a command line may ask for instead of an operation. help and version can be a flag or the first word, doctor only
// the first word.
const (
	helpWord    = "help"
	versionWord = "version"
	doctorWord  = "doctor" // short for the operation AMI_DOCTOR
)

// readFlags parses the command line. It returns the values of each setting in the order given.
// Flag names match without regard to case and hyphens, because the CLI's documentation writes both --stacktag
// and --stackTag. The error is a *HelpRequest or ErrVersion if the user asked for one of them, or *Problems
// if the help is about an unknown operation. Other problems are added to problems.
func readFlags(args []string, problems *Problems) (map[Name][]string, error) {
	flags := pflag.NewFlagSet("ami-action", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		return pflag.NormalizedName(normalized(name))
	})
	given := map[Name][]string{}
	for i := range declared {
		flag := flags.VarPF(&occurrences{name: declared[i].Name, in: given}, string(declared[i].Name), "", "")
		if declared[i].Kind == Boolean {
			flag.NoOptDefVal = "true"
		}
	}
	line := commandLine{flags: flags, problems: problems}
	switch {
	case len(args) > 0 && args[0] == versionWord:
		return nil, ErrVersion
	case len(args) > 0 && args[0] == helpWord:
		line.wantsHelp = true
		args = args[1:]
	case len(args) > 0 && args[0] == doctorWord:
		line.isDoctor = true
		args = args[1:]
	}
	if err := flags.Parse(line.known(args)); err != nil {
		problems.add(Problem{Message: "the command line cannot be read: " + quoted(err.Error(), shownOfValue)})
	}
	if line.isDoctor {
		line.takeDoctor(given)
	}
	switch {
	case line.wantsHelp:
		return nil, helpFor(given[Operation], flags.Args())
	case line.wantsVersion:
		return nil, ErrVersion
	}
	for _, argument := range flags.Args() {
		problems.add(unexpectedArgument(argument))
	}
	return given, nil
}

// helpFor returns the *HelpRequest of a command line. operations are the values of --operation, words the other words. If
// there are any but none is a known operation, helpFor returns *Problems.
func helpFor(operations, words []string) error {
	request := &HelpRequest{Operation: operationIn(slices.Concat(operations, words))}
	if request.Operation != "" {
		return request
	}
	unknown := &Problems{}
	for _, text := range operations {
		if strings.TrimSpace(text) != "" {
			unknown.add(invalidOption(declaration(Operation), Operation.Flag(), text))
		}
	}
	for _, word := range words {
		unknown.add(unexpectedArgument(word))
	}
	if len(unknown.All) > 0 {
		return unknown
	}
	return request
}

// operationIn returns the last operation among the words, or "" if there is none.
func operationIn(words []string) lifecycle.Operation {
	for _, word := range slices.Backward(words) {
		if operation, ok := lifecycle.ParseOperation(word); ok {
			return operation
		}
		if word == doctorWord {
			return lifecycle.Doctor
		}
	}
	return ""
}

func unexpectedArgument(argument string) Problem {
	problem := Problem{Message: "unexpected argument " + quoted(argument, shownOfSensitive)}
	operation := string(operationIn([]string{argument}))
	if operation = cmp.Or(operation, nearest(argument, declaration(Operation).Options)); operation != "" {
		problem.Message = "unexpected argument " + quoted(argument, shownOfValue)
		problem.Hint = "did you mean " + Operation.Flag() + " " + operation + "?"
		problem.meant = []Name{Operation}
		return problem
	}
	problem.Hint = "put quotes around a value with spaces, and repeat the flag to give several"
	return problem
}

// occurrences collects the values of a flag as a pflag.Value.
type occurrences struct {
	name Name
	in   map[Name][]string
}

func (o *occurrences) String() string { return "" }
func (o *occurrences) Type() string   { return "text" }

func (o *occurrences) Set(value string) error {
	o.in[o.name] = append(o.in[o.name], value)
	return nil
}

func normalized(flag string) string { return strings.ToLower(strings.ReplaceAll(flag, "-", "")) }

// commandLine holds what the arguments say in addition to the settings.
type commandLine struct {
	flags                   *pflag.FlagSet
	problems                *Problems
	wantsHelp, wantsVersion bool
	isDoctor                bool
}

// takeDoctor makes AMI_DOCTOR the operation. If the command line also names another operation, that is a problem: it must
// not run, because it may change something.
func (l *commandLine) takeDoctor(given map[Name][]string) {
	for _, text := range given[Operation] {
		if operation, ok := lifecycle.ParseOperation(text); ok && operation != lifecycle.Doctor {
			l.problems.add(Problem{
				Setting: Operation, Message: Operation.Flag() + " " + string(operation) + " has no effect on " + doctorWord,
				Hint: "to check what " + string(operation) + " needs, give " + CheckFor.Flag() + " " + string(operation),
			})
		}
	}
	given[Operation] = []string{string(lifecycle.Doctor)}
}

// known returns the arguments in a form that pflag can parse. It reports the arguments at which pflag would stop: unknown
// flags, flags with one hyphen, and a flag in place of a value. It also joins "--wait false", which pflag
// parses as two arguments.
func (l *commandLine) known(args []string) []string {
	var known []string
	for i := 0; i < len(args); i++ {
		argument := args[i]
		next, hasNext := "", i+1 < len(args)
		if hasNext {
			next = args[i+1]
		}
		switch name, value, hasValue := strings.Cut(strings.TrimPrefix(argument, "--"), "="); {
		case argument == "--":
			return append(known, args[i:]...)
		case argument == "-h" || argument == "-help" || strings.HasPrefix(argument, "--") && normalized(name) == helpWord:
			l.wantsHelp = true
		case !strings.HasPrefix(argument, "-") || argument == "-":
			known = append(known, argument)
		case strings.HasPrefix(argument, "--") && normalized(name) == versionWord:
			wanted, err := strconv.ParseBool(value)
			if hasValue && err != nil {
				l.problems.add(Problem{Message: "invalid value " + quoted(value, shownOfValue) + " for --version: must be true or false"})
			}
			l.wantsVersion = l.wantsVersion || !hasValue || wanted
		case !l.isFlag(argument):
			l.problems.add(unknownFlag(argument))
			if !hasValue && hasNext && !strings.HasPrefix(next, "-") {
				i++ // its value
			}
		case hasValue:
			known = append(known, argument)
		case l.flags.Lookup(name).NoOptDefVal != "":
			if _, err := strconv.ParseBool(next); hasNext && (err == nil || slices.Contains(answers, strings.ToLower(next))) {
				argument += "=" + next
				i++
			}
			known = append(known, argument)
		case !hasNext || l.isFlag(next):
			of := originalName(name)
			l.problems.add(Problem{Setting: of, Message: of.Flag() + " needs a value"})
		default:
			known = append(known, argument+"="+next)
			i++
		}
	}
	return known
}

// answers are words that a user may take for a boolean. No argument of the command is one of them, so the word after a
// boolean flag is its value, which is then refused by name.
var answers = []string{"yes", "no", "on", "off"}

func (l *commandLine) isFlag(argument string) bool {
	name, isLong := strings.CutPrefix(argument, "--")
	name, _, _ = strings.Cut(name, "=")
	return isLong && name != "" && !strings.HasPrefix(name, "-") && l.flags.Lookup(name) != nil
}

func originalName(flag string) Name {
	i := slices.IndexFunc(declared, func(s Setting) bool {
		return normalized(string(s.Name)) == normalized(flag)
	})
	return declared[i].Name
}

// unknownFlag returns the problem of an unknown flag. It shows only the flag's name, because its value may be a secret.
func unknownFlag(argument string) Problem {
	flag, _, _ := strings.Cut(argument, "=")
	problem := Problem{Message: "unknown flag " + quoted(flag, shownOfValue), Hint: "see ami-action --help", meant: meantBy(flag)}
	if len(problem.meant) > 0 {
		var flags []string
		for _, name := range problem.meant {
			flags = append(flags, name.Flag())
		}
		problem.Hint = "did you mean " + phrase.Or(flags) + "?"
	}
	return problem
}

// minPrefix is the minimum length of a flag that is treated as the beginning of another one. The documented script accepts
// any unambiguous beginning.
const minPrefix = 3

// meantBy returns the flags that were most likely meant: those that begin with the typed text, otherwise the nearest one.
func meantBy(typed string) []Name {
	typed = normalized(typed)
	var longer []Name
	if len(typed) >= minPrefix {
		for i := range declared {
			if strings.HasPrefix(normalized(string(declared[i].Name)), typed) {
				longer = append(longer, declared[i].Name)
			}
		}
	}
	if len(longer) > 0 {
		return longer
	}
	var flags []string
	for i := range declared {
		flags = append(flags, string(declared[i].Name))
	}
	if best := nearest(typed, flags); best != "" {
		return []Name{Name(best)}
	}
	return nil
}

// nearest returns the word with the smallest edit distance to the typed text, without regard to case. If the distance is
// more than a third of the length of the typed text, it returns "".
func nearest(typed string, words []string) string {
	typed = strings.ToLower(typed)
	best, changes := "", len(typed)/3+1
	for _, word := range words {
		if d := distance(typed, strings.ToLower(word)); d < changes {
			best, changes = word, d
		}
	}
	return best
}

// distance returns the Levenshtein distance: how many bytes must be inserted, removed or replaced to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
