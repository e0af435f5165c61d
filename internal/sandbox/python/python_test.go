package python_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox/python"
)

func load(t *testing.T, text string) any {
	t.Helper()
	value, err := python.Loads([]byte(text))
	require.NoError(t, err, text)
	return value
}

func TestAValueIsWhatItIsInPython(t *testing.T) {
	t.Parallel()
	for text, is := range map[string]struct {
		name                    string
		truthy, isTrue, isFalse bool
		length                  int
		noLength, noIn          string
	}{
		`null`:    {name: "NoneType", noLength: "object of type 'NoneType' has no len()", noIn: "argument of type 'NoneType' is not iterable"},
		`true`:    {name: "bool", truthy: true, isTrue: true, noLength: "object of type 'bool' has no len()", noIn: "argument of type 'bool' is not iterable"},
		`false`:   {name: "bool", isFalse: true, noLength: "object of type 'bool' has no len()", noIn: "argument of type 'bool' is not iterable"},
		`1`:       {name: "int", truthy: true, isTrue: true, noLength: "object of type 'int' has no len()", noIn: "argument of type 'int' is not iterable"},
		`0`:       {name: "int", isFalse: true, noLength: "object of type 'int' has no len()", noIn: "argument of type 'int' is not iterable"},
		`1.0`:     {name: "float", truthy: true, isTrue: true, noLength: "object of type 'float' has no len()", noIn: "argument of type 'float' is not iterable"},
		`2`:       {name: "int", truthy: true, noLength: "object of type 'int' has no len()", noIn: "argument of type 'int' is not iterable"},
		`""`:      {name: "str"},
		`"false"`: {name: "str", truthy: true, length: 5},
		`"ü🚀"`:    {name: "str", truthy: true, length: 2},
		`[]`:      {name: "list"},
		`[0]`:     {name: "list", truthy: true, length: 1},
		`{}`:      {name: "dict"},
		`{"a":0}`: {name: "dict", truthy: true, length: 1},
	} {
		value := load(t, text)
		assert.Equal(t, is.name, python.TypeName(value), text)
		assert.Equal(t, is.truthy, python.Truthy(value), text)
		assert.Equal(t, is.isTrue, python.IsTrue(value), text)
		assert.Equal(t, is.isFalse, python.IsFalse(value), text)
		n, err := python.Len(value)
		assert.Equal(t, is.length, n, text)
		assertText(t, is.noLength, err, text)
		_, err = python.Has(value, "key")
		assertText(t, is.noIn, err, text)
	}
}

func assertText(t *testing.T, wanted string, err error, what string) {
	t.Helper()
	if wanted == "" {
		assert.NoError(t, err, what)
		return
	}
	assert.EqualError(t, err, wanted, what)
}

func TestAnItemThatIsNotThereIsAnExceptionByItsContainer(t *testing.T) {
	t.Parallel()
	for text, wanted := range map[string]string{
		`{"b":1}`: "'a'",
		`[1]`:     "list indices must be integers or slices, not str",
		`"abc"`:   "string indices must be integers, not 'str'",
		`null`:    "'NoneType' object is not subscriptable",
		`5`:       "'int' object is not subscriptable",
	} {
		_, err := python.Item(load(t, text), "a")
		assert.EqualError(t, err, wanted, text)
	}
	value, err := python.Item(load(t, `{"a":"x"}`), "a")
	require.NoError(t, err)
	assert.Equal(t, "x", value)
}

func TestTheSecondOfTwoMergedObjectsWins(t *testing.T) {
	t.Parallel()
	merged, err := python.Merge(load(t, `{"a":"new","b":"new"}`), load(t, `{"a":"old"}`))
	require.NoError(t, err)
	assert.Equal(t, python.Dict{"a": "old", "b": "new"}, merged)
	for _, text := range []string{`null`, `[]`, `"x"`} {
		_, err := python.Merge(load(t, text), python.Dict{})
		assert.EqualError(t, err, "'"+python.TypeName(load(t, text))+"' object is not a mapping")
		_, err = python.Merge(python.Dict{}, load(t, text))
		assert.Error(t, err)
	}
}

func TestADumpIsASCIIAndSorted(t *testing.T) {
	t.Parallel()
	value := load(t, `{"b":[1,2.50,true,null],"a":"ü🚀\n\t\"\\\u0001\u007f/<"}`)
	text := python.Dumps(value)
	assert.Equal(t, `{"a": "\u00fc\ud83d\ude80\n\t\"\\\u0001\u007f/<", "b": [1, 2.50, true, null]}`, text)
	assert.Equal(t, value, load(t, text))
	assert.Equal(t, `{"z":"x","a":[1,{}]}`, python.DumpsCompact([]python.Member{
		{Key: "z", Value: "x"}, {Key: "a", Value: python.List{json.Number("1"), python.Dict{}}},
	}))
}

func TestNumbersBreakWhatComesOutOfAndFractionsWhatGoesIntoTheTable(t *testing.T) {
	t.Parallel()
	for text, is := range map[string][2]error{
		`{"a":["x",null,true]}`: {nil, nil},
		`{"a":[{"b":1}]}`:       {python.ErrDecimal, nil},
		`[1.5]`:                 {python.ErrDecimal, python.ErrFloat},
		`1e3`:                   {python.ErrDecimal, python.ErrFloat},
	} {
		assert.Equal(t, is[0], python.Dumpable(load(t, text)), text)
		assert.Equal(t, is[1], python.Storable(load(t, text)), text)
	}
}

func TestWhatIsNoJSONIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "nope", "{} {}", `{"a":1}x`} {
		_, err := python.Loads([]byte(text))
		assert.Error(t, err, text)
	}
}
