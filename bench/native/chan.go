// Go's channels doing the benchmark's work. Prints one line of JSON; a warm-up of a quarter of the work comes first.
//
//	chan stream   <capacity> <senders> <receivers> <total>
//	chan pingpong <trips>

package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const span = 1 << 24

type seen struct {
	count, sum, disorder float64
}

func stream(capacity, senders, receivers, total int) (time.Duration, seen) {
	values := make(chan float64, capacity)
	ledgers := make([]seen, receivers)
	var done sync.WaitGroup
	start := time.Now()
	for s := 0; s < senders; s++ {
		go func(s int) {
			for i := 0; i < total/senders; i++ {
				values <- float64(s*span + i)
			}
		}(s)
	}
	for r := 0; r < receivers; r++ {
		done.Add(1)
		go func(r int) {
			defer done.Done()
			last := make([]float64, senders)
			for s := range last {
				last[s] = -1
			}
			var l seen
			for i := 0; i < total/receivers; i++ {
				v := <-values
				s := 0
				if senders > 1 {
					s = int(math.Floor(v / span))
				}
				index := v - float64(s*span)
				if !(index > last[s]) {
					l.disorder++
				}
				last[s] = index
				l.count++
				l.sum += v
			}
			ledgers[r] = l
		}(r)
	}
	done.Wait()
	took := time.Since(start)
	var all seen
	for _, l := range ledgers {
		all.count += l.count
		all.sum += l.sum
		all.disorder += l.disorder
	}
	return took, all
}

func pingpong(trips int) (time.Duration, seen) {
	ping, pong := make(chan float64), make(chan float64)
	go func() {
		for v := range ping {
			pong <- v + 1
		}
	}()
	var all seen
	start := time.Now()
	for i := 0; i < trips; i++ {
		ping <- float64(i)
		all.sum += <-pong
		all.count++
	}
	took := time.Since(start)
	close(ping)
	return took, all
}

func number(i int) int {
	n, err := strconv.Atoi(os.Args[i])
	if err != nil {
		panic(err)
	}
	return n
}

func main() {
	var took time.Duration
	var all seen
	if os.Args[1] == "stream" {
		quarter := number(5) / 4 / number(3) / number(4) * number(3) * number(4)
		stream(number(2), number(3), number(4), quarter)
		took, all = stream(number(2), number(3), number(4), number(5))
	} else {
		pingpong(number(2) / 4)
		took, all = pingpong(number(2))
	}
	fmt.Printf(`{"by":"%s","ns":%d,"count":%.0f,"sum":%.0f,"disorder":%.0f}`+"\n", runtime.Version()[:2], took.Nanoseconds(), all.count, all.sum, all.disorder)
}
