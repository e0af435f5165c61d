package config

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

const versionFlag = "version"

// readFlags reads the command line: for each setting that it gives, the values in the order given.
// Flag names match without regard to case and hyphens, because the CLI's documentation writes --stacktag
// as well as --stackTag. It returns ErrHelp or ErrVersion if the user asked for one of them.
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
	version := flags.Bool(versionFlag, false, "")

	err := flags.Parse(understood(flags, args, problems))
	if errors.Is(err, pflag.ErrHelp) {
		return nil, ErrHelp
	}
	if err != nil {
		problems.add("", commandLineFault(err))
	}
	if *version {
		return nil, ErrVersion
	}
	for _, argument := range flags.Args() {
		problems.add("", "there is an argument too many: "+quoted(argument, shownOfSensitive)+
			"; put quotes around a value with spaces, and repeat the flag to give several")
	}
	return given, nil
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

// understood returns the arguments in the form that pflag knows, and reports those that it would give up
// on at the first: unknown flags, flags with one hyphen, and a flag where a value should be. It also
// joins "--wait false", which pflag takes for two arguments.
func understood(flags *pflag.FlagSet, args []string, problems *Problems) []string {
	var known []string
	for i := 0; i < len(args); i++ {
		argument := args[i]
		next, hasNext := "", i+1 < len(args)
		if hasNext {
			next = args[i+1]
		}
		switch name, _, hasValue := strings.Cut(strings.TrimPrefix(argument, "--"), "="); {
		case argument == "--":
			return append(known, args[i:]...)
		case argument == "-h" || argument == "--help":
			known = append(known, "--help")
		case !strings.HasPrefix(argument, "-") || argument == "-":
			known = append(known, argument)
		case !isFlag(flags, argument):
			problems.add("", unknownFlag(argument))
			if !hasValue && hasNext && !strings.HasPrefix(next, "-") {
				i++ // its value
			}
		case hasValue || normalized(name) == versionFlag:
			known = append(known, argument)
		case flags.Lookup(name).NoOptDefVal != "":
			if _, err := strconv.ParseBool(next); hasNext && err == nil {
				argument += "=" + next
				i++
			}
			known = append(known, argument)
		case !hasNext || isFlag(flags, next):
			of := originalName(name)
			problems.add(of, of.Flag()+" needs a value after it")
		default:
			known = append(known, argument+"="+next)
			i++
		}
	}
	return known
}

func isFlag(flags *pflag.FlagSet, argument string) bool {
	name, isLong := strings.CutPrefix(argument, "--")
	name, _, _ = strings.Cut(name, "=")
	return isLong && name != "" && !strings.HasPrefix(name, "-") && flags.Lookup(name) != nil
}

func originalName(flag string) Name {
	i := slices.IndexFunc(declared, func(s Setting) bool {
		return normalized(string(s.Name)) == normalized(flag)
	})
	return declared[i].Name
}

// unknownFlag shows the flag's name only: what follows it may be a secret.
func unknownFlag(argument string) string {
	flag, _, _ := strings.Cut(argument, "=")
	message := "there is no flag " + quoted(flag, shownOfValue)
	if nearest, ok := nearestFlag(flag); ok {
		return message + "; did you mean " + nearest.Flag() + "?"
	}
	return message + "; --help shows them all"
}

func commandLineFault(err error) string {
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return "--" + wrong.GetFlag().Name + " is " + quoted(wrong.GetValue(), shownOfValue) + ", which is no value of it"
	}
	return "the command line cannot be read: " + quoted(err.Error(), shownOfValue)
}

// nearestFlag finds the flag that was most likely meant: the one that the fewest changed letters lead to,
// up to a third of them.
func nearestFlag(typed string) (Name, bool) {
	typed = normalized(typed)
	best, changes := Name(""), len(typed)/3+1
	for i := range declared {
		if d := distance(typed, normalized(string(declared[i].Name))); d < changes {
			best, changes = declared[i].Name, d
		}
	}
	return best, best != ""
}

// distance counts the letters to insert, remove or replace to make b of a (Levenshtein).
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
