// Go's own channels as one side of the differential test (test/support/differential.ts): does one operation a line, as it is told on standard input, and
// answers what has come of it and of every task that waited.
//
// A task is a goroutine with one operation at a time. After each line the program waits until every goroutine is asleep in a channel operation, which it
// reads off their states: nothing more can happen by itself then, and what has not settled waits.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"time"
)

type oneCase struct {
	Channel int  `json:"channel"`
	Send    *int `json:"send"`
}

type line struct {
	Do         string     `json:"do"`
	Capacities []int      `json:"capacities"`
	Channel    int        `json:"channel"`
	Task       int        `json:"task"`
	Cases      []*oneCase `json:"cases"` // null: a disabled one
	Plain      bool       `json:"plain"` // of one case, by a statement instead of a select
}

type answer struct {
	Seen    string         `json:"seen"`
	Settled map[int]string `json:"settled"`
	Lengths []int          `json:"lengths"`
}

const closed = "ERR_CHANNEL_CLOSED"

var (
	channels []chan int
	aborts   = map[int]chan struct{}{}
	lock     sync.Mutex
	settled  = map[int]string{}
	stacks   = make([]byte, 1<<16)
)

// The cases of a select; a disabled one is a nil channel's.
func selectCases(cases []*oneCase) []reflect.SelectCase {
	out := make([]reflect.SelectCase, len(cases))
	for i, one := range cases {
		out[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf((chan int)(nil))}
		if one == nil {
			continue
		}
		out[i].Chan = reflect.ValueOf(channels[one.Channel])
		if one.Send != nil {
			out[i].Dir = reflect.SelectSend
			out[i].Send = reflect.ValueOf(*one.Send)
		}
	}
	return out
}

func shown(cases []*oneCase, chosen int, value int, ok bool) string {
	if cases[chosen].Send != nil {
		return fmt.Sprintf("%d: sent", chosen)
	}
	if !ok {
		return fmt.Sprintf("%d: end", chosen)
	}
	return fmt.Sprintf("%d: %d", chosen, value)
}

// The last case of the list is the abort's, or the default.
func selectOne(cases []*oneCase, last reflect.SelectCase, otherwise string) (seen string) {
	defer func() {
		if recover() != nil {
			seen = closed
		}
	}()
	chosen, value, ok := reflect.Select(append(selectCases(cases), last))
	if chosen == len(cases) {
		return otherwise
	}
	received := 0
	if ok {
		received = int(value.Int())
	}
	return shown(cases, chosen, received, ok)
}

func tryPlain(one *oneCase) (seen string) {
	defer func() {
		if recover() != nil {
			seen = closed
		}
	}()
	cases := []*oneCase{one}
	if one.Send != nil {
		select {
		case channels[one.Channel] <- *one.Send:
			return shown(cases, 0, 0, true)
		default:
			return "none"
		}
	}
	select {
	case value, ok := <-channels[one.Channel]:
		return shown(cases, 0, value, ok)
	default:
		return "none"
	}
}

func waitPlain(one *oneCase, abort chan struct{}) (seen string) {
	defer func() {
		if recover() != nil {
			seen = closed
		}
	}()
	cases := []*oneCase{one}
	if one.Send != nil {
		select {
		case channels[one.Channel] <- *one.Send:
			return shown(cases, 0, 0, true)
		case <-abort:
			return "aborted"
		}
	}
	select {
	case value, ok := <-channels[one.Channel]:
		return shown(cases, 0, value, ok)
	case <-abort:
		return "aborted"
	}
}

func start(task int, cases []*oneCase, plain bool) {
	abort := make(chan struct{})
	aborts[task] = abort
	go func() {
		var seen string
		if plain {
			seen = waitPlain(cases[0], abort)
		} else {
			seen = selectOne(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(abort)}, "aborted")
		}
		lock.Lock()
		settled[task] = seen
		lock.Unlock()
	}()
}

func closeOne(channel chan int) (seen string) {
	defer func() {
		if recover() != nil {
			seen = closed
		}
	}()
	close(channel)
	return "closed"
}

// Waits until every goroutine but this one is asleep in a channel operation.
func rest() {
	for deadline := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		asleep := true
		for i, one := range strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			state := one[strings.Index(one, "[")+1:]
			asleep = asleep && (i == 0 || strings.HasPrefix(state, "select") || strings.HasPrefix(state, "chan "))
		}
		if asleep {
			return
		}
		if time.Now().After(deadline) {
			panic("a goroutine neither ends nor waits:\n" + string(stacks))
		}
	}
}

func do(told line) (seen string) {
	switch told.Do {
	case "open":
		if n := runtime.NumGoroutine(); n != 1 {
			panic(fmt.Sprint(n-1, " goroutines of the last program are left"))
		}
		channels = nil
		for _, capacity := range told.Capacities {
			channels = append(channels, make(chan int, capacity))
		}
	case "try":
		if told.Plain {
			return tryPlain(told.Cases[0])
		}
		return selectOne(told.Cases, reflect.SelectCase{Dir: reflect.SelectDefault}, "none")
	case "start":
		start(told.Task, told.Cases, told.Plain)
	case "abort":
		close(aborts[told.Task])
	case "close":
		return closeOne(channels[told.Channel])
	default:
		panic("expected open, try, start, abort or close, got " + told.Do)
	}
	return ""
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for decoder := json.NewDecoder(in); ; {
		var told line
		if decoder.Decode(&told) != nil {
			return
		}
		result := answer{Seen: do(told)}
		rest()
		lock.Lock()
		result.Settled, settled = settled, map[int]string{}
		lock.Unlock()
		for _, channel := range channels {
			result.Lengths = append(result.Lengths, len(channel))
		}
		if out.Encode(result) != nil {
			return
		}
	}
}
