/**
 * Ringbuf.js as a contender: a ring between one bare Worker and another, into which one value at a time, or many, are pushed and popped. It never waits:
 * who finds it full or empty looks again. See https://github.com/padenot/ringbuf.js/blob/main/README.md and its src/ringbuf.ts
 */
import { RingBuffer } from "ringbuf.js";
import type { Contender, Sample } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";
import { nowNs, spun } from "./clock.ts";
import { Hired } from "./hired.ts";
import { Ledger, together } from "./numbers.ts";
import { markOf, nameOf } from "./witness.ts";

export function send(shared: SharedArrayBuffer, count: number, batch: number): number {
  const ring = new RingBuffer(shared, Float64Array);
  const values = new Float64Array(batch);
  const begun = nowNs();
  for (let from = 0; from < count; from += batch) {
    const length = Math.min(batch, count - from);
    for (let i = 0; i < length; i++) values[i] = from + i;
    for (let sent = 0, polls = 0; sent < length; ) {
      const pushed = ring.push(values, length - sent, sent);
      sent += pushed;
      if (pushed === 0) spun(polls++);
    }
  }
  return begun;
}

interface Reception {
  readonly ended: number;
  readonly ledger: Ledger;
  readonly by: string;
}

export function receive(shared: SharedArrayBuffer, count: number, batch: number): Reception {
  const ring = new RingBuffer(shared, Float64Array);
  const values = new Float64Array(batch);
  const ledger = new Ledger(1);
  for (let polls = 0; ledger.count < count; ) {
    const popped = ring.pop(values);
    for (let i = 0; i < popped; i++) ledger.add(values[i]!);
    if (popped === 0) spun(polls++);
    else polls = 0;
  }
  return { ended: nowNs(), ledger, by: nameOf(markOf(ring)) };
}

const HERE = sibling("ringbuf", import.meta.url);

export function ringbuf(capacity: number, total: number, batch: number): Contender {
  let sender: Hired;
  let receiver: Hired;
  return {
    name: "ringbuf.js",
    family: "ringbuf.js",
    async open() {
      [sender, receiver] = await Promise.all([Hired.start(HERE), Hired.start(HERE)]);
    },
    async run(): Promise<Sample> {
      const shared = RingBuffer.getStorageForCapacity(capacity, Float64Array) as SharedArrayBuffer;
      const receiving = receiver.call("receive", [shared, total, batch]) as Promise<Reception>;
      const begun = (await sender.call("send", [shared, total, batch])) as number;
      const { ended, ledger, by } = await receiving;
      return { value: (ended - begun) / total, seen: together([ledger]), by };
    },
    async close() {
      await Promise.all([sender.stop(), receiver.stop()]);
    },
  };
}
