package report

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func viewOf(rows ...row) view { return view{Phases: []phase{{Name: "Creation", Rows: rows}}} }

func minute(n int) time.Time {
	return time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
}

func done(title string, from, to int) row {
	return row{Title: title, State: stateCompleted, Started: minute(from), Ended: minute(to)}
}

func TestBarsShareOneScale(t *testing.T) {
	line := timelineOf(viewOf(done("a", 0, 30), done("b", 30, 60), done("c", 75, 120)))
	require.Len(t, line.Bars, 3)
	assert.Empty(t, line.Pauses)
	assert.InDelta(t, 0, line.Bars[0].Left, 0.01)
	assert.InDelta(t, 25, line.Bars[0].Width, 0.01)
	assert.InDelta(t, 25, line.Bars[1].Left, 0.01)
	assert.InDelta(t, 62.5, line.Bars[2].Left, 0.01)
	assert.InDelta(t, 37.5, line.Bars[2].Width, 0.01)
}

func TestALongPauseIsDrawnShorter(t *testing.T) {
	const days = 24 * 60
	line := timelineOf(viewOf(done("build", 0, 60), done("approval", 3*days, 3*days+60)))
	require.Len(t, line.Pauses, 1)
	assert.Equal(t, "2d 23h", line.Pauses[0].Label)
	assert.InDelta(t, 48.5, line.Bars[0].Width, 0.01)
	assert.InDelta(t, 48.5, line.Pauses[0].Left, 0.01)
	assert.InDelta(t, 51.5, line.Bars[1].Left, 0.01)
	assert.InDelta(t, 48.5, line.Bars[1].Width, 0.01)
}

func TestEveryBarStaysOnThePage(t *testing.T) {
	tests := map[string][]row{
		"nothing":                     nil,
		"not begun":                   {{Title: "a", State: stateWaiting}},
		"one point":                   {{Title: "a", State: stateCompleted, Ended: minute(5)}},
		"points only":                 {{Title: "a", State: stateCompleted, Ended: minute(5)}, {Title: "b", State: stateCompleted, Ended: minute(99999)}},
		"an end before its start":     {done("a", 50, 10)},
		"no length":                   {done("a", 10, 10)},
		"one inside another":          {done("a", 0, 100), done("b", 10, 20)},
		"running without a known now": {{Title: "a", State: stateRunning, Started: minute(1)}},
	}
	many := make([]row, 0, maxRows)
	for i := range maxRows {
		many = append(many, done("many", i*100_000, i*100_000+1))
	}
	tests["many far apart"] = many
	for name, rows := range tests {
		t.Run(name, func(t *testing.T) {
			line := timelineOf(viewOf(rows...))
			for _, bar := range line.Bars {
				assert.GreaterOrEqual(t, bar.Left, 0.0)
				assert.GreaterOrEqual(t, bar.Width, 0.0)
				assert.LessOrEqual(t, bar.Left+bar.Width, 100.01)
			}
		})
	}
}

func TestDurationsHaveTwoUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", 400 * time.Millisecond: "", time.Second: "1s", 59 * time.Second: "59s", 60 * time.Second: "1m 00s",
		3599 * time.Second: "59m 59s", time.Hour: "1h 00m", 25*time.Hour + 59*time.Minute: "1d 01h", -time.Hour: "",
	} {
		assert.Equal(t, want, span(d))
	}
}
