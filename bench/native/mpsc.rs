// Rust's std::sync::mpsc::sync_channel doing the benchmark's work. Prints one line of JSON; a warm-up of a quarter of the work comes first.
//
//     mpsc stream   <capacity> <senders> <total>
//     mpsc pingpong <trips>

use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

const SPAN: f64 = 16_777_216.0;

struct Seen {
    count: f64,
    sum: f64,
    disorder: f64,
}

fn stream(capacity: usize, senders: usize, total: usize) -> (Duration, Seen) {
    let (sender, receiver) = sync_channel::<f64>(capacity);
    let start = Instant::now();
    let threads: Vec<_> = (0..senders)
        .map(|s| {
            let sender = sender.clone();
            thread::spawn(move || {
                for i in 0..total / senders {
                    sender.send(s as f64 * SPAN + i as f64).unwrap();
                }
            })
        })
        .collect();
    drop(sender);
    let mut last = vec![-1.0; senders];
    let mut seen = Seen { count: 0.0, sum: 0.0, disorder: 0.0 };
    for value in receiver {
        let s = if senders > 1 { (value / SPAN).floor() as usize } else { 0 };
        let index = value - s as f64 * SPAN;
        if !(index > last[s]) {
            seen.disorder += 1.0;
        }
        last[s] = index;
        seen.count += 1.0;
        seen.sum += value;
    }
    let took = start.elapsed();
    for thread in threads {
        thread.join().unwrap();
    }
    (took, seen)
}

fn pingpong(trips: usize) -> (Duration, Seen) {
    let (ping, pinged) = sync_channel::<f64>(0);
    let (pong, ponged) = sync_channel::<f64>(0);
    let thread = thread::spawn(move || {
        for value in pinged {
            pong.send(value + 1.0).unwrap();
        }
    });
    let mut seen = Seen { count: 0.0, sum: 0.0, disorder: 0.0 };
    let start = Instant::now();
    for i in 0..trips {
        ping.send(i as f64).unwrap();
        seen.sum += ponged.recv().unwrap();
        seen.count += 1.0;
    }
    let took = start.elapsed();
    drop(ping);
    thread.join().unwrap();
    (took, seen)
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| words[i].parse::<usize>().expect("a whole number");
    let (took, seen) = if words[0] == "stream" {
        stream(number(1), number(2), number(3) / 4 / number(2) * number(2));
        stream(number(1), number(2), number(3))
    } else {
        pingpong(number(1) / 4);
        pingpong(number(1))
    };
    println!(
        "{{\"by\":\"rust\",\"ns\":{},\"count\":{},\"sum\":{},\"disorder\":{}}}",
        took.as_nanos(),
        seen.count,
        seen.sum,
        seen.disorder
    );
}
