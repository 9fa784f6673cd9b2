// Figures of *Concurrency in Go*, ch. 4, re-expressed with channels of this library, faults and all: goroutines are promises of this thread. For
// test/patterns/book.test.ts, which shows the faults, and that they are not ours.

import { type Channel, CLOSED, channelOf, f64, type Receiver, type Runtime, select } from "../../src/index.ts";

type Done = Receiver<number>;

/** Goroutines a figure has started. */
export const goroutines = { count: 0 };

function spawn(body: () => Promise<unknown>): void {
  goroutines.count++;
  body().catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== "ERR_CLOSED") throw error; // it hung until its runtime was closed
  });
}

/** Go's receive expression: of a closed channel the zero value. */
async function receive(source: Receiver<number>): Promise<number> {
  const value = await source.recv();
  return value === CLOSED ? 0 : value;
}

/** "Some Handy Generators": receives before it looks at done, and as often as asked. */
export function take(rt: Runtime, done: Done, source: Receiver<number>, n: number): Receiver<number> {
  const out = rt.channel(f64, 0);
  spawn(async () => {
    for (let i = 0; i < n; i++) {
      const value = await receive(source);
      const { case: chosen } = await select({ done, sent: out.sender.sending(value) });
      if (chosen === "done") break;
    }
    out.close();
  });
  return out.receiver;
}

/** "The or-channel": a goroutine for every two more channels; all it tells is that something happened. */
export function or(rt: Runtime, channels: readonly Receiver<number>[]): Receiver<number> | undefined {
  if (channels.length <= 1) return channels[0];
  const any = rt.channel(f64, 0);
  spawn(async () => {
    if (channels.length === 2) await select([...channels]);
    else await select([...channels.slice(0, 3), or(rt, [...channels.slice(3), any.receiver])]);
    any.close();
  });
  return any.receiver;
}

/** "Fan-Out, Fan-In": each copier waits for its input, whatever done says. */
export function fanIn(rt: Runtime, done: Done, inputs: readonly Receiver<number>[]): Receiver<number> {
  const out = rt.channel(f64, 0);
  const copies = inputs.map(async (input) => {
    goroutines.count++;
    for await (const value of input) {
      const { case: chosen } = await select({ done, sent: out.sender.sending(value) });
      if (chosen === "done") return;
    }
  });
  spawn(() => Promise.all(copies).then(() => out.close()));
  return out.receiver;
}

/** "The bridge-channel": the inner select notices done, and the loop goes on with the next value. */
export function bridge(rt: Runtime, done: Done, outer: Channel<Channel<number>>): Receiver<number> {
  const out = rt.channel(f64, 0);
  spawn(async () => {
    for (;;) {
      const next = await select({ done, outer });
      if (next.case === "done" || next.value === CLOSED) break;
      for await (const value of next.value as Channel<number>) await select({ done, sent: out.sender.sending(value) });
    }
    out.close();
  });
  return out.receiver;
}

export const outerOf = channelOf(f64);
